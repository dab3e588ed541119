//! What one thread, or a few, have seen.

use super::{
    ProfileOptions,
    counts::Counts,
    histogram::Latency,
    over_time::Bins,
    running::{Entry, Running},
    shares::Totals,
    slowest::Slowest,
    task::ProfiledTask,
    workers::Workers,
};
use crate::TaskOutcome;
use std::{sync::Arc, time::Duration};

/// Everything is a sum of a kind, so lanes can be put together in any order.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) counts: Counts,
    pub(super) arrivals: Arrivals,
    /// When the last task ended.
    pub(super) last_end: u64,
    pub(super) totals: Totals,
    pub(super) wait: Latency,
    pub(super) run: Latency,
    pub(super) cpu: Latency,
    pub(super) blocked: Latency,
    pub(super) bins: Bins,
    pub(super) workers: Workers,
    pub(super) running: Running,
    pub(super) slowest: Slowest,
    /// The tasks that are kept one by one.
    pub(super) kept: Vec<ProfiledTask>,
    /// So many more may be kept without asking.
    pub(super) reserved: usize,
}

/// When tasks were submitted, at first and at last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrivals {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Arrivals {
    pub(super) fn span(self) -> Duration {
        Duration::from_nanos(self.last.saturating_sub(self.first))
    }
}

/// How a task ran.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ran {
    pub(super) id: u64,
    pub(super) ended: u64,
    pub(super) times: Times,
    pub(super) outcome: TaskOutcome,
}

/// In nanoseconds; the run contains the others, and what is left was blocked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) run: u64,
    pub(super) nested: u64,
    pub(super) cpu: u64,
    pub(super) contended: u64,
}

impl Lane {
    pub(super) fn new(options: &ProfileOptions) -> Self {
        Self {
            counts: Counts::default(),
            arrivals: Arrivals {
                first: u64::MAX,
                last: 0,
            },
            last_end: 0,
            totals: Totals::default(),
            wait: Latency::new(),
            run: Latency::new(),
            cpu: Latency::new(),
            blocked: Latency::new(),
            bins: Bins::new(),
            workers: Workers::default(),
            running: Running::default(),
            slowest: Slowest::new(options.slowest),
            kept: Vec::new(),
            reserved: 0,
        }
    }

    #[inline]
    pub(super) fn enqueued(&mut self, at: u64) {
        self.counts.submitted += 1;
        self.arrivals.first = self.arrivals.first.min(at);
        self.arrivals.last = self.arrivals.last.max(at);
        self.bins.enqueued(at);
    }

    #[inline]
    pub(super) fn started(&mut self, thread: usize, worker: &Arc<str>, task: ProfiledTask) {
        let started = task.enqueued + task.wait;
        self.bins.dequeued(started);
        let worker = self.workers.index(worker);
        let entry = Entry {
            thread,
            worker,
            started,
            task,
            nested: 0,
        };
        if self.running.begin(entry) {
            self.bins.began(started);
        }
    }

    /// A task that ran has ended; `None` if it is not known to have begun.
    #[inline]
    pub(super) fn ran(&mut self, ran: Ran) -> Option<Entry> {
        let Ran {
            id,
            ended,
            times,
            outcome,
        } = ran;
        let (mut entry, is_last) = self.running.end(id, times.run)?;
        if is_last {
            self.bins.ended(ended);
        }
        self.bins.finished(ended);
        self.last_end = self.last_end.max(ended);
        self.counts.add(outcome, 1);

        let task = &mut entry.task;
        task.run = times.run;
        task.nested = times.nested;
        task.cpu = times.cpu;
        task.contended = times.contended;
        task.outcome = Some(outcome);
        self.wait.record(task.wait);
        self.run.record(task.run);
        self.cpu.record(task.cpu);
        self.blocked.record(task.blocked_nanos());

        self.workers
            .ran(entry.worker, task.run - task.nested, task.cpu);
        self.totals.queued += u128::from(task.wait);
        self.totals.cpu += u128::from(task.cpu);
        self.totals.contended += u128::from(task.contended);
        self.totals.blocked += u128::from(task.blocked_nanos());

        if self.slowest.admits(task.run) {
            self.slowest
                .add(self.workers.sign(entry.worker, task.clone()));
        }
        Some(entry)
    }

    /// The task with the name of its thread.
    pub(super) fn signed(&self, entry: Entry) -> ProfiledTask {
        self.workers.sign(entry.worker, entry.task)
    }

    /// A task that ended without having run.
    pub(super) fn ended_unrun(&mut self, task: &ProfiledTask, outcome: TaskOutcome) {
        let ended = task.enqueued + task.wait;
        self.bins.dequeued(ended);
        self.last_end = self.last_end.max(ended);
        self.counts.add(outcome, 1);
    }

    /// Takes the tasks that run out of the books, as they are now.
    pub(super) fn take_running(&mut self, now: u64) -> Vec<ProfiledTask> {
        let take = |(entry, own): (Entry, u64)| {
            self.workers.runs(entry.worker, own);
            self.workers.sign(entry.worker, entry.task)
        };
        self.running.until(now).into_iter().map(take).collect()
    }

    /// Takes over what another lane has seen; its running tasks were taken out, and its kept tasks stay.
    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.arrivals.first = self.arrivals.first.min(other.arrivals.first);
        self.arrivals.last = self.arrivals.last.max(other.arrivals.last);
        self.last_end = self.last_end.max(other.last_end);
        self.totals.merge(&other.totals);
        self.wait.merge(&other.wait);
        self.run.merge(&other.run);
        self.cpu.merge(&other.cpu);
        self.blocked.merge(&other.blocked);
        self.bins.merge(&other.bins);
        self.workers.merge(&other.workers);
        self.slowest.merge(&other.slowest);
    }
}

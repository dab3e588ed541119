//! What one thread, or a few, have seen.

use super::{
    ProfileOptions,
    counts::Counts,
    over_time::Bins,
    running::{Ended, Entry, Running},
    shares::Totals,
    slowest::Slowest,
    tally::Tally,
    task::ProfiledTask,
    workers::Workers,
};
use crate::{TaskOutcome, observer::EnqueuedTask};
use std::time::Duration;

/// Everything is a sum of a kind, so lanes can be put together in any order.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) counts: Counts,
    pub(super) arrivals: Arrivals,
    /// When the last task ended.
    pub(super) last_end: u64,
    /// Of all tasks together, in nanoseconds.
    contended: u128,
    pub(super) wait: Tally,
    pub(super) run: Tally,
    pub(super) cpu: Tally,
    pub(super) blocked: Tally,
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

/// What is known of a task that ran and has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ran {
    /// The place of its thread in the table of the workers.
    worker: usize,
    enqueued: u64,
    wait: u64,
    times: Times,
    outcome: TaskOutcome,
}

/// In nanoseconds; the run contains the others, and what is left was blocked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) run: u64,
    pub(super) nested: u64,
    pub(super) cpu: u64,
    pub(super) contended: u64,
}

impl Times {
    fn blocked(self) -> u64 {
        self.run - self.nested - self.cpu - self.contended
    }
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
            contended: 0,
            wait: Tally::default(),
            run: Tally::default(),
            cpu: Tally::default(),
            blocked: Tally::default(),
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

    /// It is in the series from its end on, or from a snapshot on.
    #[inline]
    pub(super) fn started(&mut self, entry: Entry) {
        self.running.begin(entry);
    }

    /// A task that ran has ended; `None` if it is not known to have begun.
    #[inline]
    pub(super) fn ran(
        &mut self,
        task: &EnqueuedTask,
        times: Times,
        outcome: TaskOutcome,
    ) -> Option<Ran> {
        let Ended {
            worker,
            enqueued,
            started,
            is_outermost,
        } = self.running.end(task.id, times.run)?;
        let ran = Ran {
            worker,
            enqueued,
            wait: started - enqueued,
            times,
            outcome,
        };
        let ended = started + times.run;
        self.bins.ran(started, ended, is_outermost.into());
        self.last_end = self.last_end.max(ended);
        self.counts.add(outcome, 1);
        self.wait.record(ran.wait);
        self.run.record(times.run);
        self.cpu.record(times.cpu);
        self.blocked.record(times.blocked());
        self.workers
            .ran(worker, times.run - times.nested, times.cpu);
        self.contended += u128::from(times.contended);
        if self.slowest.admits(times.run) {
            self.slowest.add(self.profiled(task, ran));
        }
        Some(ran)
    }

    /// A task as it is shown.
    pub(super) fn profiled(&self, task: &EnqueuedTask, ran: Ran) -> ProfiledTask {
        let Ran { times, .. } = ran;
        ProfiledTask {
            worker: Some(self.workers.name(ran.worker)),
            run: times.run,
            nested: times.nested,
            cpu: times.cpu,
            contended: times.contended,
            outcome: Some(ran.outcome),
            ..ProfiledTask::new(task, ran.enqueued, ran.wait)
        }
    }

    /// A task that ended without having run.
    pub(super) fn ended_unrun(&mut self, task: &ProfiledTask, outcome: TaskOutcome) {
        let ended = task.enqueued + task.wait;
        self.bins.dequeued(ended);
        self.last_end = self.last_end.max(ended);
        self.counts.add(outcome, 1);
    }

    /// The tasks that run, as they are now; their time goes to the account of their threads.
    pub(super) fn take_running(&mut self, now: u64) -> Vec<ProfiledTask> {
        let mut running = Vec::new();
        for (started, is_outermost) in self.running.starts() {
            self.bins.started(started, is_outermost.into());
        }
        for (mut task, worker, own) in self.running.until(now) {
            self.workers.runs(worker, own);
            task.worker = Some(self.workers.name(worker));
            running.push(task);
        }
        running
    }

    /// Where the time went.
    pub(super) fn totals(&self) -> Totals {
        Totals {
            queued: self.wait.sum(),
            cpu: self.cpu.sum(),
            contended: self.contended,
            blocked: self.blocked.sum(),
        }
    }

    /// Takes over what another lane has seen; those that it runs and keeps stay there.
    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.arrivals.first = self.arrivals.first.min(other.arrivals.first);
        self.arrivals.last = self.arrivals.last.max(other.arrivals.last);
        self.last_end = self.last_end.max(other.last_end);
        self.contended += other.contended;
        self.wait.merge(&other.wait);
        self.run.merge(&other.run);
        self.cpu.merge(&other.cpu);
        self.blocked.merge(&other.blocked);
        self.bins.merge(&other.bins);
        self.workers.merge(&other.workers);
        self.slowest.merge(&other.slowest);
    }
}

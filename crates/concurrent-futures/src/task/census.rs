//! How many tasks run, and how many have ended in which way: the half of a pool's account that changes
//! with each task. It costs a worker three stores to a cache line of its own, and nobody else anything.
//!
//! A worker writes its own [`Count`], with plain stores, and everybody else counts in a common
//! place. Nobody adds up but who asks; and whoever does reads in the order opposite to a task's way: ended,
//! then running, then how many have come. Each is written before the next can be, so none
//! is counted that has not come, and what is neither ended nor running is queued.
//!
//! A task counts as ended before its outcome can be seen.
//!
//! Tasks that are cancelled by their caller's end are counted with their
//! [tombstones](super::tombstones), and added by who asks.
//!
//! These numbers are part of no protocol, so the model checker does not see them.

use super::state::Done;
use crate::sync::Padded;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    time::Duration,
};

/// What one worker has run.
#[derive(Debug, Default)]
pub(crate) struct Count {
    /// One or none: a task that runs above another one is counted in the common place.
    running: AtomicU64,
    completed: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    /// In nanoseconds.
    longest_wait: AtomicU64,
}

/// All methods but [`read`](Self::read) are for the worker alone.
impl Count {
    #[inline]
    pub(crate) fn begin(&self) {
        self.running.store(1, Release);
    }

    /// What was begun was no task, or ended elsewhere.
    #[inline]
    pub(crate) fn rest(&self) {
        self.running.store(0, Release);
    }

    #[inline]
    pub(crate) fn end(&self, done: Done) {
        self.rest();
        let ended = match done {
            Done::Value => &self.completed,
            Done::Error => &self.failed,
            Done::Cancelled => &self.cancelled,
        };
        ended.store(ended.load(Relaxed) + 1, Release);
    }

    pub(crate) fn waited(&self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        if time > self.longest_wait.load(Relaxed) {
            self.longest_wait.store(time, Relaxed);
        }
    }

    fn read(&self) -> Tally {
        // Ended first: see above.
        let (completed, failed) = (self.completed.load(Acquire), self.failed.load(Acquire));
        Tally {
            completed,
            failed,
            cancelled: self.cancelled.load(Acquire),
            longest_wait: Duration::from_nanos(self.longest_wait.load(Relaxed)),
            running: self.running.load(Acquire),
            ..Tally::default()
        }
    }
}

/// What was counted, or a part of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) running: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) cancelled: u64,
    pub(crate) rejected: u64,
    pub(crate) longest_wait: Duration,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.running += other.running;
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.rejected += other.rejected;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }

    /// How many tasks are not queued any more.
    pub(crate) fn begun(&self) -> u64 {
        self.running + self.completed + self.failed + self.cancelled
    }
}

/// What is counted by others than workers, or does not belong to one of them.
#[derive(Debug, Default)]
struct Common {
    running: AtomicU64,
    completed: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    rejected: AtomicU64,
    /// Tasks that did not come by the queue.
    beside_the_queue: AtomicU64,
    /// What was pushed and is no task, but stands for others; and items that came and were not taken.
    stand_ins: AtomicU64,
}

#[derive(Debug, Default)]
struct Workers {
    counts: BTreeMap<usize, Arc<Padded<Count>>>,
    /// Of those that have ended.
    ended: Tally,
}

#[derive(Debug, Default)]
pub(crate) struct Census {
    common: Padded<Common>,
    workers: Mutex<Workers>,
}

impl Census {
    /// A place for the worker of this number.
    pub(crate) fn enter(&self, number: usize) -> Arc<Padded<Count>> {
        let count = Arc::<Padded<Count>>::default();
        let mut workers = self.workers();
        workers.counts.insert(number, Arc::clone(&count));
        count
    }

    /// The worker has ended.
    pub(crate) fn leave(&self, number: usize) {
        let mut workers = self.workers();
        if let Some(count) = workers.counts.remove(&number) {
            workers.ended.add(&count.read());
        }
    }

    fn workers(&self) -> std::sync::MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody who is no worker, or a worker that waits in a task, runs a task.
    pub(crate) fn begin(&self) {
        self.common.running.fetch_add(1, Release);
    }

    /// The same has ended.
    pub(crate) fn end(&self, done: Done) {
        self.common.running.fetch_sub(1, Release);
        self.end_unrun(done);
    }

    /// A task has ended that did not run, and leaves no tombstone.
    pub(crate) fn end_unrun(&self, done: Done) {
        let ended = match done {
            Done::Value => &self.common.completed,
            Done::Error => &self.common.failed,
            Done::Cancelled => &self.common.cancelled,
        };
        ended.fetch_add(1, Release);
    }

    /// A task was not taken.
    pub(crate) fn reject(&self) {
        self.common.rejected.fetch_add(1, Relaxed);
    }

    /// What was counted as having come was not taken.
    pub(crate) fn turn_away(&self) {
        self.common.stand_ins.fetch_add(1, Relaxed);
        self.reject();
    }

    /// A task comes that will not be pushed.
    pub(crate) fn come_beside_the_queue(&self) {
        self.common.beside_the_queue.fetch_add(1, Relaxed);
    }

    /// What is about to be pushed is no task.
    pub(crate) fn stand_in(&self) {
        self.common.stand_ins.fetch_add(1, Relaxed);
    }

    /// It was not pushed.
    pub(crate) fn stand_in_refused(&self) {
        self.common.stand_ins.fetch_sub(1, Relaxed);
    }

    /// All that has begun. What [`came`](Self::came) is to be asked for after it.
    pub(crate) fn begun(&self) -> Tally {
        let common = &*self.common;
        let mut all = Tally {
            cancelled: common.cancelled.load(Acquire),
            rejected: common.rejected.load(Relaxed),
            completed: common.completed.load(Acquire),
            failed: common.failed.load(Acquire),
            running: common.running.load(Acquire),
            longest_wait: Duration::ZERO,
        };
        let workers = self.workers();
        all.add(&workers.ended);
        for count in workers.counts.values() {
            all.add(&count.read());
        }
        all
    }

    /// How many tasks have come, if so many slots were pushed. A stand-in that is on its way may count for
    /// a moment.
    pub(crate) fn came(&self, pushed: impl FnOnce() -> u64) -> u64 {
        let stand_ins = self.common.stand_ins.load(Acquire);
        let beside = self.common.beside_the_queue.load(Acquire);
        (pushed() + beside).saturating_sub(stand_ins)
    }
}

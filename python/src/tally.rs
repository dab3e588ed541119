//! Tasks that end beside the queue: cancelled, or run where they are waited for or submitted. The
//! crate counts what its workers take out of the queue, and knows nothing of these.
//!
//! What such a task leaves in the queue, the crate counts as queued, and when a worker has passed it,
//! as cancelled or failed; [`Tally::correct`] sets that right.

use crate::work::Run;
use concurrent_futures::{Stats, rim::Refusal};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

#[derive(Default)]
pub(crate) struct Tally {
    completed: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    running: AtomicU64,
    /// Those that left nothing in the queue.
    unqueued: AtomicU64,
    /// What was left in the queue, was passed, and was counted as cancelled, or as failed.
    passed_as_cancelled: AtomicU64,
    passed_as_failed: AtomicU64,
    /// Not taken at all.
    rejected: AtomicU64,
}

/// By the pools' numbers. Held for a moment, and never while Python code runs.
static TALLIES: Mutex<BTreeMap<u32, Arc<Tally>>> = Mutex::new(BTreeMap::new());

fn tallies() -> MutexGuard<'static, BTreeMap<u32, Arc<Tally>>> {
    TALLIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// That of the pool, if it is still there.
pub(crate) fn of(pool: u32) -> Option<Arc<Tally>> {
    tallies().get(&pool).cloned()
}

fn add_one(to: &AtomicU64) {
    to.fetch_add(1, Relaxed);
}

impl Tally {
    pub(crate) fn open(pool: u32) -> Arc<Self> {
        let tally = Arc::<Self>::default();
        tallies().insert(pool, Arc::clone(&tally));
        tally
    }

    pub(crate) fn close(pool: u32) {
        tallies().remove(&pool);
    }

    /// A task begins.
    pub(crate) fn begin(&self) {
        add_one(&self.running);
    }

    /// It ended so; nothing, if it did not begin.
    pub(crate) fn end(&self, ended: Run) {
        match ended {
            Run::Nothing => return,
            Run::Completed => add_one(&self.completed),
            Run::Failed => add_one(&self.failed),
        }
        self.running.fetch_sub(1, Relaxed);
    }

    pub(crate) fn cancel(&self) {
        add_one(&self.cancelled);
    }

    /// It will not run, and was ended by an error.
    pub(crate) fn fail(&self) {
        add_one(&self.failed);
    }

    pub(crate) fn come_unqueued(&self) {
        add_one(&self.unqueued);
    }

    pub(crate) fn reject(&self) {
        add_one(&self.rejected);
    }

    /// A worker found nothing to do where a task was.
    pub(crate) fn pass(&self) {
        add_one(&self.passed_as_cancelled);
    }

    /// The crate took it out of the queue for this reason, and counts it by that.
    pub(crate) fn pass_refused(&self, reason: Refusal) {
        add_one(match reason {
            Refusal::Cancelled => &self.passed_as_cancelled,
            _ => &self.passed_as_failed,
        });
    }

    /// The crate's numbers, as they are.
    pub(crate) fn correct(&self, mut stats: Stats) -> Stats {
        let get = |count: &AtomicU64| count.load(Relaxed);
        let (as_cancelled, as_failed) =
            (get(&self.passed_as_cancelled), get(&self.passed_as_failed));
        let (completed, failed) = (get(&self.completed), get(&self.failed));
        let (cancelled, running) = (get(&self.cancelled), get(&self.running));
        let beside = completed + failed + cancelled + running;
        let seen = as_cancelled + as_failed + get(&self.unqueued);
        stats.queued = (stats.queued + seen).saturating_sub(beside);
        stats.running += running;
        stats.completed += completed;
        stats.failed = (stats.failed + failed).saturating_sub(as_failed);
        stats.cancelled = (stats.cancelled + cancelled).saturating_sub(as_cancelled);
        stats.rejected += get(&self.rejected);
        stats.submitted =
            stats.queued + stats.running + stats.completed + stats.failed + stats.cancelled;
        stats
    }
}

use super::Ambience;
use crate::{
    observer::TaskOutcome,
    observing::{Observation, Promise},
};
use std::{sync::Arc, time::Instant};

/// What few tasks have, besides their room in the queue.
#[derive(Default)]
pub(crate) struct Dress {
    pub(super) name: Option<Arc<str>>,
    pub(super) ambience: Ambience,
    pub(super) watch: Watch,
}

/// Who wants to know what becomes of a task.
#[derive(Default)]
pub(super) enum Watch {
    #[default]
    No,
    /// The pool, how long it waits; it was submitted then.
    Timed(Instant),
    /// Those who observe the pool.
    Observed(Observation),
    /// They, of a follow-up.
    Due(Arc<Promise>),
}

impl Dress {
    /// Nothing is left in it.
    #[inline]
    pub(super) fn empty(&mut self) {
        self.name = None;
        self.watch = Watch::No;
        if !self.ambience.is_none() {
            self.ambience = Ambience::default();
        }
    }

    /// When the task was submitted, if that is known.
    pub(super) fn submitted(&self) -> Option<Instant> {
        match &self.watch {
            Watch::Timed(submitted) => Some(*submitted),
            Watch::Observed(observed) => Some(observed.enqueued()),
            Watch::No | Watch::Due(_) => None,
        }
    }

    /// The task is about to run, or to end. Whether its own code runs; of a follow-up that falls due only
    /// now, since its waiter runs it in place, that is what `is_due` says.
    pub(super) fn redeem(&mut self, is_due: impl FnOnce() -> bool) -> bool {
        let Watch::Due(promise) = &self.watch else {
            return true;
        };
        let (observed, runs) = promise.redeem(is_due());
        self.watch = Watch::Observed(observed);
        runs
    }

    pub(super) fn end_observed(&mut self, outcome: impl Into<TaskOutcome>) {
        self.redeem(|| false);
        if let Watch::Observed(observed) = &mut self.watch {
            observed.end(outcome.into());
        }
    }
}

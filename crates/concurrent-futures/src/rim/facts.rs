//! What observers are told of a host's tasks. The host keeps the facts with its task, and tells what becomes
//! of it, since it knows of ends that the pool does not: a task that was cancelled, or run by its waiter.

use super::Pool;
use crate::{
    observer::TaskOutcome,
    observing::{self, Audience, Observation},
};
use std::{fmt, panic::Location, sync::Arc};

/// Those of one task, which was told as enqueued. Dropped, the task is told as cancelled.
pub struct Facts {
    observation: Observation,
    audience: Arc<Audience>,
}

/// Those of a task that runs, on the thread that runs it.
#[must_use]
pub struct Run(observing::Run);

impl Pool {
    /// Tells that a task has come, before it is [submitted](Self::submit). None if nobody observes the pool.
    #[track_caller]
    pub fn observe(&self, name: Option<Arc<str>>) -> Option<Facts> {
        let audience = self.core.audience()?;
        Some(Facts {
            observation: audience.observe(name, Location::caller()),
            audience: Arc::clone(audience),
        })
    }
}

impl Facts {
    /// The calling thread is about to run the task.
    pub fn start(&self) -> Run {
        Run(self.observation.start(Some(&self.audience)))
    }

    /// It has run, on the calling thread, and what it has run above itself has ended.
    pub fn finish(mut self, run: Run, outcome: TaskOutcome) {
        let Run(run) = run;
        self.observation.finish(&run, outcome, Some(&self.audience));
    }

    /// It will not run.
    pub fn end(mut self, outcome: TaskOutcome) {
        self.observation.end(outcome);
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").finish_non_exhaustive()
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").finish_non_exhaustive()
    }
}

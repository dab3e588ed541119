//! The facts of a follow-up: it is enqueued when the task that it follows has ended.

use super::{Observation, Observers, Site, current_task, next_id};
use crate::observer::EnqueuedTask;
use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

/// Held by the follow-up, and by what waits for the task that it follows.
pub(crate) struct Promise {
    observers: Arc<Observers>,
    id: u64,
    site: Site,
    parent: Option<u64>,
    due: OnceLock<Due>,
}

struct Due {
    task: EnqueuedTask,
    /// Whether it is to run. It is not if there is nothing to be followed.
    runs: bool,
}

impl Promise {
    pub(crate) fn new(observers: &Arc<Observers>, site: Site) -> Arc<Self> {
        Arc::new(Self {
            observers: Arc::clone(observers),
            id: next_id(),
            site,
            parent: current_task(),
            due: OnceLock::new(),
        })
    }

    /// The task that it follows has ended.
    pub(crate) fn fall_due(&self, runs: bool) {
        self.due(runs);
    }

    /// The follow-up is about to run, or to end; if it was not due, it will not run. Whether it does.
    pub(crate) fn redeem(&self) -> (Observation, bool) {
        let Due { task, runs } = self.due(false);
        (Observation::told(&self.observers, task.clone()), *runs)
    }

    /// Tells that it is enqueued, once. Who cancels it at the very moment at which it falls due waits until
    /// the observers have heard of that, so that they hear of its end afterwards.
    fn due(&self, runs: bool) -> &Due {
        self.due.get_or_init(|| {
            let task = EnqueuedTask {
                id: self.id,
                name: None,
                location: self.site,
                parent: self.parent,
                enqueued: Instant::now(),
            };
            self.observers.tell(|observer| observer.enqueued(&task));
            Due { task, runs }
        })
    }
}

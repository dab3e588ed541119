//! The facts of a follow-up: it is enqueued when the task that it follows has ended.

use super::{Audience, Moment, Observation, Site, current_task, next_id};
use crate::observer::EnqueuedTask;
use std::sync::{Arc, OnceLock};

/// Held by the follow-up, and by what waits for the task that it follows.
pub(crate) struct Promise {
    audience: Arc<Audience>,
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
    pub(crate) fn new(audience: &Arc<Audience>, site: Site) -> Arc<Self> {
        Arc::new(Self {
            audience: Arc::clone(audience),
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

    /// The follow-up is about to run, or to end; if it was not due, it is now, and runs or does not. Whether
    /// it does.
    pub(crate) fn redeem(&self, runs: bool) -> (Observation, bool) {
        let Due { task, runs } = self.due(runs);
        (Observation::told_last(&self.audience, task.clone()), *runs)
    }

    /// Tells that it is enqueued, once. Who cancels it at the very moment at which it falls due waits until
    /// the observers have heard of that, so that they hear of its end afterwards.
    fn due(&self, runs: bool) -> &Due {
        self.due.get_or_init(|| {
            let now = Moment::now();
            let task = EnqueuedTask {
                id: self.id,
                name: None,
                location: self.site,
                parent: self.parent,
                enqueued: now.at,
                enqueued_nanos: now.nanos,
            };
            self.audience.tell(|observer| observer.enqueued(&task));
            Due { task, runs }
        })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::observer::{FinishedTask, Observer, TaskOutcome};
    use crate::observing::Observers;
    use std::{
        panic::Location,
        sync::atomic::{AtomicU32, Ordering::Relaxed},
    };

    #[derive(Default)]
    struct Counts {
        enqueued: AtomicU32,
        finished: AtomicU32,
    }

    impl Observer for Counts {
        fn enqueued(&self, _: &EnqueuedTask) {
            self.enqueued.fetch_add(1, Relaxed);
        }

        fn finished(&self, _: &FinishedTask<'_>) {
            self.finished.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn a_follow_up_whose_pool_is_gone_has_an_end_that_is_told() {
        let counts = Arc::new(Counts::default());
        let mut observers = Observers::default();
        observers.add(Arc::clone(&counts));
        let promise = Promise::new(&Audience::new(observers), Location::caller());
        promise.fall_due(false);
        let (mut observation, runs) = promise.redeem(false);
        drop(promise);
        observation.end(TaskOutcome::Cancelled);
        let told = (counts.enqueued.load(Relaxed), counts.finished.load(Relaxed));
        assert_eq!((told, runs), ((1, 1), false));
    }
}

//! Waking and starting workers for what is queued, as [`idle`](super::idle) decides.

use super::{
    Pool,
    idle::Rouse,
    serving::{Service, Serving},
    threads::{StartError, start_error},
    worker,
};
use crate::task::Ending;
use std::{io, sync::Arc};

impl Pool {
    /// A refusal is often over at once, and the next occasion to try may be far.
    const START_ATTEMPTS: u32 = 3;

    /// There is new work: sees to it that somebody looks for it.
    #[inline]
    pub(super) fn announce(self: &Arc<Self>) {
        if self.idle.should_rouse() {
            self.rouse();
        }
    }

    /// Wakes or starts one worker, if nobody is looking for work already. Whether it did.
    #[cold]
    pub(super) fn rouse(self: &Arc<Self>) -> bool {
        self.rouse_by(|| self.idle.rouse(|| self.queue.len()))
    }

    /// The same for a worker that found work, and sees more than those that are awake can take.
    pub(super) fn rouse_for_backlog(self: &Arc<Self>) {
        self.rouse_by(|| self.idle.rouse_for_backlog(|| self.queue.len()));
    }

    fn rouse_by(self: &Arc<Self>, pick: impl Fn() -> Rouse) -> bool {
        // Whoever sleeps does so in the parent, and a new worker would run what is the parent's.
        if self.is_inherited() {
            return false;
        }
        for _ in 0..Self::START_ATTEMPTS {
            match pick() {
                Rouse::Nobody => return false,
                Rouse::Woken(sleeper) => {
                    sleeper.wake();
                    return true;
                }
                // A shutdown may have seen that all is over before this worker was counted.
                Rouse::Start if self.is_over() => {
                    self.dismiss_unstarted();
                    return false;
                }
                Rouse::Start => {}
            }
            let Err(error) = self.start_worker() else {
                return true;
            };
            self.start_failed(error);
            // Whoever submitted meanwhile may have counted on the worker that did not start. If any
            // worker lives, it will come to what is queued even if no attempt succeeds.
            if self.queue.is_empty() {
                break;
            }
        }
        false
    }

    /// Whether no task is queued, and none will be but by a worker that runs one.
    pub(super) fn is_over(&self) -> bool {
        self.queue.is_closed() && self.queue.is_empty()
    }

    /// Takes a worker off the word that was counted as coming, and is not started.
    pub(super) fn dismiss_unstarted(self: &Arc<Self>) {
        let last = self.idle.start_failed();
        // A worker may have put something into the closed queue, and counted on this one.
        if !self.queue.is_empty() {
            self.rouse();
        } else if last {
            self.threads.drained();
        }
    }

    /// Starts the worker that `Idle` has counted as coming already.
    pub(super) fn start_worker(self: &Arc<Self>) -> Result<(), StartError> {
        let pool = Arc::clone(self);
        let lost = Arc::clone(self);
        let _serving = Serving::begin(self.id, Service::Starting);
        self.threads.start(
            move |enlisted| worker::live(pool, enlisted),
            move |number| {
                lost.threads.strike_off(number);
                lost.start_failed(start_error(io::Error::other(
                    "the thread factory dropped a worker",
                )));
                if !lost.queue.is_empty() {
                    lost.rouse();
                }
            },
        )
    }

    /// A worker that was counted as coming does not come.
    pub(super) fn start_failed(&self, error: StartError) {
        // First off the word, so that whoever submits from now on tries for itself; what is queued
        // by then has nobody left to run it, if this was the only worker.
        if self.idle.start_failed() {
            self.end_queued(&Ending::NoThread(Arc::new(error)));
        }
    }

    pub(super) fn wake_all(&self) {
        for sleeper in self.idle.rouse_all() {
            sleeper.wake();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::{
        pool::{dressing::Dressing, sizing::Sizing, threads::Threads},
        queue::Gate,
        task::{Handle, work::Plain},
        time::Limit,
    };

    fn pool() -> Arc<Pool> {
        let threads = Threads::new("test".to_owned(), None, None);
        Pool::new(Sizing::up_to(2), threads, None, Dressing::default())
    }

    #[test]
    fn a_shutdown_waits_for_a_worker_that_is_counted_and_not_yet_on_the_roster() {
        let pool = pool();
        assert!(pool.idle.hire_up_to(1));
        pool.close();

        assert!(pool.join(Limit::Poll).is_err());
        assert!(pool.start_worker().is_ok());
        pool.join(Limit::Forever).expect("an end without limit");
        assert_eq!(pool.worker_count(), 0);
    }

    #[test]
    fn no_worker_is_started_when_all_is_over() {
        let pool = pool();
        pool.close();
        let joins = std::thread::spawn({
            let pool = Arc::clone(&pool);
            assert!(pool.idle.hire_up_to(1));
            move || pool.join(Limit::Forever)
        });
        assert!(!pool.rouse_by(|| Rouse::Start));
        let joined = joins.join().expect("no panic");
        joined.expect("an end without limit");
        assert_eq!(pool.worker_count(), 0);
    }

    #[test]
    fn the_queue_is_tidied_when_many_are_cancelled() {
        const TASKS: usize = 20_000;
        let pool = pool();
        let push = |_| pool.queue.push(Plain(|| ()), Gate::UntilClosed).ok();
        let handles: Vec<_> = (0..TASKS).filter_map(push).collect();
        assert!(handles.len() == TASKS && handles.iter().all(Handle::cancel));
        assert!(pool.queue.len() < TASKS / 2);
    }
}

//! Tasks that never run are finished all the same.

use std::{io, time::Duration};

use concurrent_futures::{Builder, Future, Shutdown, TaskOutcome, ThreadPoolExecutor, WhenFull};

use crate::{
    support::{Held, hold, watchdog},
    witness::Witness,
};

/// The task that holds the only worker.
const HOLDER: (TaskOutcome, bool) = (TaskOutcome::Completed, true);

fn builder() -> Builder {
    ThreadPoolExecutor::builder().max_workers(1)
}

fn unrun(outcome: TaskOutcome) -> (TaskOutcome, bool) {
    (outcome, false)
}

#[test]
fn a_cancelled_task_has_finished_when_cancel_returns() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder());
        let held = hold(&pool, 1);
        let future = pool.submit(|| 1);
        assert!(witness.stories()[1].end.is_none());
        assert!(future.cancel());
        assert_eq!(witness.stories()[1].fate(), unrun(TaskOutcome::Cancelled));
        drop(held);
    });
}

#[test]
fn a_cancelled_task_that_somebody_waits_for_too() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder());
        let held = hold(&pool, 1);
        let future = pool.submit(|| 1);
        future.add_done_callback(|_| ());
        assert!(future.cancel());
        assert_eq!(witness.stories()[1].fate(), unrun(TaskOutcome::Cancelled));
        drop(held);
    });
}

/// Once a task is claimed its pool does not wait for it, so the pool may be gone before the closure is.
#[test]
fn a_cancelled_task_has_finished_also_if_its_pool_goes_meanwhile() {
    struct EndsPool(Option<(Held, ThreadPoolExecutor)>);

    impl Drop for EndsPool {
        fn drop(&mut self) {
            let (held, pool) = self.0.take().expect("dropped once");
            held.release();
            drop(pool);
        }
    }

    watchdog(|| {
        let (pool, witness) = Witness::of(builder());
        let held = hold(&pool, 1);
        let last = EndsPool(Some((held, pool.clone())));
        let future = pool.submit(move || drop(last));
        drop(pool);
        assert!(future.cancel());
        assert_eq!(witness.fates(), [HOLDER, unrun(TaskOutcome::Cancelled)]);
    });
}

#[test]
fn a_task_whose_deadline_is_over_does_not_start() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder());
        let late = pool.task().timeout(Duration::ZERO).submit(|| 1);
        assert!(late.result().is_err());
        assert_eq!(witness.fates(), [unrun(TaskOutcome::DeadlineExceeded)]);
    });
}

#[test]
fn a_task_after_the_shutdown_is_rejected() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder());
        pool.shutdown();
        assert!(pool.submit(|| 1).result().is_err());
        assert!(pool.map([1], |n| n).next().unwrap().is_err());
        assert_eq!(witness.fates(), [unrun(TaskOutcome::Rejected); 2]);
    });
}

#[test]
fn a_task_that_finds_the_queue_full_is_rejected() {
    watchdog(|| {
        let bounded = builder().queue_capacity(1).when_full(WhenFull::Reject);
        let (pool, witness) = Witness::of(bounded);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| 1);
        assert!(pool.submit(|| 2).result().is_err());
        assert!(pool.offer(|| 3).is_err());
        drop(held);
        queued.result().unwrap();
        let rejected = unrun(TaskOutcome::Rejected);
        assert_eq!(witness.fates(), [HOLDER, HOLDER, rejected, rejected]);
    });
}

#[test]
fn a_task_that_gives_way_is_discarded() {
    watchdog(|| {
        let bounded = builder()
            .queue_capacity(1)
            .when_full(WhenFull::DiscardOldest);
        let (pool, witness) = Witness::of(bounded);
        let held = hold(&pool, 1);
        let old = pool.submit(|| 1);
        let new = pool.submit(|| 2);
        assert!(old.result().is_err());
        drop(held);
        new.result().unwrap();
        let discarded = unrun(TaskOutcome::Discarded);
        assert_eq!(witness.fates(), [HOLDER, discarded, HOLDER]);
    });
}

#[test]
fn what_a_shutdown_cancels_is_cancelled() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder());
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..3).map(|n| pool.submit(move || n)).collect();
        let cancel = Shutdown::new().cancel_futures().no_wait();
        pool.shutdown_with(cancel).unwrap();
        assert!(queued.iter().all(Future::done));
        drop(held);
        pool.shutdown();
        let cancelled = unrun(TaskOutcome::Cancelled);
        assert_eq!(witness.fates(), [HOLDER, cancelled, cancelled, cancelled]);
    });
}

#[test]
fn tasks_of_a_broken_pool_are_broken() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder().initializer(|| Err::<(), _>("no")));
        assert!(pool.submit(|| 1).result().is_err());
        assert!(pool.submit(|| 2).result().is_err());
        assert_eq!(witness.fates(), [unrun(TaskOutcome::Broken); 2]);
    });
}

#[test]
fn tasks_that_get_no_thread_are_broken() {
    watchdog(|| {
        let refusing = builder().thread_factory(|_| Err(io::Error::other("no threads today")));
        let (pool, witness) = Witness::of(refusing);
        assert!(pool.submit(|| 1).result().is_err());
        assert_eq!(witness.fates(), [unrun(TaskOutcome::Broken)]);
    });
}

#[test]
fn a_context_that_does_not_run_its_task_fails_it() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder().context(|| |_: &mut dyn FnMut()| ()));
        assert!(pool.submit(|| 1).result().is_err());
        assert_eq!(witness.fates(), [(TaskOutcome::Panicked, true)]);
    });
}

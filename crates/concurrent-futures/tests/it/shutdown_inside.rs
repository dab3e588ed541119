//! shutdown called by the pool's own workers.

use std::sync::mpsc;

use concurrent_futures::Shutdown;

use crate::support::{hold, pool, refused_by_shutdown, watchdog};

#[test]
fn by_a_task_it_does_not_wait() {
    watchdog(|| {
        let pool = pool(1);
        let (sender, queued) = mpsc::channel();
        let task = pool.submit({
            let pool = pool.clone();
            move || {
                sender.send(pool.submit(|| "queued before")).unwrap();
                pool.shutdown();
                pool.submit(|| ())
            }
        });
        refused_by_shutdown(task.result().unwrap());
        assert_eq!(queued.recv().unwrap().result().unwrap(), "queued before");
        pool.shutdown();
    });
}

#[test]
fn by_a_task_that_asks_to_wait_it_says_why_not() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit({
            let pool = pool.clone();
            move || pool.shutdown_with(Shutdown::new())
        });
        let error = task.result().unwrap().unwrap_err();
        assert!(error.is_own_worker());
        assert!(!error.is_timeout());
        refused_by_shutdown(pool.submit(|| ()));
    });
}

#[test]
fn by_a_task_without_waiting() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit({
            let pool = pool.clone();
            move || pool.shutdown_with(Shutdown::new().no_wait()).is_ok()
        });
        assert!(task.result().unwrap());
        refused_by_shutdown(pool.submit(|| ()));
    });
}

#[test]
fn by_a_task_with_cancelling() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let closer = pool.submit({
            let pool = pool.clone();
            move || {
                pool.shutdown_with(Shutdown::new().no_wait().cancel_futures())
                    .is_ok()
            }
        });
        let queued = pool.submit(|| ());
        held.release();
        assert!(closer.result().unwrap());
        assert!(queued.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn by_a_task_of_another_pool_it_waits() {
    watchdog(|| {
        let (outer, inner) = (pool(1), pool(1));
        let held = hold(&inner, 1);
        let closer = outer.submit({
            let inner = inner.clone();
            move || {
                inner.shutdown();
                inner.worker_count()
            }
        });
        held.release();
        assert_eq!(closer.result().unwrap(), 0);
    });
}

#[test]
fn by_a_callback() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, answer) = mpsc::channel();
        let task = pool.submit(|| ());
        task.add_done_callback({
            let pool = pool.clone();
            move |_| {
                let waiting = pool.shutdown_with(Shutdown::new()).unwrap_err();
                pool.shutdown();
                sender.send(waiting.is_own_worker()).unwrap();
            }
        });
        let queued = pool.submit(|| 1);
        held.release();
        assert!(answer.recv().unwrap());
        assert_eq!(queued.result().unwrap(), 1);
    });
}

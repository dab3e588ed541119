//! Nobody waits for ever on a pool that is closed or broken.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use concurrent_futures::{Future, Shutdown, TaskError, ThreadPoolExecutor, WhenFull};

use super::bounded;
use crate::support::{hold, refused_by_shutdown, watchdog};

/// Threads that submit until they are refused, and give the futures of their last submits.
fn submitters(pool: &ThreadPoolExecutor, count: usize) -> mpsc::Receiver<Future<()>> {
    let (refused, ends) = mpsc::channel();
    for _ in 0..count {
        let (pool, refused) = (pool.clone(), refused.clone());
        thread::spawn(move || {
            loop {
                let future = pool.submit(|| ());
                if future.done() {
                    drop(pool);
                    return refused.send(future).unwrap();
                }
            }
        });
    }
    ends
}

/// Returns when the queue is full, so that the next submit has to wait.
fn wait_until_full(pool: &ThreadPoolExecutor) {
    while pool.offer(|| ()).is_ok() {}
}

#[test]
fn a_shutdown_lets_those_who_wait_go() {
    watchdog(|| {
        for cancel in [false, true] {
            let pool = bounded(1, 2, WhenFull::Block);
            let held = hold(&pool, 1);
            let ends = submitters(&pool, 3);
            wait_until_full(&pool);
            let mut how = Shutdown::new().no_wait();
            if cancel {
                how = how.cancel_futures();
            }
            pool.shutdown_with(how).unwrap();
            // All of them, although the worker is still busy.
            for future in &ends {
                refused_by_shutdown(future);
            }
            held.release();
        }
    });
}

#[test]
fn timed_waiters_learn_of_the_shutdown_at_once() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::BlockFor(Duration::MAX));
        let held = hold(&pool, 1);
        let ends = submitters(&pool, 1);
        let offering = thread::spawn({
            let pool = pool.clone();
            move || {
                let offered = pool.offer_timeout(|| (), Duration::MAX);
                drop(pool);
                offered.expect("not full, but shut down")
            }
        });
        wait_until_full(&pool);
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        for future in &ends {
            refused_by_shutdown(future);
        }
        // It may have been taken before the shutdown.
        let offered = offering.join().unwrap();
        held.release();
        match offered.result() {
            Ok(()) => {}
            Err(TaskError::Rejected(reason)) => assert!(reason.is_shutdown()),
            Err(other) => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_broken_pool_lets_those_who_wait_go() {
    watchdog(|| {
        let fail = Arc::new(AtomicBool::new(false));
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .queue_capacity(1)
            .initializer({
                let fail = Arc::clone(&fail);
                move || {
                    if fail.load(SeqCst) {
                        Err("no more")
                    } else {
                        Ok(())
                    }
                }
            })
            .build()
            .unwrap();
        let held = hold(&pool, 1);
        fail.store(true, SeqCst);
        // The first of these submits starts the worker that breaks the pool.
        let ends = submitters(&pool, 3);
        for future in &ends {
            assert!(matches!(future.result(), Err(TaskError::Broken(_))));
        }
        held.release();
    });
}

#[test]
fn a_pool_that_gets_no_thread_lets_those_who_wait_go() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .queue_capacity(1)
            .thread_factory(|_| Err(std::io::Error::other("no threads today")))
            .build()
            .unwrap();
        for _ in 0..10 {
            let error = pool.submit(|| ()).result().unwrap_err();
            assert!(matches!(error, TaskError::Rejected(reason) if reason.is_thread_start()));
        }
    });
}

#[test]
fn dropping_the_pool_runs_what_is_queued() {
    watchdog(|| {
        let pool = bounded(1, 100, WhenFull::Block);
        let futures: Vec<_> = (0..100).map(|n| pool.submit(move || n)).collect();
        drop(pool);
        assert!(futures.into_iter().map(|f| f.result().unwrap()).eq(0..100));
    });
}

//! Dropping the last handle of a pool: the end of the with-block.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use concurrent_futures::{Future, Shutdown, ThreadPoolExecutor};

use crate::support::{Gate, Probe, hold, pool, watchdog};

#[test]
fn of_the_last_handle_waits_for_running_and_queued_tasks() {
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..100)
            .map(|n| {
                pool.submit(move || {
                    thread::yield_now();
                    n
                })
            })
            .collect();
        drop(pool);
        assert!(futures.iter().all(Future::done));
        for (index, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), index);
        }
    });
}

#[test]
fn of_an_unused_pool_is_nothing() {
    watchdog(|| {
        for _ in 0..1000 {
            drop(ThreadPoolExecutor::new());
        }
    });
}

#[test]
fn of_a_pool_that_is_shut_down_already() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| 5);
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        held.release();
        drop(pool);
        assert!(queued.done(), "the drop waits also then");
    });
}

#[test]
fn of_a_clone_does_not_wait() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let clone = pool.clone();
        drop(clone);
        assert!(held.tasks()[0].running());
        let other = pool.clone();
        thread::spawn(move || drop(other)).join().unwrap();
        assert!(held.tasks()[0].running());
        held.release();
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
    });
}

#[test]
fn of_all_clones_at_once_waits_once() {
    watchdog(|| {
        for _ in 0..50 {
            let pool = pool(2);
            let clones: Vec<_> = (0..4).map(|_| pool.clone()).collect();
            let futures: Vec<_> = (0..10).map(|_| pool.submit(thread::yield_now)).collect();
            drop(pool);
            let droppers: Vec<_> = clones
                .into_iter()
                .map(|clone| thread::spawn(move || drop(clone)))
                .collect();
            for dropper in droppers {
                dropper.join().unwrap();
            }
            assert!(futures.iter().all(Future::done));
        }
    });
}

#[test]
fn while_unwinding_waits_as_well() {
    watchdog(|| {
        let kept = Mutex::new(None);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let pool = pool(1);
            let futures: Vec<_> = (0..20).map(|_| pool.submit(thread::yield_now)).collect();
            *kept.lock().unwrap() = Some(futures);
            panic!("out of the block");
        }));
        assert!(outcome.is_err());
        let futures = kept.into_inner().unwrap().unwrap();
        assert!(futures.iter().all(|future| future.exception().is_none()));
    });
}

#[test]
fn while_unwinding_with_panicking_tasks() {
    watchdog(|| {
        let outcome = catch_unwind(|| {
            let pool = pool(2);
            for _ in 0..20 {
                drop(pool.submit(|| panic!("in a task")));
            }
            panic!("out of the block");
        });
        let payload = outcome.unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"out of the block"));
    });
}

#[test]
fn of_the_last_handle_in_an_own_task_lets_the_others_finish() {
    watchdog(|| {
        for workers in 1..=3 {
            let pool = pool(workers);
            let gate = Gate::new();
            let last = pool.submit({
                let (pool, gate) = (pool.clone(), gate.clone());
                move || {
                    gate.wait();
                    drop(pool);
                    "still running"
                }
            });
            let queued: Vec<_> = (0..20).map(|n| pool.submit(move || n)).collect();
            drop(pool);
            gate.open();
            assert_eq!(last.result().unwrap(), "still running");
            for (index, future) in queued.into_iter().enumerate() {
                assert_eq!(future.result().unwrap(), index);
            }
        }
    });
}

#[test]
fn of_the_last_handle_with_the_closure_of_an_own_task() {
    watchdog(|| {
        for _ in 0..200 {
            let pool = pool(2);
            let task = pool.submit({
                let pool = pool.clone();
                move || pool.max_workers()
            });
            drop(pool);
            assert_eq!(task.result().unwrap(), 2);
        }
    });
}

#[test]
fn of_the_last_handle_with_a_result_on_a_worker() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let ended = Probe::new();
        let value = ended.value();
        drop(pool.submit({
            let pool = pool.clone();
            move || (pool, value)
        }));
        held.release();
        drop(pool);
        ended.wait_for_deaths(1);
    });
}

#[test]
fn of_the_last_handle_in_a_callback_on_a_worker() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, dropped) = mpsc::channel();
        let task = pool.submit(|| ());
        task.add_done_callback({
            let pool = pool.clone();
            move |_| {
                drop(pool);
                sender.send(()).unwrap();
            }
        });
        let queued = pool.submit(|| 3);
        drop(pool);
        held.release();
        dropped.recv().unwrap();
        assert_eq!(queued.result().unwrap(), 3);
    });
}

#[test]
fn of_the_last_handle_on_a_worker_of_another_pool_waits() {
    watchdog(|| {
        let (outer, inner) = (pool(1), pool(1));
        let held = hold(&inner, 1);
        let queued = inner.submit(|| ());
        let done = outer.submit(move || {
            drop(inner);
            queued.done()
        });
        held.release();
        assert!(done.result().unwrap());
    });
}

#[test]
fn a_queued_task_that_owns_a_handle_still_runs() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let owner = pool.submit({
            let pool = pool.clone();
            move || pool.submit(|| 11)
        });
        drop(pool);
        held.release();
        assert_eq!(owner.result().unwrap().result().unwrap(), 11);
    });
}

#[test]
fn callbacks_have_run_when_it_returns() {
    watchdog(|| {
        for _ in 0..50 {
            let pool = pool(2);
            let calls = Arc::new(AtomicUsize::new(0));
            for _ in 0..10 {
                let calls = Arc::clone(&calls);
                pool.submit(|| ()).add_done_callback(move |_| {
                    calls.fetch_add(1, Ordering::Relaxed);
                });
            }
            drop(pool);
            assert_eq!(calls.load(Ordering::Relaxed), 10);
        }
    });
}

#[test]
fn futures_outlive_their_pool() {
    watchdog(|| {
        let (value, error, cancelled) = {
            let pool = pool(1);
            let held = hold(&pool, 1);
            let cancelled = pool.submit(|| ());
            cancelled.cancel();
            let error = pool.try_submit(|| Err::<(), _>("failed"));
            let value = pool.submit(|| 1);
            held.release();
            (value, error, cancelled)
        };
        assert_eq!(value.result().unwrap(), 1);
        assert_eq!(error.result().unwrap_err().into_failure(), Some("failed"));
        assert!(cancelled.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn what_the_pool_was_built_with_goes_with_it() {
    watchdog(|| {
        let probe = Probe::new();
        let (first, second) = (probe.value(), probe.value());
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .initializer(move || {
                let _ = &first;
            })
            .thread_factory(move |worker| {
                let _ = &second;
                worker.spawn()
            })
            .build()
            .unwrap();
        let future = pool.submit(|| 1);
        assert_eq!(probe.alive(), 2);
        drop(pool);
        assert_eq!(probe.alive(), 0, "a future keeps nothing of its pool");
        drop(future);
    });
}

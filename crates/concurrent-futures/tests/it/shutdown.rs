//! shutdown in all its forms.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use concurrent_futures::{Future, Shutdown, ThreadPoolExecutor};

use crate::support::{Gate, Probe, hold, pool, refused_by_shutdown, watchdog};

#[test]
fn waits_for_running_and_queued_tasks() {
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
        pool.shutdown();
        assert!(futures.iter().all(Future::done));
        for (index, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), index);
        }
    });
}

#[test]
fn ends_all_workers() {
    watchdog(|| {
        let pool = pool(3);
        hold(&pool, 3).release();
        assert_eq!(pool.worker_count(), 3);
        pool.shutdown();
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn of_an_unused_pool_returns_at_once() {
    watchdog(|| {
        let pool = pool(4);
        pool.shutdown();
        pool.shutdown_with(Shutdown::new()).unwrap();
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn of_idle_workers_wakes_and_ends_them() {
    watchdog(|| {
        for _ in 0..50 {
            let pool = pool(3);
            let held = hold(&pool, 3);
            held.release();
            for task in held.tasks() {
                assert!(task.exception().is_none());
            }
            pool.shutdown();
        }
    });
}

#[test]
fn a_later_submit_is_refused_and_its_closure_dropped_unrun() {
    watchdog(|| {
        let pool = pool(1);
        pool.shutdown();
        let probe = Probe::new();
        let value = probe.value();
        let task = pool.submit(move || {
            let _value = value;
            unreachable!("a refused task runs");
        });
        assert!(task.done());
        assert_eq!(probe.died_on(), [thread::current().id()]);
        refused_by_shutdown::<()>(task);
        assert!(pool.try_submit(|| Ok::<_, u8>(())).result().is_err());
    });
}

#[test]
fn a_submit_during_it_is_refused_as_well() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        refused_by_shutdown(pool.submit(|| ()));
        refused_by_shutdown(pool.clone().submit(|| ()));
        held.release();
    });
}

#[test]
fn a_submit_from_a_task_during_it_is_refused() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let late = pool.submit({
            let pool = pool.clone();
            move || pool.submit(|| ())
        });
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        held.release();
        refused_by_shutdown(late.result().unwrap());
    });
}

#[test]
fn without_waiting_it_returns_and_the_queue_still_runs() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        assert!(!held.tasks()[0].done());
        held.release();
        for (index, future) in queued.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), index);
        }
    });
}

#[test]
fn cancelling_spares_what_runs() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let probe = Probe::new();
        let queued: Vec<_> = (0..10)
            .map(|_| {
                let value = probe.value();
                pool.submit(move || drop(value))
            })
            .collect();
        let how = Shutdown::new().cancel_futures().no_wait();
        pool.shutdown_with(how).unwrap();
        assert!(queued.iter().all(Future::cancelled));
        assert_eq!(probe.alive(), 0);
        assert!(held.tasks().iter().all(Future::running));
        held.release();
        for task in held.tasks() {
            assert!(task.exception().is_none());
        }
    });
}

#[test]
fn cancelling_and_waiting() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..10).map(|_| pool.submit(|| ())).collect();
        let closer = thread::spawn({
            let pool = pool.clone();
            move || pool.shutdown_with(Shutdown::new().cancel_futures())
        });
        for future in &queued {
            assert!(future.exception().unwrap().is_cancelled());
        }
        held.release();
        closer.join().unwrap().unwrap();
        assert!(held.tasks()[0].done());
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn cancelling_calls_the_callbacks_in_queue_order_in_the_caller() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, calls) = mpsc::channel();
        let queued: Vec<_> = (0..10)
            .map(|index| {
                let future = pool.submit(|| ());
                let sender = sender.clone();
                future.add_done_callback(move |_| {
                    sender.send((index, thread::current().id())).unwrap();
                });
                future
            })
            .collect();
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        let here = thread::current().id();
        assert!(calls.try_iter().eq((0..10).map(|index| (index, here))));
        held.release();
        drop(queued);
    });
}

#[test]
fn a_callback_of_a_cancelled_task_may_use_the_pool() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, late) = mpsc::channel();
        let queued = pool.submit(|| ());
        queued.add_done_callback({
            let pool = pool.clone();
            move |_| {
                pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
                sender.send(pool.submit(|| ())).unwrap();
            }
        });
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        refused_by_shutdown(late.try_recv().unwrap());
        held.release();
    });
}

#[test]
fn a_limit_in_time_names_what_still_runs() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("download")
            .build()
            .unwrap();
        let held = hold(&pool, 2);
        let queued: Vec<_> = (0..3).map(|_| pool.submit(|| ())).collect();
        for timeout in [Duration::ZERO, Duration::from_millis(10)] {
            let error = pool
                .shutdown_with(Shutdown::new().timeout(timeout))
                .unwrap_err();
            assert!(error.is_timeout());
            assert!(!error.is_own_worker());
            let mut running = error.running().to_vec();
            running.sort();
            assert_eq!(running, ["download_0", "download_1"]);
            assert_eq!(error.queued(), 3);
            let text = error.to_string();
            assert!(
                text.contains("download_0") && text.contains("download_1"),
                "{text}"
            );
        }
        refused_by_shutdown(pool.submit(|| ()));
        held.release();
        pool.shutdown_with(Shutdown::new().timeout(Duration::MAX))
            .unwrap();
        assert!(queued.iter().all(Future::done));
    });
}

#[test]
fn a_limit_in_time_names_only_the_busy_ones() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("half")
            .build()
            .unwrap();
        let (first, second) = (hold(&pool, 1), hold(&pool, 1));
        second.release();
        assert!(second.tasks()[0].exception().is_none());
        // The second worker has published its result; whether it has also come to rest, only it knows.
        let running = loop {
            let how = Shutdown::new().timeout(Duration::ZERO);
            let running = pool.shutdown_with(how).unwrap_err().running().to_vec();
            if running.len() == 1 {
                break running;
            }
            thread::yield_now();
        };
        assert_eq!(running, ["half_0"]);
        first.release();
    });
}

#[test]
fn cancelling_leaves_nothing_queued_at_the_limit() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| ());
        let how = Shutdown::new().cancel_futures().timeout(Duration::ZERO);
        let error = pool.shutdown_with(how).unwrap_err();
        assert_eq!((error.running().len(), error.queued()), (1, 0));
        assert!(queued.cancelled());
        held.release();
    });
}

#[test]
fn again_and_again_in_any_mixture() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| ());
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        assert!(!queued.done());
        pool.shutdown_with(Shutdown::new().no_wait().cancel_futures())
            .unwrap();
        assert!(queued.cancelled());
        held.release();
        pool.shutdown();
        pool.shutdown();
        pool.shutdown_with(Shutdown::new().cancel_futures())
            .unwrap();
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn a_waiting_one_after_a_hasty_one_waits() {
    watchdog(|| {
        let pool = pool(1);
        let futures: Vec<_> = (0..50).map(|_| pool.submit(thread::yield_now)).collect();
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        pool.shutdown();
        assert!(futures.iter().all(Future::done));
    });
}

#[test]
fn from_several_threads_each_returns_when_all_is_over() {
    watchdog(|| {
        for _ in 0..20 {
            let pool = pool(2);
            let futures: Vec<_> = (0..10).map(|_| pool.submit(thread::yield_now)).collect();
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        pool.shutdown();
                        assert!(futures.iter().all(Future::done));
                        assert_eq!(pool.worker_count(), 0);
                    });
                }
            });
        }
    });
}

#[test]
fn racing_with_submits_every_future_ends() {
    watchdog(|| {
        for _ in 0..50 {
            let pool = pool(2);
            let runs = Arc::new(AtomicUsize::new(0));
            let outcomes = thread::scope(|scope| {
                let submitter = scope.spawn(|| {
                    let futures: Vec<_> = (0..100)
                        .map(|_| {
                            let runs = Arc::clone(&runs);
                            pool.submit(move || runs.fetch_add(1, Ordering::SeqCst))
                        })
                        .collect();
                    futures.into_iter().map(Future::result).collect::<Vec<_>>()
                });
                pool.shutdown();
                submitter.join().unwrap()
            });
            let ran = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            assert_eq!(ran, runs.load(Ordering::SeqCst));
            let first_refused = outcomes.iter().position(Result::is_err).unwrap_or(100);
            assert_eq!(first_refused, ran, "accepted after a refusal");
        }
    });
}

#[test]
fn thread_locals_of_the_workers_are_gone_when_it_returns() {
    struct Goodbye(mpsc::Sender<()>);
    impl Drop for Goodbye {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    thread_local! {
        static GOODBYE: std::cell::RefCell<Option<Goodbye>> = const { std::cell::RefCell::new(None) };
    }

    watchdog(|| {
        for _ in 0..20 {
            let (sender, farewells) = mpsc::channel();
            let pool = ThreadPoolExecutor::builder()
                .max_workers(3)
                .initializer({
                    let sender = std::sync::Mutex::new(sender);
                    move || GOODBYE.set(Some(Goodbye(sender.lock().unwrap().clone())))
                })
                .build()
                .unwrap();
            hold(&pool, 3).release();
            pool.shutdown();
            assert_eq!(farewells.try_iter().count(), 3);
        }
    });
}

#[test]
fn every_future_has_an_answer_afterwards() {
    watchdog(|| {
        let pool = pool(2);
        let gate = Gate::new();
        let mut futures: Vec<_> = (0..40)
            .map(|n| {
                let gate = gate.clone();
                pool.try_submit(move || {
                    gate.wait();
                    assert_ne!(n % 4, 3, "boom");
                    if n % 4 == 2 { Err(n) } else { Ok(n) }
                })
            })
            .collect();
        for future in futures.iter().skip(1).step_by(4) {
            future.cancel();
        }
        gate.open();
        pool.shutdown();
        futures.push(pool.try_submit(|| Ok(0)));
        assert!(futures.iter().all(Future::done));
        for future in futures {
            let expired = future
                .result_timeout(Duration::ZERO)
                .map_err(|error| error.is_timeout());
            assert_ne!(expired, Err(true));
        }
    });
}

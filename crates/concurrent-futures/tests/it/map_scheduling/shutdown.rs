//! A pool that closes, breaks or cannot start a thread before, during and after a `map`.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use concurrent_futures::{MapError, Shutdown, TaskError, ThreadPoolExecutor};

use super::{MANY, journal::Journal};
use crate::support::{Gate, Probe, hold, pool, watchdog};

fn cancelled(error: &MapError, index: usize) {
    assert_eq!(error.index(), index);
    assert!(matches!(error.task_error(), Some(TaskError::Cancelled)));
}

fn shut_down(error: &MapError, index: usize) {
    assert_eq!(error.index(), index);
    match error.task_error() {
        Some(TaskError::Rejected(rejected)) => assert!(rejected.is_shutdown()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn cancelling_reaches_items_that_wait_in_the_queue() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let probe = Probe::new();
        let inputs: Vec<_> = (0..1000).map(|_| probe.value()).collect();
        let mut results = pool.map(inputs, drop);
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        assert_eq!(probe.alive(), 0);
        cancelled(&results.next().unwrap().unwrap_err(), 0);
        assert!(results.next().is_none());
        held.release();
    });
}

#[test]
fn cancelling_reaches_items_behind_those_that_run() {
    const ITEMS: usize = 3000;
    watchdog(|| {
        for workers in 1..=3 {
            for fast in [0, 1, 100, 2000] {
                let pool = pool(workers);
                let (leave, entered) = (Gate::new(), Journal::new());
                let calls = Arc::new(AtomicUsize::new(0));
                let probe = Probe::new();
                let inputs: Vec<_> = (0..ITEMS).map(|index| (index, probe.value())).collect();
                let mut results = pool.map(inputs, {
                    let (leave, entered) = (leave.clone(), entered.clone());
                    let calls = Arc::clone(&calls);
                    move |(index, _value)| {
                        calls.fetch_add(1, Ordering::SeqCst);
                        if index >= fast {
                            entered.note(());
                            leave.wait();
                        }
                        index
                    }
                });
                entered.first(workers);
                pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
                    .unwrap();
                assert_eq!(probe.alive(), workers, "the inputs of the running items");
                leave.open();
                let ran = fast + workers;
                assert!(results.by_ref().take(ran).map(Result::unwrap).eq(0..ran));
                cancelled(&results.next().unwrap().unwrap_err(), ran);
                assert!(results.next().is_none());
                pool.shutdown();
                assert_eq!(calls.load(Ordering::SeqCst), ran);
            }
        }
    });
}

#[test]
fn without_cancelling_all_items_run() {
    watchdog(|| {
        for workers in [1, 3] {
            let pool = pool(workers);
            let held = hold(&pool, workers);
            let calls = Arc::new(AtomicUsize::new(0));
            let results = pool.map(0..MANY, {
                let calls = Arc::clone(&calls);
                move |index| {
                    calls.fetch_add(1, Ordering::SeqCst);
                    index
                }
            });
            pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
            held.release();
            pool.shutdown();
            assert_eq!(calls.load(Ordering::SeqCst), MANY);
            assert!(results.map(Result::unwrap).eq(0..MANY));
        }
    });
}

#[test]
fn a_shutdown_in_the_middle_keeps_the_concurrency() {
    watchdog(|| {
        let pool = pool(4);
        let held = hold(&pool, 4);
        let meeting = std::sync::Barrier::new(4);
        let results = pool.map(0..MANY + 4, move |index| {
            if index >= MANY {
                meeting.wait();
            }
        });
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        held.release();
        assert_eq!(results.map(Result::unwrap).count(), MANY + 4);
    });
}

#[test]
fn the_drop_of_the_pool_waits_for_all_items() {
    watchdog(|| {
        let pool = pool(2);
        let calls = Arc::new(AtomicUsize::new(0));
        let results = pool.map(0..MANY, {
            let calls = Arc::clone(&calls);
            move |_| calls.fetch_add(1, Ordering::SeqCst)
        });
        drop(pool);
        assert_eq!(calls.load(Ordering::SeqCst), MANY);
        assert_eq!(results.map(Result::unwrap).count(), MANY);
    });
}

#[test]
fn each_item_that_waits_counts_as_a_queued_task() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let _results = pool.map(0..1000, |index| index);
        let error = pool
            .shutdown_with(Shutdown::new().timeout(Duration::ZERO))
            .unwrap_err();
        assert_eq!((error.running().len(), error.queued()), (2, 1000));
        held.release();
    });
}

#[test]
fn an_item_may_cancel_what_comes_after_it() {
    watchdog(|| {
        for position in [0, 1, 100, 2000] {
            let pool = pool(1);
            let held = hold(&pool, 1);
            let mut results = pool.map(0..3000, {
                let pool = pool.clone();
                move |index| {
                    if index == position {
                        let how = Shutdown::new().cancel_futures().no_wait();
                        pool.shutdown_with(how).unwrap();
                    }
                    index
                }
            });
            held.release();
            let ran = results.by_ref().take(position + 1);
            assert!(ran.map(Result::unwrap).eq(0..=position));
            cancelled(&results.next().unwrap().unwrap_err(), position + 1);
        }
    });
}

#[test]
fn a_closed_pool_runs_nothing_and_keeps_nothing() {
    watchdog(|| {
        let pool = pool(2);
        pool.shutdown();
        let (probe, read) = (Probe::new(), AtomicUsize::new(0));
        let inputs = (0..100).map(|_| {
            read.fetch_add(1, Ordering::SeqCst);
            probe.value()
        });
        let captured = probe.value();
        let mut results = pool.map(inputs, move |_| {
            let _captured = &captured;
            unreachable!("the pool is closed")
        });
        assert_eq!(read.load(Ordering::SeqCst), 100);
        assert_eq!(results.len(), 100);
        assert_eq!(probe.alive(), 0);
        shut_down(&results.next().unwrap().unwrap_err(), 0);
        assert!(results.next().is_none());
    });
}

#[test]
fn a_pool_that_closes_while_the_input_is_read_refuses_the_items_from_there_on() {
    watchdog(|| {
        let pool = pool(2);
        let calls = Arc::new(AtomicUsize::new(0));
        let inputs = (0..10).inspect(|&index| {
            if index == 5 {
                pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
            }
        });
        let mut results = pool.map(inputs, {
            let calls = Arc::clone(&calls);
            move |index| {
                calls.fetch_add(1, Ordering::SeqCst);
                index
            }
        });
        assert!(results.by_ref().take(5).map(Result::unwrap).eq(0..5));
        shut_down(&results.next().unwrap().unwrap_err(), 5);
        pool.shutdown();
        assert_eq!(calls.load(Ordering::SeqCst), 5);
    });
}

#[test]
fn a_pool_that_breaks_fails_the_items_that_wait() {
    watchdog(|| {
        let gate = Gate::new();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer({
                let gate = gate.clone();
                move || {
                    gate.wait();
                    Err::<(), _>("no connection")
                }
            })
            .build()
            .unwrap();
        let probe = Probe::new();
        let inputs: Vec<_> = (0..100).map(|_| probe.value()).collect();
        let mut results = pool.map(inputs, |_| unreachable!("the pool is broken"));
        gate.open();
        let error: MapError = results.next().unwrap().map(|(): ()| ()).unwrap_err();
        assert_eq!(error.index(), 0);
        assert!(matches!(error.task_error(), Some(TaskError::Broken(_))));
        assert!(results.next().is_none());
        pool.shutdown();
        assert_eq!(probe.alive(), 0);
        let mut later = pool.map([1], |n| n);
        let error = later.next().unwrap().unwrap_err();
        assert!(matches!(error.task_error(), Some(TaskError::Broken(_))));
    });
}

/// A pool whose first threads are there, and then no more.
fn with_threads(threads: usize) -> ThreadPoolExecutor {
    let asked = AtomicUsize::new(0);
    ThreadPoolExecutor::builder()
        .max_workers(8)
        .thread_factory(move |worker| {
            if asked.fetch_add(1, Ordering::SeqCst) < threads {
                worker.spawn()
            } else {
                Err(io::Error::other("no more threads"))
            }
        })
        .build()
        .unwrap()
}

#[test]
fn without_any_thread_the_items_are_refused() {
    watchdog(|| {
        let pool = with_threads(0);
        let probe = Probe::new();
        let inputs: Vec<_> = (0..100).map(|_| probe.value()).collect();
        let mut results = pool.map(inputs, drop);
        assert_eq!(probe.alive(), 0);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 0);
        match error.task_error() {
            Some(TaskError::Rejected(rejected)) => assert!(rejected.is_thread_start()),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn with_too_few_threads_those_that_live_run_all_items() {
    watchdog(|| {
        for threads in 1..=2 {
            let pool = with_threads(threads);
            let meeting = std::sync::Barrier::new(threads);
            let results = pool.map(0..MANY, move |index| {
                if index < threads {
                    meeting.wait();
                }
                index
            });
            assert!(results.map(Result::unwrap).eq(0..MANY));
            assert_eq!(pool.worker_count(), threads);
        }
    });
}

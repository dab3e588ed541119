//! A scope that is entered on a worker of its own pool runs its tasks itself, if nobody else does.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

use concurrent_futures::{Shutdown, TaskError, ThreadPoolExecutor};

use crate::support::{Gate, hold, pool, watchdog};

fn alone<T: Send + 'static>(task: impl FnOnce(&ThreadPoolExecutor) -> T + Send + 'static) -> T {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let future = pool.submit(move || task(&own));
        future.result().unwrap()
    })
}

#[test]
fn its_end_runs_what_nobody_waits_for() {
    alone(|pool| {
        let mut squares = [0; 100];
        pool.scope(|scope| {
            for (n, square) in squares.iter_mut().enumerate() {
                scope.submit(move || *square = n * n);
            }
        });
        assert!(
            squares
                .iter()
                .enumerate()
                .all(|(n, square)| *square == n * n)
        );
    });
}

#[test]
fn its_tasks_are_awaited_inside() {
    alone(|pool| {
        let words = ["borrowed", "here"];
        let lengths = pool.scope(|scope| {
            let lengths = words.map(|word| scope.submit(move || word.len()));
            lengths.map(|length| length.result().unwrap())
        });
        assert_eq!(lengths, [8, 4]);
        let number = pool.scope(|scope| scope.try_submit(|| words[0].parse::<u8>()).result());
        assert!(matches!(number, Err(TaskError::Failed(_))));
    });
}

#[test]
fn scopes_in_scopes_in_scopes() {
    fn count(pool: &ThreadPoolExecutor, depth: u32, leaves: &AtomicUsize) {
        if depth == 0 {
            leaves.fetch_add(1, SeqCst);
            return;
        }
        pool.scope(|scope| {
            for _ in 0..3 {
                scope.submit(|| count(pool, depth - 1, leaves));
            }
        });
    }
    for workers in [1, 2, 4] {
        watchdog(|| {
            let pool = pool(workers);
            let own = pool.clone();
            let leaves = pool.submit(move || {
                let leaves = AtomicUsize::new(0);
                count(&own, 6, &leaves);
                leaves.into_inner()
            });
            assert_eq!(leaves.result().unwrap(), 729);
        });
    }
}

#[test]
fn thousands_of_scopes_above_each_other() {
    fn descend(pool: &ThreadPoolExecutor, below: usize) -> usize {
        let mut depth = 0;
        if below > 0 {
            pool.scope(|scope| {
                scope.submit(|| depth = descend(pool, below - 1));
            });
        }
        depth + 1
    }
    alone(|pool| assert_eq!(descend(pool, 4_999), 5_000));
}

#[test]
fn its_tasks_start_in_order() {
    let order = alone(|pool| {
        let order = Mutex::new(Vec::new());
        pool.scope(|scope| {
            for n in 0..100 {
                let order = &order;
                scope.submit(move || order.lock().unwrap().push(n));
            }
        });
        order.into_inner().unwrap()
    });
    assert!(order.into_iter().eq(0..100));
}

#[test]
fn other_workers_take_its_tasks_too() {
    watchdog(|| {
        let pool = pool(2);
        let own = pool.clone();
        let elsewhere = pool.submit(move || {
            let (tell, told) = mpsc::channel();
            own.scope(|scope| {
                scope.submit(|| tell.send(thread::current().id()).unwrap());
                // Nobody but the other worker can have run it.
                told.recv().unwrap() != thread::current().id()
            })
        });
        assert!(elsewhere.result().unwrap());
    });
}

#[test]
fn what_a_task_adds_while_the_end_waits_is_run_by_the_end() {
    watchdog(|| {
        let pool = pool(2);
        let own = pool.clone();
        let root = pool.submit(move || {
            let (started, start) = mpsc::channel();
            let gate = Gate::new();
            let waiter = thread::current().id();
            let pool = &own;
            let by_the_end = Mutex::new(None);
            own.scope(|scope| {
                let (gate, by_the_end) = (&gate, &by_the_end);
                scope.submit(move || {
                    started.send(()).unwrap();
                    // The other worker: it adds a task, and then waits, not knowing for what.
                    scope.submit(move || {
                        *by_the_end.lock().unwrap() = Some(thread::current().id());
                        gate.open();
                    });
                    gate.wait();
                });
                start.recv().unwrap();
            });
            assert!(pool.worker_count() <= 2);
            by_the_end.into_inner().unwrap() == Some(waiter)
        });
        assert!(root.result().unwrap());
    });
}

#[test]
fn a_cancelled_task_is_not_run() {
    alone(|pool| {
        let ran = AtomicUsize::new(0);
        pool.scope(|scope| {
            let futures: Vec<_> = (0..10)
                .map(|_| scope.submit(|| ran.fetch_add(1, SeqCst)))
                .collect();
            assert!(
                futures
                    .iter()
                    .step_by(2)
                    .all(concurrent_futures::Future::cancel)
            );
        });
        assert_eq!(ran.into_inner(), 5);
    });
}

#[test]
fn a_panic_of_the_scope_waits_for_its_tasks() {
    alone(|pool| {
        let ran = AtomicUsize::new(0);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.scope(|scope| {
                for _ in 0..10 {
                    scope.submit(|| ran.fetch_add(1, SeqCst));
                }
                panic!("expected");
            })
        }));
        assert!(caught.is_err());
        assert_eq!(ran.into_inner(), 10);
    });
}

#[test]
fn a_pool_that_is_shut_down_refuses_and_runs_what_it_took() {
    alone(|pool| {
        let local = 1;
        let (before, after) = pool.scope(|scope| {
            let before = scope.submit(|| local + 1);
            pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
            let after = scope.submit(|| local + 2);
            (before, after)
        });
        assert_eq!(before.result().unwrap(), 2);
        assert!(matches!(after.result(), Err(TaskError::Rejected(reason)) if reason.is_shutdown()));
    });
}

#[test]
fn a_shutdown_that_cancels_reaches_the_tasks_in_line() {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || {
            let futures = own.scope(|scope| {
                let futures: Vec<_> = (0..10).map(|n| scope.submit(move || n)).collect();
                own.shutdown_with(Shutdown::new().cancel_futures().no_wait())
                    .unwrap();
                futures
            });
            futures.iter().filter(|future| future.cancelled()).count()
        });
        assert_eq!(root.result().unwrap(), 10);
    });
}

#[test]
fn a_scope_on_a_worker_of_another_pool_waits_for_that_pool() {
    watchdog(|| {
        let (one, other) = (pool(1), pool(1));
        let held = hold(&other, 1);
        let inside = other.clone();
        let elsewhere = one.submit(move || {
            let waiter = thread::current().id();
            inside.scope(|scope| {
                scope
                    .submit(move || thread::current().id() != waiter)
                    .result()
            })
        });
        held.release();
        assert!(elsewhere.result().unwrap().unwrap());
    });
}

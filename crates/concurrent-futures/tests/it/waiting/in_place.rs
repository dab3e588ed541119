//! One task waits for one other, on the only worker.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

use concurrent_futures::{Future, Shutdown, TaskError, ThreadPoolExecutor};

use crate::support::{Gate, Probe, hold, pool, watchdog};

/// Runs `task` on the only worker of a pool, and gives what it returned.
fn alone<T: Send + 'static>(task: impl FnOnce(&ThreadPoolExecutor) -> T + Send + 'static) -> T {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let future = pool.submit(move || task(&own));
        future.result().unwrap()
    })
}

#[test]
fn result() {
    assert_eq!(alone(|pool| pool.submit(|| 20).result().unwrap() + 1), 21);
}

#[test]
fn each_way_to_wait_for_one() {
    alone(|pool| {
        let failing = pool.try_submit(|| Err::<(), _>("failed"));
        assert!(matches!(
            failing.exception(),
            Some(TaskError::Failed("failed"))
        ));
        assert!(matches!(failing.result(), Err(TaskError::Failed("failed"))));
        let panicking = pool.submit(|| panic!("expected"));
        assert!(panicking.exception().unwrap().is_panic());
        let shared = pool.submit(|| vec![5]).shared();
        assert_eq!(shared.result().unwrap(), &[5]);
        assert_eq!(shared.clone().result().unwrap(), &[5]);
        assert!(shared.exception().is_none());
        let endless = pool.submit(|| 6).result_timeout(std::time::Duration::MAX);
        assert_eq!(endless.unwrap(), 6);
    });
}

#[test]
fn it_runs_on_the_thread_that_waits() {
    alone(|pool| {
        let inner = pool.submit(|| thread::current().id());
        assert_eq!(inner.result().unwrap(), thread::current().id());
    });
}

#[test]
fn only_what_is_awaited_runs() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&order);
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || {
            let note = |name| {
                let log = Arc::clone(&log);
                own.submit(move || log.lock().unwrap().push(name))
            };
            let (before, awaited, after) = (note("older"), note("awaited"), note("younger"));
            awaited.result().unwrap();
            log.lock().unwrap().push("waiter");
            (before, after)
        });
        let (before, after) = root.result().unwrap();
        before.result().unwrap();
        after.result().unwrap();
    });
    let order = order.lock().unwrap();
    assert_eq!(*order, ["awaited", "waiter", "older", "younger"]);
}

#[test]
fn a_task_that_runs_elsewhere_is_waited_for() {
    watchdog(|| {
        let pool = pool(2);
        let gate = Gate::new();
        let (started, starts) = mpsc::channel();
        let inside = gate.clone();
        let slow = pool.submit(move || {
            started.send(()).unwrap();
            inside.wait();
            thread::current().id()
        });
        starts.recv().unwrap();
        let opener = pool.submit(move || {
            let waiter = thread::scope(|scope| {
                scope.spawn(|| gate.open());
                slow.result().unwrap()
            });
            waiter != thread::current().id()
        });
        assert!(opener.result().unwrap());
    });
}

#[test]
fn a_wait_outside_of_the_pool_runs_nothing() {
    watchdog(|| {
        let (one, other) = (pool(1), pool(1));
        let held = hold(&one, 1);
        let queued = one.submit(|| thread::current().id());
        let elsewhere = other.submit(move || queued.result().unwrap() != thread::current().id());
        held.release();
        assert!(elsewhere.result().unwrap());
    });
}

#[test]
fn a_timed_wait_runs_nothing_in_place() {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || {
            let inner = own.submit(|| thread::current().id());
            inner.result_timeout(std::time::Duration::ZERO).is_err()
        });
        assert!(root.result().unwrap());
    });
}

#[test]
fn what_was_run_in_place_leaves_a_place_in_the_queue_and_no_more() {
    let probe = Probe::new();
    let (made, outcome) = (probe.clone(), probe.clone());
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || {
            // In a box with its closure.
            let captured = (made.value(), [0_u64; 32]);
            let taken = own.submit(move || (captured.0, [1_u64; 32]));
            drop(taken.result().unwrap());
            assert_eq!(made.alive(), 0);
            // Dropped by its future.
            let dropped = own.submit(move || outcome.value());
            assert!(dropped.exception().is_none());
            assert_eq!(made.alive(), 1);
            drop(dropped);
            assert_eq!(made.alive(), 0);
            // Shared, and read by another thread as well.
            let last = made.clone();
            let shared = own.submit(move || (last.value(), [2_u64; 32])).shared();
            let reader = shared.clone();
            shared.result().unwrap();
            drop(shared);
            thread::spawn(move || reader.result().unwrap().1[0])
                .join()
                .unwrap();
            assert_eq!(made.alive(), 0);
        });
        root.result().unwrap();
        pool.shutdown();
    });
    assert_eq!(probe.births(), 3);
    assert_eq!(probe.alive(), 0);
}

#[test]
fn callbacks_run_before_the_wait_returns() {
    alone(|pool| {
        let called = Arc::new(AtomicUsize::new(0));
        let inner = pool.submit(|| 7);
        for _ in 0..2 {
            let called = Arc::clone(&called);
            inner.add_done_callback(move |outcome| {
                called.fetch_add(*outcome.unwrap(), SeqCst);
            });
        }
        assert_eq!(inner.result().unwrap(), 7);
        assert_eq!(called.load(SeqCst), 14);
    });
}

#[test]
fn a_callback_waits_too() {
    let (tell, told) = mpsc::channel();
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let first = pool.submit(|| 1);
        let own = pool.clone();
        first.add_done_callback(move |_| {
            let nested = own.submit(|| 2).result().unwrap();
            tell.send(nested).unwrap();
        });
        held.release();
        assert_eq!(told.recv().unwrap(), 2);
    });
}

#[test]
fn a_follow_up_brings_its_parent() {
    alone(|pool| {
        let chain = pool.submit(|| 1).then(|n| n + 1).then(|n| n * 10);
        assert_eq!(chain.result().unwrap(), 20);
        let failed = pool
            .try_submit(|| Err::<u8, _>("no"))
            .try_then(|n| Ok(n + 1));
        assert!(matches!(failed.result(), Err(TaskError::Failed("no"))));
    });
}

#[test]
fn a_cancelled_task_is_not_run_and_one_run_is_not_cancelled() {
    alone(|pool| {
        let cancelled = pool.submit(|| 1);
        assert!(cancelled.cancel());
        assert!(matches!(cancelled.result(), Err(TaskError::Cancelled)));
        let ran = pool.submit(|| 1);
        assert!(ran.exception().is_none());
        assert!(!ran.cancel());
        assert_eq!(ran.result().unwrap(), 1);
    });
}

#[test]
fn the_initializer_has_run_where_it_runs() {
    thread_local!(static READY: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer(|| READY.set(true))
            .build()
            .unwrap();
        let own = pool.clone();
        let root = pool.submit(move || own.submit(|| READY.get()).result().unwrap());
        assert!(root.result().unwrap());
    });
}

#[test]
fn an_initializer_runs_no_task() {
    thread_local!(static READY: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    watchdog(|| {
        let (give, take) = mpsc::channel::<Future<bool>>();
        let (take, asked) = (Mutex::new(take), AtomicUsize::new(0));
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .initializer(move || {
                // The first worker waits in its initializer for a task that the second one runs.
                if asked.fetch_add(1, SeqCst) == 0 {
                    assert!(take.lock().unwrap().recv().unwrap().result().unwrap());
                }
                READY.set(true);
            })
            .build()
            .unwrap();
        let first = pool.submit(|| READY.get());
        give.send(pool.submit(|| READY.get())).unwrap();
        assert!(first.result().unwrap());
    });
}

#[test]
fn a_pool_that_is_shut_down_still_runs_what_is_awaited() {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || {
            let inner = own.submit(|| 3);
            own.shutdown_with(Shutdown::new().no_wait()).unwrap();
            inner.result().unwrap()
        });
        assert_eq!(root.result().unwrap(), 3);
        pool.shutdown();
    });
}

#[test]
fn many_workers_wait_for_each_others_tasks() {
    fn tree(pool: &ThreadPoolExecutor, depth: u32) -> u64 {
        if depth == 0 {
            return 1;
        }
        let children: Vec<Future<u64>> = (0..3)
            .map(|_| {
                let own = pool.clone();
                pool.submit(move || tree(&own, depth - 1))
            })
            .collect();
        children
            .into_iter()
            .map(|child| child.result().unwrap())
            .sum()
    }
    for workers in [1, 2, 3, 8] {
        watchdog(|| {
            let pool = pool(workers);
            let own = pool.clone();
            let root = pool.submit(move || tree(&own, 7));
            assert_eq!(root.result().unwrap(), 3_u64.pow(7));
        });
    }
}

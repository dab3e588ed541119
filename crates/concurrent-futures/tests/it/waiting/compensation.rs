//! A worker that is blocked, by a wait with a time limit or by what the pool knows nothing of, is
//! replaced meanwhile.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
    time::Duration,
};

use concurrent_futures::{
    Future, ReturnWhen, ThreadPoolExecutor, as_completed, blocking, wait_timeout,
};

use crate::support::{Gate, pool, watchdog};

const LONG: Duration = Duration::from_secs(600);

/// Runs `task` on a pool of one, and gives what it returned. Afterwards one worker is left.
fn alone<T: Send + 'static>(task: impl FnOnce(&ThreadPoolExecutor) -> T + Send + 'static) -> T {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let result = pool.submit(move || task(&own)).result().unwrap();
        back_to(&pool, 1);
        result
    })
}

/// Returns when the pool has no more than so many workers.
fn back_to(pool: &ThreadPoolExecutor, workers: usize) {
    while pool.worker_count() > workers {
        thread::yield_now();
    }
}

#[test]
fn each_timed_wait_on_the_only_worker() {
    alone(|pool| {
        assert_eq!(pool.submit(|| 1).result_timeout(LONG).unwrap(), 1);
        let failing = pool.try_submit(|| Err::<(), _>("failed"));
        assert!(failing.exception_timeout(LONG).unwrap().is_some());
        let shared = pool.submit(|| 2).shared();
        assert_eq!(shared.result_timeout(LONG).unwrap().unwrap(), &2);
        let numbers = || (0..10).map(|n| pool.submit(move || n));
        let (done, not_done) = wait_timeout(numbers(), ReturnWhen::AllCompleted, LONG);
        assert_eq!((done.len(), not_done.len()), (10, 0));
        assert_eq!(as_completed(numbers()).timeout(LONG).count(), 10);
        let squares = pool.map(0..100_u32, |n| n * n).timeout(LONG);
        assert!(squares.map(Result::unwrap).eq((0..100).map(|n| n * n)));
    });
}

#[test]
fn it_runs_on_another_thread() {
    alone(|pool| {
        let inner = pool.submit(|| thread::current().id());
        assert_ne!(inner.result_timeout(LONG).unwrap(), thread::current().id());
    });
}

#[test]
fn a_wait_whose_time_is_over_gives_the_future_back_and_the_worker_goes() {
    alone(|pool| {
        let gate = Gate::new();
        let inside = gate.clone();
        let late = pool.submit(move || inside.wait());
        let Err(error) = late.result_timeout(Duration::from_millis(1)) else {
            panic!("in time");
        };
        gate.open();
        let late = error.into_future().expect("a timeout");
        late.result().unwrap();
    });
}

#[test]
fn timed_waits_above_each_other() {
    fn depth(pool: &ThreadPoolExecutor, below: usize) -> usize {
        if below == 0 {
            return 1;
        }
        let own = pool.clone();
        let next = pool.submit(move || depth(&own, below - 1));
        1 + next.result_timeout(LONG).unwrap()
    }
    alone(|pool| assert_eq!(depth(pool, 200), 201));
}

#[test]
fn a_task_that_says_that_it_blocks() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let inside = gate.clone();
        let blocked = pool.submit(move || {
            blocking(|| inside.wait());
            1
        });
        // Behind the other one in the queue of the only worker.
        pool.submit(move || gate.open()).result().unwrap();
        assert_eq!(blocked.result().unwrap(), 1);
        back_to(&pool, 1);
        assert_eq!(pool.max_workers(), 1);
    });
}

#[test]
fn a_task_in_blocking_that_blocks_again_is_replaced_once() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let inside = gate.clone();
        let (tell, told) = mpsc::channel();
        let twice = pool.submit(move || {
            blocking(|| {
                blocking(|| ());
                tell.send(()).unwrap();
                blocking(|| inside.wait());
            });
        });
        told.recv().unwrap();
        let held = pool.submit(|| ());
        held.result().unwrap();
        assert!(pool.worker_count() <= 2);
        gate.open();
        twice.result().unwrap();
        back_to(&pool, 1);
    });
}

#[test]
fn no_more_than_so_many_are_replaced() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let tasks: Vec<Future<()>> = (0..400)
            .map(|_| {
                let gate = gate.clone();
                pool.submit(move || blocking(|| gate.wait()))
            })
            .collect();
        while pool.worker_count() < 257 {
            thread::yield_now();
        }
        gate.open();
        for task in tasks {
            task.result().unwrap();
            assert!(pool.worker_count() <= 257);
        }
        back_to(&pool, 1);
    });
}

#[test]
fn a_panic_in_blocking_takes_the_place_back() {
    alone(|_| {
        let caught = catch_unwind(AssertUnwindSafe(|| blocking(|| panic!("expected"))));
        assert!(caught.is_err());
    });
}

#[test]
fn outside_of_a_pool_it_is_a_call() {
    assert_eq!(blocking(|| 5), 5);
}

#[test]
fn a_pool_that_is_shut_down_while_a_task_blocks() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let (started, start) = mpsc::channel();
        let inside = gate.clone();
        let blocked = pool.submit(move || {
            blocking(|| {
                started.send(()).unwrap();
                inside.wait();
            });
        });
        start.recv().unwrap();
        let queued = pool.submit(move || gate.open());
        pool.shutdown();
        assert!(blocked.done() && queued.done());
    });
}

//! `wait`, `as_completed` and `map` on the only worker.

use std::sync::{Arc, Barrier, Mutex};

use concurrent_futures::{Future, ReturnWhen, ThreadPoolExecutor, as_completed, wait};

use crate::support::{pool, watchdog};

fn alone<T: Send + 'static>(task: impl FnOnce(&ThreadPoolExecutor) -> T + Send + 'static) -> T {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let future = pool.submit(move || task(&own));
        future.result().unwrap()
    })
}

fn numbers(pool: &ThreadPoolExecutor, count: usize) -> Vec<Future<usize>> {
    (0..count).map(|n| pool.submit(move || n)).collect()
}

#[test]
fn wait_for_all() {
    alone(|pool| {
        let (done, not_done) = wait(numbers(pool, 1000), ReturnWhen::AllCompleted);
        assert_eq!((done.len(), not_done.len()), (1000, 0));
    });
}

#[test]
fn wait_for_the_first_runs_one() {
    alone(|pool| {
        let (done, not_done) = wait(numbers(pool, 10), ReturnWhen::FirstCompleted);
        assert_eq!((done.len(), not_done.len()), (1, 9));
        assert!(not_done.iter().all(|future| !future.done()));
    });
}

#[test]
fn wait_for_an_error_runs_no_more_than_until_there_is_one() {
    alone(|pool| {
        let futures: Vec<_> = (0..10)
            .map(|n| pool.try_submit(move || if n == 3 { Err(n) } else { Ok(n) }))
            .collect();
        let (done, not_done) = wait(&futures, ReturnWhen::FirstException);
        assert_eq!((done.len(), not_done.len()), (4, 6));
        let (done, _) = wait(&futures[4..], ReturnWhen::FirstException);
        assert_eq!(done.len(), 6);
    });
}

#[test]
fn as_completed_gives_all_in_order_of_input() {
    alone(|pool| {
        let given: Vec<_> = as_completed(numbers(pool, 1000))
            .map(|future| future.result().unwrap())
            .collect();
        assert!(given.into_iter().eq(0..1000));
    });
}

#[test]
fn as_completed_finds_what_is_pushed_on_the_way() {
    alone(|pool| {
        let mut completed = as_completed(numbers(pool, 5));
        let mut given = 0;
        while let Some(future) = completed.next() {
            given += 1;
            let n = future.result().unwrap();
            if n < 1000 {
                completed.push(pool.submit(move || n + 100));
            }
        }
        assert_eq!(given, 5 + 5 * 10);
    });
}

#[test]
fn as_completed_that_was_begun_elsewhere() {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || numbers(&own, 10));
        let completed = as_completed(root.result().unwrap());
        let sum = pool.submit(move || completed.map(|n| n.result().unwrap()).sum::<usize>());
        assert_eq!(sum.result().unwrap(), 45);
    });
}

#[test]
fn tasks_of_another_pool_are_waited_for() {
    alone(|pool| {
        let other = crate::support::pool(1);
        let futures = [pool.submit(|| 1), other.submit(|| 2), pool.submit(|| 3)];
        let (done, _) = wait(&futures, ReturnWhen::AllCompleted);
        assert_eq!(done.len(), 3);
        assert_eq!(as_completed(&futures).count(), 3);
    });
}

#[test]
fn map_runs_its_items_where_it_is_iterated() {
    alone(|pool| {
        let squares: Result<Vec<_>, _> = pool.map(0..5000_usize, |n| n * n).collect();
        assert!(squares.unwrap().into_iter().eq((0..5000).map(|n| n * n)));
        let mut results = pool.try_map(0..10, |n| if n == 3 { Err(n) } else { Ok(n) });
        assert!(results.by_ref().take(3).all(|result| result.is_ok()));
        assert!(results.next().unwrap().is_err());
        assert!(results.next().is_none());
    });
}

#[test]
fn map_in_map_in_map() {
    fn nested(pool: &ThreadPoolExecutor, depth: u32) -> usize {
        if depth == 0 {
            return 1;
        }
        let own = pool.clone();
        pool.map(0..4, move |_| nested(&own, depth - 1))
            .map(Result::unwrap)
            .sum()
    }
    for workers in [1, 2, 4] {
        watchdog(|| {
            let pool = pool(workers);
            let own = pool.clone();
            let root = pool.submit(move || nested(&own, 5));
            assert_eq!(root.result().unwrap(), 1024);
        });
    }
}

#[test]
fn map_starts_its_items_in_order_also_where_it_is_iterated() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&order);
    alone(move |pool| {
        let results = pool.map(0..100, move |n| log.lock().unwrap().push(n));
        assert_eq!(results.map(Result::unwrap).count(), 100);
    });
    assert!(order.lock().unwrap().iter().copied().eq(0..100));
}

#[test]
fn items_of_a_map_that_need_each_other_still_meet() {
    watchdog(|| {
        let pool = pool(5);
        let own = pool.clone();
        let root = pool.submit(move || {
            let barrier = Arc::new(Barrier::new(4));
            let meet = move |_| barrier.wait().is_leader();
            own.map(0..4, meet)
                .map(Result::unwrap)
                .filter(|led| *led)
                .count()
        });
        assert_eq!(root.result().unwrap(), 1);
    });
}

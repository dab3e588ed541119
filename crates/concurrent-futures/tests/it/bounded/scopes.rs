//! Tasks that borrow, in a bounded queue.

use std::thread;

use concurrent_futures::WhenFull;

use super::{bounded, is_discarded, is_queue_full};
use crate::support::{hold, watchdog};

#[test]
fn a_scope_waits_for_room() {
    watchdog(|| {
        let pool = bounded(2, 1, WhenFull::Block);
        let mut numbers = [0; 500];
        pool.scope(|scope| {
            for (index, number) in numbers.iter_mut().enumerate() {
                drop(scope.submit(move || *number = index));
            }
        });
        assert!(numbers.into_iter().eq(0..500));
    });
}

#[test]
fn a_scope_is_refused() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Reject);
        let held = hold(&pool, 1);
        let text = String::from("borrowed");
        pool.scope(|scope| {
            let queued = scope.submit(|| text.len());
            assert!(is_queue_full(scope.submit(|| text.len())));
            held.release();
            assert_eq!(queued.result().unwrap(), 8);
        });
    });
}

#[test]
fn the_caller_runs_tasks_that_borrow() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::CallerRuns);
        let held = hold(&pool, 1);
        let mut changed = false;
        let text = String::from("borrowed");
        pool.scope(|scope| {
            let queued = scope.submit(|| text.len());
            let here = scope.submit(|| {
                changed = true;
                (thread::current().id(), text.as_str())
            });
            assert!(here.done());
            assert_eq!(here.result().unwrap(), (thread::current().id(), "borrowed"));
            held.release();
            assert_eq!(queued.result().unwrap(), 8);
        });
        assert!(changed);
    });
}

#[test]
fn tasks_of_a_scope_are_discarded() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let text = String::from("borrowed");
        pool.scope(|scope| {
            let mut futures: Vec<_> = (0..5)
                .map(|n| {
                    scope.submit({
                        let text = &text;
                        move || text.len() + n
                    })
                })
                .collect();
            held.release();
            let kept = futures.split_off(3);
            assert!(kept.into_iter().map(|f| f.result().unwrap()).eq([11, 12]));
            assert!(futures.into_iter().all(is_discarded));
        });
    });
}

#[test]
fn tasks_of_a_scope_on_a_worker_are_discarded() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::DiscardOldest);
        let inside = pool.clone();
        let task = pool.submit(move || {
            inside.scope(|scope| {
                let [first, second] = [1, 2].map(|n| scope.submit(move || n));
                is_discarded(first) && second.result().unwrap() == 2
            })
        });
        assert!(task.result().unwrap());
    });
}

#[test]
fn a_task_enters_a_scope_of_its_own_narrow_pool() {
    watchdog(|| {
        for policy in [WhenFull::Block, WhenFull::Reject, WhenFull::CallerRuns] {
            let pool = bounded(1, 1, policy);
            let inside = pool.clone();
            let task = pool.submit(move || {
                let mut numbers = [0; 50];
                inside.scope(|scope| {
                    for (index, number) in numbers.iter_mut().enumerate() {
                        drop(scope.submit(move || *number = index));
                    }
                });
                numbers.into_iter().eq(0..50)
            });
            assert!(task.result().unwrap());
        }
    });
}

//! A pool's own workers are never held back.

use std::{thread, time::Duration};

use concurrent_futures::{Future, ThreadPoolExecutor, WhenFull};

use super::{bounded, is_discarded, is_queue_full};
use crate::support::{Gate, hold, watchdog};

/// A task that submits `count` others to its own pool of one worker, whose queue has room for one.
fn children(pool: &ThreadPoolExecutor, count: usize) -> Vec<Future<usize>> {
    let inside = pool.clone();
    let parent = pool.submit(move || (0..count).map(|n| inside.submit(move || n)).collect());
    Future::<Vec<_>>::result(parent).unwrap()
}

#[test]
fn a_task_fills_its_own_pool_beyond_the_capacity() {
    watchdog(|| {
        for policy in [
            WhenFull::Block,
            WhenFull::BlockFor(Duration::ZERO),
            WhenFull::Reject,
            WhenFull::CallerRuns,
        ] {
            let pool = bounded(1, 1, policy);
            let children = children(&pool, 100);
            assert!(children.into_iter().map(|f| f.result().unwrap()).eq(0..100));
        }
    });
}

#[test]
fn children_run_on_workers_and_not_above_their_parent() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::CallerRuns);
        let inside = pool.clone();
        let parent = pool.submit(move || {
            let children: Vec<_> = (0..10).map(|_| inside.submit(|| ())).collect();
            let none_ran = children.iter().all(|child| !child.done());
            (none_ran, children)
        });
        let (none_ran, children) = parent.result().unwrap();
        assert!(none_ran);
        for child in children {
            child.result().unwrap();
        }
    });
}

#[test]
fn what_workers_submit_counts() {
    watchdog(|| {
        let pool = bounded(1, 3, WhenFull::Reject);
        let (go_on, submitted) = (Gate::new(), Gate::new());
        let parent = pool.submit({
            let (pool, go_on, submitted) = (pool.clone(), go_on.clone(), submitted.clone());
            move || {
                let children = [0; 5].map(|n| pool.submit(move || n));
                submitted.open();
                go_on.wait();
                children
            }
        });
        submitted.wait();
        assert!(is_queue_full(pool.submit(|| ())));
        go_on.open();
        for child in parent.result().unwrap() {
            child.result().unwrap();
        }
        pool.submit(|| ()).result().unwrap();
    });
}

#[test]
fn a_worker_discards_like_anybody() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::DiscardOldest);
        let mut children = children(&pool, 10);
        let last = children.pop().unwrap();
        assert_eq!(last.result().unwrap(), 9);
        assert!(children.into_iter().all(is_discarded));
    });
}

#[test]
fn a_tree_of_tasks_grows_in_a_narrow_pool() {
    fn grow(pool: &ThreadPoolExecutor, depth: usize, leaf: &std::sync::mpsc::Sender<()>) {
        if depth == 0 {
            leaf.send(()).unwrap();
            return;
        }
        for _ in 0..2 {
            let (inside, leaf) = (pool.clone(), leaf.clone());
            drop(pool.submit(move || grow(&inside, depth - 1, &leaf)));
        }
    }
    watchdog(|| {
        let pool = bounded(2, 1, WhenFull::Block);
        let (leaf, leaves) = std::sync::mpsc::channel();
        grow(&pool, 10, &leaf);
        drop(leaf);
        assert_eq!(leaves.iter().count(), 1 << 10);
    });
}

#[test]
fn callbacks_on_a_worker_submit_without_waiting() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let held = hold(&pool, 1);
        let first = pool.submit(|| ());
        let (tell, told) = std::sync::mpsc::channel();
        first.add_done_callback({
            let pool = pool.clone();
            move |_| {
                let futures = [0; 5].map(|_| pool.submit(|| thread::current().id()));
                tell.send(futures).unwrap();
            }
        });
        held.release();
        for future in told.recv().unwrap() {
            future.result().unwrap();
        }
    });
}

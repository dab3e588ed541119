//! Tasks of one pool start in the order of their submission.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::support::{hold, pool, watchdog};

#[test]
fn one_worker_runs_strictly_in_order() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let order = Arc::new(Mutex::new(Vec::new()));
        for index in 0..1000 {
            let order = Arc::clone(&order);
            drop(pool.submit(move || order.lock().unwrap().push(index)));
        }
        held.release();
        drop(pool);
        assert!(order.lock().unwrap().iter().copied().eq(0..1000));
    });
}

#[test]
fn one_worker_runs_one_task_at_a_time() {
    watchdog(|| {
        let pool = pool(1);
        let inside = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..200)
            .map(|_| {
                let inside = Arc::clone(&inside);
                pool.submit(move || {
                    let others = inside.fetch_add(1, Ordering::SeqCst);
                    thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    others
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.result().unwrap(), 0);
        }
    });
}

#[test]
fn several_workers_start_in_order() {
    watchdog(|| {
        for workers in 2..=4 {
            let pool = pool(workers);
            let held = hold(&pool, workers);
            let tickets = Arc::new(AtomicUsize::new(0));
            let tasks: Vec<_> = (0..500)
                .map(|_| {
                    let tickets = Arc::clone(&tickets);
                    pool.submit(move || tickets.fetch_add(1, Ordering::SeqCst))
                })
                .collect();
            held.release();
            for (index, task) in tasks.into_iter().enumerate() {
                let ticket = task.result().unwrap();
                // Of the tasks before this one all have been taken, and at most one for each
                // other worker has not drawn its ticket yet.
                assert!(ticket + workers > index, "{index} drew ticket {ticket}");
            }
        }
    });
}

#[test]
fn each_submitter_keeps_its_own_order() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let order = Arc::new(Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for submitter in 0..4 {
                let (pool, order) = (pool.clone(), Arc::clone(&order));
                scope.spawn(move || {
                    for index in 0..250 {
                        let order = Arc::clone(&order);
                        drop(pool.submit(move || order.lock().unwrap().push((submitter, index))));
                    }
                });
            }
        });
        held.release();
        drop(pool);
        let order = order.lock().unwrap();
        for submitter in 0..4 {
            let own = order.iter().filter(|entry| entry.0 == submitter);
            assert!(own.map(|entry| entry.1).eq(0..250));
        }
    });
}

#[test]
fn tasks_from_within_a_task_queue_behind_what_is_there() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let order = Arc::new(Mutex::new(Vec::new()));
        let note = |entry: &'static str| {
            let order = Arc::clone(&order);
            move || order.lock().unwrap().push(entry)
        };
        let parent = pool.submit({
            let (pool, note_parent, child) = (pool.clone(), note("parent"), note("child"));
            move || {
                note_parent();
                pool.submit(child)
            }
        });
        let sibling = pool.submit(note("sibling"));
        held.release();
        let child = parent.result().unwrap();
        child.result().unwrap();
        sibling.result().unwrap();
        assert_eq!(*order.lock().unwrap(), ["parent", "sibling", "child"]);
    });
}

#[test]
fn cancelled_tasks_leave_the_order_of_the_others() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..300)
            .map(|index| {
                let order = Arc::clone(&order);
                pool.submit(move || order.lock().unwrap().push(index))
            })
            .collect();
        for task in tasks.iter().skip(1).step_by(3) {
            assert!(task.cancel());
        }
        held.release();
        drop(pool);
        let kept = (0..300).filter(|index| index % 3 != 1);
        assert!(order.lock().unwrap().iter().copied().eq(kept));
    });
}

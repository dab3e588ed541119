use std::{
    sync::{Arc, Barrier, Mutex},
    thread,
};

use concurrent_futures::Shutdown;

use super::{Crowd, wait_for_workers};
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn busy_workers_leave_after_their_task() {
    watchdog(|| {
        let pool = pool(4);
        let held = hold(&pool, 4);
        let crowd = Crowd::default();
        let tasks: Vec<_> = (0..40)
            .map(|_| {
                let crowd = crowd.clone();
                pool.submit(move || crowd.pass())
            })
            .collect();
        pool.set_max_workers(1).unwrap();
        assert_eq!(pool.worker_count(), 4);
        assert!(held.tasks().iter().all(concurrent_futures::Future::running));
        held.release();
        for task in tasks {
            task.result().unwrap();
        }
        assert_eq!(crowd.most(), 1);
        wait_for_workers(&pool, 1);
    });
}

#[test]
fn a_worker_that_is_too_many_takes_no_further_task() {
    watchdog(|| {
        let pool = pool(2);
        let (first, second) = (Gate::new(), Gate::new());
        let hold_by = |gate: &Gate| {
            let gate = gate.clone();
            pool.submit(move || {
                gate.wait();
                thread::current().id()
            })
        };
        let (one, other) = (hold_by(&first), hold_by(&second));
        while !(one.running() && other.running()) {
            thread::yield_now();
        }
        let next = pool.submit(|| thread::current().id());
        pool.set_max_workers(1).unwrap();
        first.open();
        one.result().unwrap();
        wait_for_workers(&pool, 1);
        assert!(!next.done());
        second.open();
        assert_eq!(next.result().unwrap(), other.result().unwrap());
    });
}

#[test]
fn tasks_start_in_their_order_on_the_one_that_stays() {
    watchdog(|| {
        let pool = pool(4);
        let held = hold(&pool, 4);
        let log = Arc::new(Mutex::new(Vec::new()));
        for n in 0..1000 {
            let log = Arc::clone(&log);
            pool.submit(move || log.lock().unwrap().push(n));
        }
        pool.set_max_workers(1).unwrap();
        held.release();
        pool.shutdown();
        assert_eq!(*log.lock().unwrap(), (0..1000).collect::<Vec<_>>());
    });
}

#[test]
fn idle_workers_leave_at_once() {
    watchdog(|| {
        for _ in 0..50 {
            let pool = pool(8);
            pool.prestart(8);
            pool.set_max_workers(3).unwrap();
            wait_for_workers(&pool, 3);
            drop(hold(&pool, 3));
            assert_eq!(pool.worker_count(), 3);
        }
    });
}

#[test]
fn fewer_and_more_again() {
    watchdog(|| {
        let pool = pool(8);
        for _ in 0..50 {
            drop(hold(&pool, 8));
            pool.set_max_workers(3).unwrap();
            drop(hold(&pool, 3));
            pool.set_max_workers(8).unwrap();
        }
        assert_eq!(pool.max_workers(), 8);
    });
}

#[test]
fn what_is_queued_at_a_shutdown_keeps_to_the_number() {
    watchdog(|| {
        for _ in 0..20 {
            let pool = pool(4);
            let held = hold(&pool, 4);
            let crowd = Crowd::default();
            let tasks: Vec<_> = (0..20)
                .map(|_| {
                    let crowd = crowd.clone();
                    pool.submit(move || crowd.pass())
                })
                .collect();
            pool.set_max_workers(1).unwrap();
            pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
            held.release();
            pool.shutdown();
            assert!(tasks.iter().all(concurrent_futures::Future::done));
            assert_eq!(crowd.most(), 1);
        }
    });
}

#[test]
fn follow_ups_of_leaving_workers_run_in_a_closed_pool() {
    watchdog(|| {
        for _ in 0..200 {
            let pool = pool(4);
            let held = hold(&pool, 3);
            let gate = Gate::new();
            let follow_up = pool
                .submit({
                    let gate = gate.clone();
                    move || gate.wait()
                })
                .then(|()| 7);
            pool.set_max_workers(1).unwrap();
            pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
            held.release();
            gate.open();
            assert_eq!(follow_up.result().unwrap(), 7);
            pool.shutdown();
            assert_eq!(pool.worker_count(), 0);
        }
    });
}

#[test]
fn a_task_may_ask_for_fewer_and_its_own_worker_may_go() {
    watchdog(|| {
        let pool = pool(3);
        let held = hold(&pool, 2);
        let asking = pool.submit({
            let pool = pool.clone();
            move || pool.set_max_workers(2)
        });
        assert_eq!(asking.result().unwrap(), Ok(()));
        wait_for_workers(&pool, 2);
        held.release();
        drop(hold(&pool, 2));
    });
}

#[test]
fn a_worker_leaves_between_two_items_of_a_map() {
    watchdog(|| {
        let pool = pool(4);
        let (begun, gate) = (Arc::new(Barrier::new(5)), Gate::new());
        let log = Arc::new(Mutex::new(Vec::new()));
        let results = pool.map(0..900, {
            let (begun, gate, log) = (Arc::clone(&begun), gate.clone(), Arc::clone(&log));
            move |n| {
                if n < 4 {
                    begun.wait();
                    gate.wait();
                } else {
                    log.lock().unwrap().push(n);
                }
                n
            }
        });
        let behind = pool.submit({
            let log = Arc::clone(&log);
            move || log.lock().unwrap().push(900)
        });
        begun.wait();
        pool.set_max_workers(1).unwrap();
        gate.open();
        let values: Result<Vec<_>, _> = results.collect();
        assert_eq!(values.unwrap(), (0..900).collect::<Vec<_>>());
        behind.result().unwrap();
        // One worker at a time, in the order of the queue.
        assert_eq!(*log.lock().unwrap(), (4..=900).collect::<Vec<_>>());
        wait_for_workers(&pool, 1);
        assert_eq!(pool.stats().completed, 901);
    });
}

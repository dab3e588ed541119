use std::sync::{
    Arc, Barrier,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use concurrent_futures::{BuildError, Shutdown, ThreadPoolExecutor};

use super::wait_for_workers;
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn more_workers_take_what_is_queued() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let meeting = Arc::new(Barrier::new(4));
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let meeting = Arc::clone(&meeting);
                pool.submit(move || {
                    meeting.wait();
                })
            })
            .collect();
        assert_eq!(pool.worker_count(), 1);
        pool.set_max_workers(5).unwrap();
        for task in tasks {
            task.result().unwrap();
        }
        assert_eq!((pool.worker_count(), pool.max_workers()), (5, 5));
        held.release();
    });
}

#[test]
fn more_workers_are_started_for_later_tasks_too() {
    watchdog(|| {
        let pool = pool(1);
        pool.set_max_workers(3).unwrap();
        assert_eq!(pool.worker_count(), 0);
        drop(hold(&pool, 3));
    });
}

#[test]
fn a_task_may_ask_for_more() {
    watchdog(|| {
        let pool = pool(1);
        let meeting = Arc::new(Barrier::new(2));
        let first = pool.submit({
            let (pool, meeting) = (pool.clone(), Arc::clone(&meeting));
            move || {
                pool.set_max_workers(2).unwrap();
                meeting.wait();
            }
        });
        let second = pool.submit(move || {
            meeting.wait();
        });
        first.result().unwrap();
        second.result().unwrap();
    });
}

#[test]
fn numbers_out_of_range_are_refused_and_change_nothing() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(4)
            .min_workers(2)
            .build()
            .unwrap();
        let text = |refused: Result<(), BuildError>| refused.unwrap_err().to_string();
        let rule = "it must be from 2 to 65535";
        assert_eq!(
            text(pool.set_max_workers(0)),
            format!("max_workers is 0: {rule}")
        );
        assert_eq!(
            text(pool.set_max_workers(1)),
            format!("max_workers is 1: {rule}")
        );
        assert_eq!(
            text(pool.set_max_workers(65_536)),
            format!("max_workers is 65536: {rule}")
        );
        assert_eq!(pool.max_workers(), 4);
        pool.set_max_workers(2).unwrap();
        assert_eq!(pool.max_workers(), 2);
    });
}

#[test]
fn prestarted_workers_are_initialised_and_wait() {
    watchdog(|| {
        let initialised = Arc::new(AtomicUsize::new(0));
        let pool = ThreadPoolExecutor::builder()
            .max_workers(4)
            .initializer({
                let initialised = Arc::clone(&initialised);
                move || {
                    initialised.fetch_add(1, SeqCst);
                }
            })
            .build()
            .unwrap();
        assert_eq!(pool.prestart(0), 0);
        assert_eq!(pool.prestart(3), 3);
        assert_eq!(pool.prestart(2), 0);
        assert_eq!(pool.worker_count(), 3);
        while initialised.load(SeqCst) < 3 {}
        drop(hold(&pool, 3));
        assert_eq!(pool.worker_count(), 3);
        assert_eq!(pool.prestart(9), 1);
    });
}

#[test]
fn a_pool_that_is_shut_down_prestarts_nothing() {
    watchdog(|| {
        let pool = pool(4);
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        assert_eq!(pool.prestart(4), 0);
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn prestart_stops_at_the_first_thread_that_is_refused() {
    watchdog(|| {
        let starts = Arc::new(AtomicUsize::new(0));
        let pool = ThreadPoolExecutor::builder()
            .max_workers(8)
            .thread_factory({
                let starts = Arc::clone(&starts);
                move |worker| {
                    if starts.fetch_add(1, SeqCst) == 2 {
                        return Err(std::io::Error::other("enough"));
                    }
                    worker.spawn()
                }
            })
            .build()
            .unwrap();
        assert_eq!(pool.prestart(8), 2);
        wait_for_workers(&pool, 2);
        assert_eq!(pool.prestart(8), 6);
    });
}

#[test]
fn a_map_goes_on_when_the_number_changes() {
    watchdog(|| {
        let pool = pool(4);
        let gate = Gate::new();
        let results = pool.map(0..200, {
            let gate = gate.clone();
            move |n| {
                gate.wait();
                n
            }
        });
        pool.set_max_workers(1).unwrap();
        pool.set_max_workers(6).unwrap();
        pool.set_max_workers(2).unwrap();
        gate.open();
        let values: Result<Vec<_>, _> = results.collect();
        assert_eq!(values.unwrap(), (0..200).collect::<Vec<_>>());
        wait_for_workers(&pool, 2);
    });
}

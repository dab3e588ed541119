//! Queue, workers, and what passes between them.

use std::sync::mpsc;

use concurrent_futures::TaskError;

use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn excess_tasks_wait_in_line_and_a_cancelled_one_is_skipped() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (started, starts) = mpsc::channel();
        let futures: Vec<_> = (0..6)
            .map(|number| {
                let started = started.clone();
                pool.submit(move || started.send(number).unwrap())
            })
            .collect();
        drop(started);
        assert!(futures[2].cancel());
        held.release();
        assert_eq!(starts.iter().collect::<Vec<_>>(), [0, 1, 3, 4, 5]);
    });
}

#[test]
fn a_failed_task_does_not_stop_the_pool() {
    watchdog(|| {
        let pool = pool(1);
        let failed = pool.submit(|| panic!("in a task"));
        let fine: Vec<_> = (0..5).map(|number| pool.submit(move || number)).collect();
        assert!(matches!(failed.result(), Err(TaskError::Panicked(_))));
        let values: Vec<_> = fine
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(values, [0, 1, 2, 3, 4]);
    });
}

#[test]
fn workers_appear_one_by_one_up_to_the_limit() {
    watchdog(|| {
        let pool = pool(3);
        let gate = Gate::new();
        let (started, starts) = mpsc::channel();
        let mut counts = Vec::new();
        for number in 0..5 {
            let (gate, started) = (gate.clone(), started.clone());
            pool.submit(move || {
                started.send(()).unwrap();
                gate.wait();
            });
            if number < 3 {
                starts.recv().unwrap();
            }
            counts.push(pool.worker_count());
        }
        assert_eq!(counts, [1, 2, 3, 3, 3]);
        gate.open();
        pool.shutdown();
        assert_eq!(starts.try_iter().count(), 2);
    });
}

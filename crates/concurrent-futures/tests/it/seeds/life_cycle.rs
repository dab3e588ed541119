//! From a plain thread to a pool that comes and goes.

use std::thread;

use concurrent_futures::{Future, Shutdown};

use super::stand_ins::{Journal, work};
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn a_plain_thread_needs_no_pool() {
    watchdog(|| {
        let journal = Journal::new();
        let gate = Gate::new();
        let thread = thread::spawn({
            let (journal, gate) = (journal.clone(), gate.clone());
            move || {
                gate.wait();
                journal.write("this comes from another thread");
            }
        });
        journal.write("waiting for the thread");
        gate.open();
        thread.join().unwrap();
        assert_eq!(
            journal.lines(),
            ["waiting for the thread", "this comes from another thread"]
        );
    });
}

#[test]
fn shutdown_waits_until_all_is_done() {
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..10).map(|_| pool.submit(|| work(1))).collect();
        pool.shutdown();
        assert!(
            futures
                .iter()
                .all(|future| future.done() && !future.cancelled())
        );
    });
}

#[test]
fn shutdown_without_waiting_returns_at_once_and_the_queue_still_runs() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..5).map(|number| pool.submit(move || number)).collect();
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        assert!(held.tasks()[0].running());
        assert!(!queued.iter().any(Future::done));
        held.release();
        let values: Vec<_> = queued
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(values, [0, 1, 2, 3, 4]);
    });
}

#[test]
fn shutdown_with_cancel_drops_the_queue() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..5).map(|number| pool.submit(move || number)).collect();
        pool.shutdown_with(Shutdown::new().no_wait().cancel_futures())
            .unwrap();
        assert!(queued.iter().all(Future::cancelled));
        assert!(held.tasks()[0].running());
        held.release();
        pool.shutdown();
        assert!(held.tasks()[0].done() && !held.tasks()[0].cancelled());
    });
}

#[test]
fn a_pool_that_is_never_shut_down_runs_its_queue_when_it_goes() {
    fn program(journal: &Journal) {
        let pool = pool(2);
        for number in 0..10 {
            let journal = journal.clone();
            pool.submit(move || {
                work(1);
                journal.write(format!("task {number}"));
            });
        }
    }
    watchdog(|| {
        let journal = Journal::new();
        program(&journal);
        assert_eq!(journal.lines().len(), 10);
    });
}

#[test]
fn after_the_block_every_future_is_done() {
    watchdog(|| {
        let futures = {
            let pool = pool(3);
            (0..10).map(|_| pool.submit(|| work(1))).collect::<Vec<_>>()
        };
        assert!(futures.iter().all(Future::done));
    });
}

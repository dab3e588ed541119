//! Iterations that are dropped, and pools that end meanwhile.

use std::thread;

use concurrent_futures::{Shutdown, TaskError};

use super::Reads;
use crate::support::{Gate, Probe, hold, pool, watchdog};

#[test]
fn dropping_it_cancels_what_was_read() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = {
            let probe = probe.clone();
            move || probe.value()
        };
        let inputs = std::iter::repeat_with(value);
        let results = pool.map_buffered(10, inputs, |_| unreachable!("it was cancelled"));
        assert_eq!(probe.alive(), 10);
        drop(results);
        assert_eq!(probe.alive(), 0);
        held.release();
    });
}

#[test]
fn the_function_is_gone_before_the_last_result_is_given() {
    watchdog(|| {
        let pool = pool(2);
        for buffer in [1, 3, 100] {
            let probe = Probe::new();
            let value = probe.value();
            let mut results = pool.map_buffered(buffer, 0..10, move |n| {
                let _value = &value;
                n
            });
            for n in 0..10 {
                assert_eq!(results.next().unwrap().unwrap(), n);
            }
            assert!(results.next().is_none());
            assert_eq!(probe.alive(), 0);
        }
    });
}

#[test]
fn an_input_is_gone_before_its_result_is_given() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let inputs = (0..20).map(|_| probe.value());
        for (given, result) in pool.map_buffered(1, inputs, drop).enumerate() {
            result.unwrap();
            assert_eq!(probe.deaths(), given + 1);
        }
    });
}

#[test]
fn a_shutdown_is_an_error_of_the_next_item_and_the_end() {
    watchdog(|| {
        let pool = pool(1);
        let reads = Reads::default();
        let mut results = pool.map_buffered(3, reads.endless(), |n| n);
        assert_eq!(results.next().unwrap().unwrap(), 0);
        pool.shutdown();
        // What was accepted has run.
        assert_eq!(results.next().unwrap().unwrap(), 1);
        assert_eq!(results.next().unwrap().unwrap(), 2);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 3);
        assert!(matches!(error.task_error(), Some(TaskError::Rejected(why)) if why.is_shutdown()));
        assert!(results.next().is_none());
    });
}

#[test]
fn a_shutdown_that_cancels_ends_it() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut results = pool.map_buffered(3, 0.., |n: u32| n);
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        let error = results.next().unwrap().unwrap_err();
        assert!(error.task_error().unwrap().is_cancelled());
        assert!(results.next().is_none());
        held.release();
    });
}

#[test]
fn it_keeps_its_pool_open() {
    watchdog(|| {
        let mut results = pool(2).map_buffered(2, 0..100, |n| n);
        for n in 0..100 {
            assert_eq!(results.next().unwrap().unwrap(), n);
        }
        assert!(results.next().is_none());
    });
}

#[test]
fn dropping_it_as_the_last_handle_waits_for_what_runs() {
    watchdog(|| {
        let (begun, go_on) = (Gate::new(), Gate::new());
        let results = pool(1).map_buffered(1, 0.., {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            move |_: u32| {
                begun.open();
                go_on.wait();
                thread::current().id()
            }
        });
        begun.wait();
        let dropping = thread::spawn(move || drop(results));
        go_on.open();
        dropping.join().unwrap();
    });
}

//! `map_unordered`: eager, results as they come, errors among them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use crate::support::{Gate, Probe, hold, pool, watchdog};

#[test]
fn results_come_in_the_order_of_their_ends() {
    watchdog(|| {
        let pool = pool(3);
        let gates: Vec<_> = (0..3).map(|_| Gate::new()).collect();
        let mut results = pool.map_unordered(0..3, {
            let gates = gates.clone();
            move |index: usize| {
                gates[index].wait();
                index
            }
        });
        for next in [2, 0, 1] {
            gates[next].open();
            assert_eq!(results.next().unwrap().unwrap(), next);
        }
        assert!(results.next().is_none());
    });
}

#[test]
fn all_inputs_are_read_and_run_whether_anybody_iterates_or_not() {
    watchdog(|| {
        let pool = pool(2);
        let ran = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ran);
        let results = pool.map_unordered(0..50, move |_| count.fetch_add(1, SeqCst));
        assert_eq!(results.size_hint(), (1, Some(50)));
        drop(results);
        drop(pool);
        assert_eq!(ran.load(SeqCst), 50);
    });
}

#[test]
fn dropping_one_that_has_begun_cancels_the_rest() {
    watchdog(|| {
        let pool = pool(1);
        let (gate, probe) = (Gate::new(), Probe::new());
        let waiting = gate.clone();
        let inputs = (0..10).map(|n| (n, probe.value()));
        let mut results = pool.map_unordered(inputs, move |(n, value)| {
            drop(value);
            if n == 1 {
                waiting.wait();
            }
        });
        results.next().unwrap().unwrap();
        drop(results);
        gate.open();
        drop(pool);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn errors_and_panics_are_items_like_others() {
    watchdog(|| {
        let pool = pool(2);
        let results = pool.try_map_unordered(0..30_usize, |n| match n % 3 {
            0 => Ok(n),
            1 => Err(n),
            _ => panic!("{n}"),
        });
        let (mut values, mut failures, mut panics) = (0, 0, 0);
        for result in results {
            match result {
                Ok(n) => {
                    assert_eq!(n % 3, 0);
                    values += 1;
                }
                Err(error) if error.task_error().unwrap().is_panic() => {
                    assert_eq!(error.index() % 3, 2);
                    panics += 1;
                }
                Err(error) => {
                    assert_eq!(error.index() % 3, 1);
                    failures += 1;
                }
            }
        }
        assert_eq!((values, failures, panics), (10, 10, 10));
    });
}

#[test]
fn a_time_limit_gives_what_is_ready_then_one_error_then_nothing() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let waiting = gate.clone();
        let mut results = pool.map_unordered(0..4, move |n| {
            if n == 2 {
                waiting.wait();
            }
            n
        });
        assert_eq!(results.next().unwrap().unwrap(), 0);
        assert_eq!(results.next().unwrap().unwrap(), 1);
        let mut results = results.timeout(Duration::ZERO);
        let error = results.next().unwrap().unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(error.index(), 2);
        assert!(results.next().is_none());
        assert_eq!(results.size_hint(), (0, Some(0)));
        gate.open();
    });
}

#[test]
fn the_function_is_gone_before_the_last_result_is_given() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let value = probe.value();
        let mut results = pool.map_unordered(0..10, move |n| {
            let _value = &value;
            n
        });
        assert_eq!(results.by_ref().take(10).count(), 10);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn items_start_in_input_order() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (tell, told) = std::sync::mpsc::channel();
        let results = pool.map_unordered(0..100, move |n| tell.send(n).unwrap());
        held.release();
        assert_eq!(results.count(), 100);
        assert!(told.iter().eq(0..100));
    });
}

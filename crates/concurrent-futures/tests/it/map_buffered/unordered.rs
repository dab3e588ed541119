//! Results as they come, read as they go.

use std::time::Duration;

use super::Reads;
use crate::support::{Gate, Probe, hold, pool, watchdog};

#[test]
fn results_come_in_the_order_of_their_ends() {
    watchdog(|| {
        let pool = pool(3);
        let gates: Vec<_> = (0..3).map(|_| Gate::new()).collect();
        let results = pool.map_buffered(3, 0..3, {
            let gates = gates.clone();
            move |index: usize| {
                gates[index].wait();
                index
            }
        });
        let mut results = results.unordered();
        for next in [1, 2, 0] {
            gates[next].open();
            assert_eq!(results.next().unwrap().unwrap(), next);
        }
        assert!(results.next().is_none());
    });
}

#[test]
fn a_slow_item_holds_only_its_own_place() {
    watchdog(|| {
        let pool = pool(2);
        let (gate, reads) = (Gate::new(), Reads::default());
        let waiting = gate.clone();
        let results = pool.map_buffered(4, reads.endless(), move |n| {
            if n == 0 {
                waiting.wait();
            }
            n
        });
        let mut results = results.unordered();
        let mut given: Vec<_> = results.by_ref().take(500).map(Result::unwrap).collect();
        given.sort_unstable();
        // The other three places went round, each item once.
        assert!(given.iter().all(|n| *n > 0 && *n <= 503));
        given.dedup();
        assert_eq!(given.len(), 500);
        gate.open();
        assert!(results.any(|n| n.unwrap() == 0));
    });
}

#[test]
fn never_more_is_read_than_given_out_and_room_in_the_buffer() {
    watchdog(|| {
        let pool = pool(3);
        let reads = Reads::default();
        let mut results = pool.map_buffered(4, reads.endless(), |n| n).unordered();
        for given in 0..500 {
            assert!(reads.count() <= given + 4);
            results.next().unwrap().unwrap();
            assert!(reads.count() <= given + 4);
        }
    });
}

#[test]
fn errors_do_not_end_it_and_name_their_item() {
    watchdog(|| {
        let pool = pool(2);
        let inputs = 0..100_usize;
        let results =
            pool.try_map_buffered(5, inputs, |n| if n % 10 == 3 { Err(n) } else { Ok(n) });
        let mut all = vec![false; 100];
        for result in results.unordered() {
            let n = match result {
                Ok(n) => n,
                Err(error) => {
                    let index = error.index();
                    assert_eq!(error.into_task_error().unwrap().into_failure(), Some(index));
                    index
                }
            };
            assert!(!std::mem::replace(&mut all[n], true));
        }
        assert!(all.into_iter().all(|given| given));
    });
}

#[test]
fn a_time_limit_names_the_first_item_that_is_missing_and_cancels() {
    watchdog(|| {
        let pool = pool(1);
        let (gate, probe) = (Gate::new(), Probe::new());
        let waiting = gate.clone();
        let inputs = (0..10).map(|n| (n, probe.value()));
        let results = pool.map_buffered(4, inputs, move |(n, value)| {
            drop(value);
            if n == 1 {
                waiting.wait();
            }
            n
        });
        let mut results = results.unordered();
        assert_eq!(results.next().unwrap().unwrap(), 0);
        let mut results = results.timeout(Duration::ZERO);
        let error = results.next().unwrap().unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(error.index(), 1);
        assert!(results.next().is_none());
        // Those behind were cancelled; the one at work has dropped its input or will.
        gate.open();
        drop((results, pool));
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn dropping_it_cancels_what_was_read() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let inputs = (0..20).map(|_| probe.value());
        let results = pool.map_buffered(10, inputs, |_| unreachable!("it was cancelled"));
        drop(results.unordered());
        assert_eq!(probe.alive(), 0);
        held.release();
    });
}

#[test]
fn a_shutdown_ends_an_endless_one() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.map_buffered(3, 0.., |n: u32| n).unordered();
        assert!(results.next().unwrap().is_ok());
        pool.shutdown();
        let rest: Vec<_> = results.by_ref().collect();
        let (ran, refused): (Vec<_>, Vec<_>) = rest.into_iter().partition(Result::is_ok);
        assert_eq!(ran.len(), 2);
        // It is told, and is not told for ever.
        assert_eq!(refused.len(), 1);
        assert!(results.next().is_none());
    });
}

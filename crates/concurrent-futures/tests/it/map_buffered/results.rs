//! What is given out.

use std::time::Duration;

use super::Reads;
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn results_in_input_order_however_they_end() {
    watchdog(|| {
        let pool = pool(3);
        let gates: Vec<_> = (0..3).map(|_| Gate::new()).collect();
        let results = pool.map_buffered(3, 0..3, {
            let gates = gates.clone();
            move |index: usize| {
                gates[index].wait();
                if let Some(before) = index.checked_sub(1) {
                    gates[before].open();
                }
                index
            }
        });
        gates[2].open();
        assert!(results.map(Result::unwrap).eq([0, 1, 2]));
    });
}

#[test]
fn endless_inputs() {
    watchdog(|| {
        let pool = pool(4);
        let sum: u64 = pool
            .map_buffered(16, 0_u64.., |n| n)
            .take(10_000)
            .map(Result::unwrap)
            .sum();
        assert_eq!(sum, 49_995_000);
    });
}

#[test]
fn an_error_ends_it_and_cancels_and_reads_no_more() {
    watchdog(|| {
        let pool = pool(1);
        let (gate, reads) = (Gate::new(), Reads::default());
        let mut results = pool.try_map_buffered(4, reads.endless(), {
            let gate = gate.clone();
            move |n| {
                if n > 2 {
                    gate.wait();
                }
                if n == 2 { Err("two") } else { Ok(n) }
            }
        });
        assert_eq!(results.next().unwrap().unwrap(), 0);
        assert_eq!(results.next().unwrap().unwrap(), 1);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 2);
        assert_eq!(error.to_string(), "item 2: two");
        let read = reads.count();
        assert!(results.next().is_none());
        assert_eq!(results.size_hint(), (0, Some(0)));
        assert_eq!(reads.count(), read);
        gate.open();
    });
}

#[test]
fn a_panic_is_the_error_of_its_item() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.map_buffered(2, 0..5, |n| assert!(n != 1, "not one"));
        results.next().unwrap().unwrap();
        let error = results.next().unwrap().unwrap_err();
        assert!(error.task_error().unwrap().is_panic());
        assert!(results.next().is_none());
    });
}

#[test]
fn a_time_limit_ends_it_but_gives_what_is_ready() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let waiting = gate.clone();
        let mut results = pool.map_buffered(2, 0.., move |n| {
            if n == 1 {
                waiting.wait();
            }
            n
        });
        assert_eq!(results.next().unwrap().unwrap(), 0);
        let mut results = results.timeout(Duration::ZERO);
        let error = results.next().unwrap().unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(error.index(), 1);
        assert!(results.next().is_none());
        gate.open();
    });
}

#[test]
fn a_time_limit_that_is_not_reached_changes_nothing() {
    watchdog(|| {
        let pool = pool(2);
        let results = pool.map_buffered(3, 0..50, |n| n).timeout(Duration::MAX);
        assert!(results.map(Result::unwrap).eq(0..50));
    });
}

#[test]
fn what_the_buffer_holds_waits_with_others_in_the_order_of_reading() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (tell, told) = std::sync::mpsc::channel();
        let telling = tell.clone();
        let results = pool.map_buffered(2, ["a", "b"], move |s| telling.send(s).unwrap());
        let other = pool.submit(move || tell.send("c").unwrap());
        held.release();
        results.for_each(|result| result.unwrap());
        other.result().unwrap();
        assert!(told.iter().eq(["a", "b", "c"]));
    });
}

//! `map` on a bounded pool: each item takes room of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use concurrent_futures::WhenFull;

use super::bounded;
use crate::support::{Gate, Probe, hold, watchdog};

#[test]
fn results_in_input_order() {
    watchdog(|| {
        let pool = bounded(3, 2, WhenFull::Block);
        let results = pool.map(0..1000_u32, |n| n * 2);
        assert_eq!(results.len(), 1000);
        assert!(results.map(Result::unwrap).eq((0..1000).map(|n| n * 2)));
    });
}

#[test]
fn the_input_is_read_as_there_is_room() {
    watchdog(|| {
        const CAPACITY: usize = 4;
        let pool = bounded(1, CAPACITY, WhenFull::Block);
        let held = hold(&pool, 1);
        let (read, started) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let inputs = (0..100).inspect(|_| {
            let read = read.fetch_add(1, SeqCst) + 1;
            // This one is in hand, and the one before may have room without being counted.
            assert!(read <= started.load(SeqCst) + CAPACITY + 2);
        });
        thread::scope(|scope| {
            let mapping = scope.spawn(|| {
                let started = Arc::clone(&started);
                pool.map(inputs, move |n| {
                    started.fetch_add(1, SeqCst);
                    n
                })
            });
            while read.load(SeqCst) <= CAPACITY {
                thread::yield_now();
            }
            held.release();
            let results = mapping.join().unwrap();
            assert!(results.map(Result::unwrap).eq(0..100));
        });
    });
}

#[test]
fn an_error_ends_the_iteration_and_cancels_the_rest() {
    watchdog(|| {
        let pool = bounded(1, 100, WhenFull::Block);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let inputs = (0..50).map(|n| (n, probe.value()));
        let gate = Gate::new();
        let mut results = pool.try_map(inputs, {
            let gate = gate.clone();
            move |(n, value)| {
                drop(value);
                if n == 1 {
                    return Err("one");
                }
                if n > 1 {
                    gate.wait();
                }
                Ok(n)
            }
        });
        held.release();
        assert_eq!(results.next().unwrap().unwrap(), 0);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(
            (
                error.index(),
                error.into_task_error().unwrap().into_failure()
            ),
            (1, Some("one"))
        );
        assert!(results.next().is_none());
        gate.open();
        drop(pool);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn an_item_without_room_is_an_error_of_its_own() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::Reject);
        let held = hold(&pool, 1);
        let mut results = pool.map(0..4, |n| n);
        held.release();
        assert_eq!(results.next().unwrap().unwrap(), 0);
        assert_eq!(results.next().unwrap().unwrap(), 1);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 2);
        assert!(error.to_string().contains("full"), "{error}");
        assert!(results.next().is_none());
    });
}

#[test]
fn the_oldest_items_give_way() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let results = pool.map_unordered(0..5, |n| n);
        held.release();
        let (kept, gone): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
        let mut kept: Vec<_> = kept.into_iter().map(Result::unwrap).collect();
        kept.sort_unstable();
        let mut gone: Vec<_> = gone.into_iter().map(|e| e.unwrap_err().index()).collect();
        gone.sort_unstable();
        assert_eq!((kept, gone), (vec![3, 4], vec![0, 1, 2]));
    });
}

#[test]
fn a_timeout_gives_the_index() {
    watchdog(|| {
        let pool = bounded(1, 10, WhenFull::Block);
        let gate = Gate::new();
        let waiting = gate.clone();
        let mut results = pool
            .map(0..3, move |n: usize| {
                if n == 1 {
                    waiting.wait();
                }
                n
            })
            .timeout(std::time::Duration::from_millis(50));
        let mut given = 0;
        let error = loop {
            match results.next().unwrap() {
                Ok(n) => given = n + 1,
                Err(error) => break error,
            }
        };
        assert!(error.is_timeout());
        assert_eq!(error.index(), given);
        assert!(results.next().is_none());
        gate.open();
    });
}

#[test]
fn on_a_worker_the_input_is_read_at_once() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let inside = pool.clone();
        let task = pool.submit(move || inside.map(0..100, |n| n).map(Result::unwrap).sum::<i32>());
        assert_eq!(task.result().unwrap(), 4950);
    });
}

#[test]
fn an_iteration_that_has_not_begun_cancels_nothing() {
    watchdog(|| {
        let pool = bounded(1, 10, WhenFull::Block);
        let held = hold(&pool, 1);
        let ran = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ran);
        drop(pool.map(0..5, move |_| count.fetch_add(1, SeqCst)));
        held.release();
        drop(pool);
        assert_eq!(ran.load(SeqCst), 5);
    });
}

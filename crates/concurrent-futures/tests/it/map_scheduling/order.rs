//! Results come in input order, and items start in it.

use std::{
    hint,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{MANY, journal::Journal, line::Line};
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn results_come_in_input_order_whichever_item_ends_first() {
    watchdog(|| {
        for workers in 1..=4 {
            let pool = pool(workers);
            let results = pool.map(0..MANY, |index| {
                // Not by yielding, which takes as long as others on the machine like.
                for _ in 0..index % 7 * 100 {
                    hint::spin_loop();
                }
                index
            });
            assert!(results.map(Result::unwrap).eq(0..MANY));
        }
    });
}

#[test]
fn a_result_is_given_while_the_next_item_is_blocked() {
    watchdog(|| {
        let pool = pool(1);
        for blocked in [1, 2, 3, 10, 64, 1000, MANY] {
            let taken = Gate::new();
            let mut results = pool.map(0..=blocked, {
                let taken = taken.clone();
                move |index| {
                    if index == blocked {
                        taken.wait();
                    }
                    index
                }
            });
            let before: Vec<_> = results.by_ref().take(blocked).map(Result::unwrap).collect();
            assert!(before.into_iter().eq(0..blocked));
            taken.open();
            assert_eq!(results.next().unwrap().unwrap(), blocked);
        }
    });
}

#[test]
fn one_worker_starts_items_in_input_order() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let starts = Journal::new();
        let results = pool.map(0..MANY, {
            let starts = starts.clone();
            move |index| starts.note(index)
        });
        held.release();
        assert_eq!(results.count(), MANY);
        assert!(starts.entries().into_iter().eq(0..MANY));
    });
}

#[test]
fn one_worker_runs_one_item_at_a_time() {
    watchdog(|| {
        let pool = pool(1);
        let inside = AtomicUsize::new(0);
        let results = pool.map(0..1000, move |_| {
            let others = inside.fetch_add(1, Ordering::SeqCst);
            thread::yield_now();
            inside.fetch_sub(1, Ordering::SeqCst);
            others
        });
        assert_eq!(results.map(Result::unwrap).sum::<usize>(), 0);
    });
}

#[test]
fn several_workers_start_blocking_items_in_input_order() {
    const ITEMS: usize = 50;
    watchdog(|| {
        for workers in 1..=4 {
            for fast in [0, 1, 63, 1000, MANY] {
                let pool = pool(workers);
                let line = Line::new(ITEMS);
                let results = pool.map(0..fast + ITEMS, {
                    let line = line.clone();
                    move |index: usize| {
                        if let Some(job) = index.checked_sub(fast) {
                            line.stand(job);
                        }
                    }
                });
                line.expect_order(workers, fast);
                assert_eq!(results.count(), fast + ITEMS);
            }
        }
    });
}

#[test]
fn several_workers_start_fast_items_in_input_order() {
    watchdog(|| {
        for workers in 2..=4 {
            let pool = pool(workers);
            let held = hold(&pool, workers);
            let tickets = AtomicUsize::new(0);
            let results = pool.map(0..MANY, move |_| tickets.fetch_add(1, Ordering::SeqCst));
            held.release();
            for (index, ticket) in results.map(Result::unwrap).enumerate() {
                // Of the items before this one all have been taken, and at most one for each
                // other worker has not drawn its ticket yet.
                assert!(ticket + workers > index, "{index} drew ticket {ticket}");
            }
        }
    });
}

#[test]
fn every_item_runs_exactly_once() {
    watchdog(|| {
        for workers in [1, 2, 3, 8] {
            let pool = pool(workers);
            let runs: Arc<[AtomicUsize]> = (0..MANY).map(|_| AtomicUsize::new(0)).collect();
            let results = pool.map(0..MANY, {
                let runs = Arc::clone(&runs);
                move |index| runs[index].fetch_add(1, Ordering::SeqCst)
            });
            assert!(results.map(Result::unwrap).all(|before| before == 0));
            pool.shutdown();
            assert!(runs.iter().all(|runs| runs.load(Ordering::SeqCst) == 1));
        }
    });
}

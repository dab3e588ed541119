//! A map that has begun uses the workers that come later, and lets those go that are too many; its
//! items start in their order all the while, and before what stands behind them.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn items_that_have_not_started_get_the_new_workers() {
    const WORKERS: usize = 4;
    watchdog(|| {
        let pool = pool(1);
        let meeting = Arc::new(Barrier::new(WORKERS));
        let (began, starts) = mpsc::channel();
        let results = pool.map(0..WORKERS, move |item| {
            began.send(item).unwrap();
            meeting.wait();
            item
        });
        assert_eq!(starts.recv().unwrap(), 0);
        pool.set_max_workers(WORKERS).unwrap();
        assert!(results.map(Result::unwrap).eq(0..WORKERS));
    });
}

#[test]
fn a_new_worker_takes_the_next_item_and_not_what_stands_behind() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let (starts, started) = mpsc::channel();
        let (begins, waits) = (starts.clone(), gate.clone());
        let results = pool.map(0..20, move |item| {
            begins.send(item).unwrap();
            if item < 2 {
                waits.wait();
            }
        });
        let behind = pool.submit(move || starts.send(20).unwrap());
        assert_eq!(started.recv().unwrap(), 0);
        pool.set_max_workers(2).unwrap();
        assert_eq!(started.recv().unwrap(), 1);
        pool.set_max_workers(3).unwrap();
        // One worker is left for these, one after the other.
        for next in 2..=20 {
            assert_eq!(started.recv().unwrap(), next);
        }
        behind.result().unwrap();
        gate.open();
        assert_eq!(results.flatten().count(), 20);
    });
}

#[test]
fn a_map_that_still_waits_for_its_turn_gets_them_too() {
    const WORKERS: usize = 3;
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let before = pool.submit(|| ());
        let meeting = Arc::new(Barrier::new(WORKERS));
        let results = pool.map(0..2 * WORKERS, move |item| {
            meeting.wait();
            item
        });
        pool.set_max_workers(WORKERS).unwrap();
        before.result().unwrap();
        held.release();
        assert!(results.map(Result::unwrap).eq(0..2 * WORKERS));
    });
}

#[test]
fn while_the_input_is_read() {
    const WORKERS: usize = 3;
    watchdog(|| {
        let pool = pool(1);
        let meeting = Arc::new(Barrier::new(WORKERS));
        let grower = pool.clone();
        let inputs = (0..300).inspect(move |&item| {
            if item == 100 {
                grower.set_max_workers(WORKERS).unwrap();
            }
        });
        // In groups, so that each needs all workers.
        let results = pool.map(inputs, move |item| {
            if item >= 150 {
                meeting.wait();
            }
            item
        });
        assert!(results.map(Result::unwrap).eq(0..300));
    });
}

#[test]
fn workers_that_are_too_many_go_after_their_item() {
    const WORKERS: usize = 4;
    watchdog(|| {
        let pool = pool(WORKERS);
        let (first, second) = (Gate::new(), Gate::new());
        let (began, begins) = mpsc::channel();
        let gates = (first.clone(), second.clone());
        let results = pool.map(0..1000, move |item| {
            if item < WORKERS {
                began.send(()).unwrap();
                gates.0.wait();
            } else {
                gates.1.wait();
            }
            item
        });
        for _ in 0..WORKERS {
            begins.recv().unwrap();
        }
        pool.set_max_workers(1).unwrap();
        first.open();
        // None of those that go may take one more of these.
        while pool.stats().workers > 1 {
            thread::yield_now();
        }
        second.open();
        assert!(results.map(Result::unwrap).eq(0..1000));
        assert_eq!(pool.stats().workers, 1);
    });
}

#[test]
fn each_item_runs_once_however_the_number_changes() {
    const ITEMS: usize = 20_000;
    watchdog(|| {
        let pool = pool(2);
        let runs: Arc<Vec<_>> = Arc::new((0..ITEMS).map(|_| AtomicUsize::new(0)).collect());
        let counted = Arc::clone(&runs);
        let over = Gate::new();
        thread::scope(|s| {
            s.spawn(|| {
                for workers in [1, 5, 2, 8, 3].into_iter().cycle() {
                    pool.set_max_workers(workers).unwrap();
                    if over.is_open() {
                        return;
                    }
                    thread::yield_now();
                }
            });
            let results = pool.map(0..ITEMS, move |item| {
                counted[item].fetch_add(1, Ordering::SeqCst);
                item
            });
            assert!(results.map(Result::unwrap).eq(0..ITEMS));
            over.open();
        });
        assert!(runs.iter().all(|runs| runs.load(Ordering::SeqCst) == 1));
        let stats = pool.stats();
        assert_eq!((stats.submitted, stats.completed), (20_000, 20_000));
    });
}

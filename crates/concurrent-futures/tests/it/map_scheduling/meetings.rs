//! An item never waits behind a blocked one of the same map while a worker is idle.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicUsize, Ordering},
};

use concurrent_futures::ThreadPoolExecutor;

use super::{MANY, journal::Journal, random::Random};
use crate::support::{Gate, hold, pool, watchdog};

/// A map of fast items, of which those at the `positions` wait for each other.
fn meet(pool: &ThreadPoolExecutor, items: usize, positions: &[usize]) {
    let meeting = Barrier::new(positions.len());
    let waits: Vec<bool> = (0..items).map(|item| positions.contains(&item)).collect();
    let results = pool.map(waits, move |waits| {
        if waits {
            meeting.wait();
        }
    });
    assert_eq!(results.map(Result::unwrap).count(), items);
}

#[test]
fn as_many_items_as_workers_run_at_once() {
    watchdog(|| {
        for count in 1..=8 {
            for workers in count..=8 {
                let together: Vec<_> = (0..count).collect();
                meet(&pool(workers), count, &together);
            }
        }
    });
}

#[test]
fn also_after_many_fast_items() {
    watchdog(|| {
        for count in 1..=8 {
            for workers in [count, 8] {
                let last: Vec<_> = (MANY..MANY + count).collect();
                meet(&pool(workers), MANY + count, &last);
            }
        }
    });
}

#[test]
fn also_before_many_fast_items() {
    watchdog(|| {
        for count in 1..=8 {
            let first: Vec<_> = (0..count).collect();
            meet(&pool(count), MANY, &first);
        }
    });
}

#[test]
fn wherever_they_stand_among_fast_items() {
    const ITEMS: usize = 2000;
    watchdog(|| {
        for count in 1..=8 {
            let pool = pool(count);
            let mut random = Random::new(count);
            for _ in 0..20 {
                meet(&pool, ITEMS, &random.positions(count, ITEMS));
            }
        }
    });
}

#[test]
fn at_every_distance_from_each_other() {
    watchdog(|| {
        let pool = pool(2);
        for distance in 1..=150 {
            for first in [0, 1, 500] {
                meet(&pool, first + distance + 1, &[first, first + distance]);
            }
        }
    });
}

#[test]
fn again_and_again_on_workers_that_sleep_in_between() {
    watchdog(|| {
        for count in [2, 4, 8] {
            let pool = pool(count);
            let together: Vec<_> = (0..count).collect();
            for _ in 0..300 {
                meet(&pool, count, &together);
            }
        }
    });
}

#[test]
fn group_after_group() {
    const GROUPS: usize = 300;
    watchdog(|| {
        for workers in 1..=6 {
            let pool = pool(workers);
            let meetings: Vec<_> = (0..GROUPS).map(|_| Barrier::new(workers)).collect();
            let results = pool.map(0..GROUPS * workers, move |index| {
                meetings[index / workers].wait();
            });
            assert_eq!(results.map(Result::unwrap).count(), GROUPS * workers);
        }
    });
}

/// The items at the `positions` wait until all others have run, for which one worker is left.
fn all_others_run(pool: &ThreadPoolExecutor, items: usize, positions: &[usize]) {
    let others = items - positions.len();
    let (ran, all_ran) = (AtomicUsize::new(0), Gate::new());
    let waits: Vec<bool> = (0..items).map(|item| positions.contains(&item)).collect();
    let results = pool.map(waits, move |waits| {
        if waits {
            all_ran.wait();
        } else if ran.fetch_add(1, Ordering::SeqCst) + 1 == others {
            all_ran.open();
        }
    });
    assert_eq!(results.map(Result::unwrap).count(), items);
}

#[test]
fn an_item_may_wait_for_all_the_others() {
    watchdog(|| {
        let pool = pool(2);
        for position in [0, 1, 2, 63, 100, 5000, MANY - 3, MANY - 2, MANY - 1] {
            all_others_run(&pool, MANY, &[position]);
        }
    });
}

#[test]
fn an_item_near_the_end_may_wait_for_the_few_behind_it() {
    watchdog(|| {
        let pool = pool(2);
        for items in [2, 3, 10, 100, 1000] {
            for from_end in 2..=items.min(40) {
                all_others_run(&pool, items, &[items - from_end]);
            }
        }
    });
}

#[test]
fn all_workers_but_one_may_wait_for_the_rest() {
    const ITEMS: usize = 3000;
    watchdog(|| {
        for workers in 3..=6 {
            let pool = pool(workers);
            let mut random = Random::new(workers);
            for _ in 0..10 {
                all_others_run(&pool, ITEMS, &random.positions(workers - 1, ITEMS));
            }
        }
    });
}

#[test]
fn an_item_may_wait_for_the_next_one() {
    watchdog(|| {
        for fast in [0, 1, MANY] {
            let pool = pool(2);
            let gates: Vec<_> = (0..1000).map(|_| Gate::new()).collect();
            let results = pool.map(0..fast + 2 * gates.len(), move |index: usize| {
                if let Some(index) = index.checked_sub(fast) {
                    let gate = &gates[index / 2];
                    match index % 2 {
                        0 => gate.wait(),
                        _ => gate.open(),
                    }
                }
            });
            assert_eq!(results.map(Result::unwrap).count(), fast + 2000);
        }
    });
}

#[test]
fn an_item_may_wait_for_those_before_it() {
    watchdog(|| {
        for workers in 1..=4 {
            let pool = pool(workers);
            let ended = Journal::new();
            let results = pool.map(0..2000, move |index| {
                ended.first(index);
                ended.note(());
            });
            assert_eq!(results.map(Result::unwrap).count(), 2000);
        }
    });
}

#[test]
fn a_worker_that_gets_free_takes_over_behind_a_blocked_item() {
    const ITEMS: usize = 3000;
    watchdog(|| {
        for blocked in [0, 1, 2, 7, 64, 1000, ITEMS - 2] {
            let pool = pool(2);
            let other = hold(&pool, 1);
            let (entered, ran, all_ran) = (Gate::new(), AtomicUsize::new(0), Gate::new());
            let results = pool.map(0..ITEMS, {
                let entered = entered.clone();
                move |index| {
                    if index == blocked {
                        entered.open();
                        all_ran.wait();
                    } else if ran.fetch_add(1, Ordering::SeqCst) + 2 == ITEMS {
                        all_ran.open();
                    }
                }
            });
            entered.wait();
            other.release();
            assert_eq!(results.map(Result::unwrap).count(), ITEMS);
        }
    });
}

#[test]
fn no_more_workers_than_items() {
    watchdog(|| {
        for items in 1..=4 {
            let pool = pool(8);
            let gate = Gate::new();
            let started = Journal::new();
            let results = pool.map(0..items, {
                let (gate, started) = (gate.clone(), started.clone());
                move |_| {
                    started.note(());
                    gate.wait();
                }
            });
            started.first(items);
            assert_eq!(pool.worker_count(), items);
            gate.open();
            assert_eq!(results.count(), items);
            assert_eq!(pool.worker_count(), items);
        }
    });
}

#[test]
fn never_more_items_at_once_than_workers() {
    watchdog(|| {
        let pool = pool(3);
        let (inside, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let results = pool.map(0..3000, {
            let most = Arc::clone(&most);
            move |_| {
                let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                std::thread::yield_now();
                inside.fetch_sub(1, Ordering::SeqCst);
            }
        });
        assert_eq!(results.count(), 3000);
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
    });
}

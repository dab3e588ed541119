//! Items stand in the queue as tasks do: behind what was submitted before, ahead of what comes later.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use concurrent_futures::{Future, ThreadPoolExecutor};

use super::{MANY, journal::Journal, line::Line};
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn one_worker_keeps_the_order_of_tasks_and_items() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let starts = Journal::new();
        let note = || {
            let starts = starts.clone();
            move |entry: usize| starts.note(entry)
        };
        let task = |entry| {
            let note = note();
            drop(pool.submit(move || note(entry)));
        };
        task(0);
        drop(pool.map(1..500, note()));
        task(500);
        task(501);
        drop(pool.map(502..503, note()));
        drop(pool.map(503..1000, note()));
        task(1000);
        held.release();
        pool.shutdown();
        assert!(starts.entries().into_iter().eq(0..=1000));
    });
}

#[test]
fn several_workers_keep_the_order_of_tasks_and_items() {
    watchdog(|| {
        for workers in 1..=4 {
            let pool = pool(workers);
            let line = Line::new(60);
            let stand = || {
                let line = line.clone();
                move |job| line.stand(job)
            };
            let task = |job| {
                let stand = stand();
                drop(pool.submit(move || stand(job)));
            };
            task(0);
            drop(pool.map(1..6, stand()));
            task(6);
            drop(pool.map(7..8, stand()));
            drop(pool.map(8..40, stand()));
            (40..50).for_each(&task);
            drop(pool.map(50..59, stand()));
            task(59);
            line.expect_order(workers, workers);
        }
    });
}

/// Fast items, then something else: how many items had started when it did, in each of several rounds.
fn started_before(
    workers: usize,
    next: impl Fn(&ThreadPoolExecutor, Arc<AtomicUsize>) -> Option<usize>,
) {
    for _ in 0..20 {
        let pool = pool(workers);
        let started = Arc::new(AtomicUsize::new(0));
        let results = pool.map(0..MANY, {
            let started = Arc::clone(&started);
            move |_| started.fetch_add(1, Ordering::SeqCst)
        });
        let before = next(&pool, started).unwrap();
        // Each other worker may have taken an item and not come to count it.
        assert!(
            before + workers > MANY,
            "{before} of {MANY}, {workers} workers"
        );
        assert_eq!(results.count(), MANY);
    }
}

#[test]
fn a_later_task_starts_after_the_items() {
    watchdog(|| {
        for workers in 1..=4 {
            started_before(workers, |pool, started| {
                let later = pool.submit(move || started.load(Ordering::SeqCst));
                later.result().ok()
            });
        }
    });
}

#[test]
fn a_later_map_starts_after_the_items() {
    watchdog(|| {
        for workers in 1..=4 {
            started_before(workers, |pool, started| {
                let later = pool.map(0..MANY, move |_| started.load(Ordering::SeqCst));
                later.map(Result::unwrap).min()
            });
        }
    });
}

#[test]
fn an_earlier_task_starts_before_the_items() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let line = Line::new(4);
        let stand = || {
            let line = line.clone();
            move |job| line.stand(job)
        };
        let (first, second) = (stand(), stand());
        drop(pool.submit(move || first(0)));
        drop(pool.submit(move || second(1)));
        drop(pool.map(2..4, stand()));
        held.release();
        line.expect_order(2, 0);
    });
}

#[test]
fn a_task_submitted_by_an_item_queues_behind_the_items() {
    watchdog(|| {
        let (pool, items) = (pool(1), 1000);
        let held = hold(&pool, 1);
        let starts = Journal::new();
        let results = pool.map(0..items, {
            let (pool, starts) = (pool.clone(), starts.clone());
            move |index| {
                starts.note(index);
                if index == 3 {
                    let starts = starts.clone();
                    drop(pool.submit(move || starts.note(items)));
                }
            }
        });
        held.release();
        assert_eq!(results.count(), items);
        pool.shutdown();
        assert!(starts.entries().into_iter().eq(0..=items));
    });
}

#[test]
fn an_item_may_wait_for_a_task_submitted_after_the_map() {
    watchdog(|| {
        for position in [0, 1, 100, 2998, 2999] {
            let pool = pool(2);
            let later = Arc::new(Mutex::new(None::<Future<usize>>));
            let submitted = Gate::new();
            let results = pool.map(0..3000, {
                let (later, submitted) = (Arc::clone(&later), submitted.clone());
                move |index| {
                    if index != position {
                        return index;
                    }
                    submitted.wait();
                    let later = later.lock().unwrap().take().unwrap();
                    later.result().unwrap()
                }
            });
            *later.lock().unwrap() = Some(pool.submit(move || position));
            submitted.open();
            assert!(results.map(Result::unwrap).eq(0..3000));
        }
    });
}

#[test]
fn items_of_two_maps_may_wait_for_each_other() {
    watchdog(|| {
        for fast in [0, 1, MANY] {
            let pool = pool(2);
            let meeting = Arc::new(Barrier::new(2));
            let meet_at = |position| {
                let meeting = Arc::clone(&meeting);
                move |index| index == position && meeting.wait().is_leader()
            };
            let first = pool.map(0..=fast, meet_at(fast));
            let second = pool.map(0..=fast, meet_at(0));
            let leaders = first.chain(second).map(Result::unwrap);
            assert_eq!(leaders.filter(|&leader| leader).count(), 1);
        }
    });
}

#[test]
fn a_task_may_map_on_its_own_pool() {
    watchdog(|| {
        for workers in 2..=4 {
            let pool = pool(workers);
            let inner = pool.clone();
            let sum = pool.submit(move || {
                let results = inner.map(0..MANY, |index| index);
                results.map(Result::unwrap).sum::<usize>()
            });
            assert_eq!(sum.result().unwrap(), MANY * (MANY - 1) / 2);
        }
    });
}

#[test]
fn a_map_in_a_task_gets_all_the_other_workers() {
    watchdog(|| {
        for others in 1..=7 {
            let pool = pool(others + 1);
            let inner = pool.clone();
            let task = pool.submit(move || {
                let meeting = Barrier::new(others);
                let results = inner.map(0..others, move |_| meeting.wait().is_leader());
                results.count()
            });
            assert_eq!(task.result().unwrap(), others);
        }
    });
}

#[test]
fn items_may_map_on_their_own_pool() {
    watchdog(|| {
        let pool = pool(4);
        let inner = pool.clone();
        let sums = pool.map(0..3_usize, move |outer| {
            let results = inner.map(0..1000, move |index| outer + index);
            results.map(Result::unwrap).sum::<usize>()
        });
        let expected = (0..3).map(|outer| (0..1000).map(|index| outer + index).sum::<usize>());
        assert!(sums.map(Result::unwrap).eq(expected));
    });
}

#[test]
fn maps_from_many_threads_share_a_pool() {
    watchdog(|| {
        let pool = pool(3);
        thread::scope(|scope| {
            for caller in 0..8 {
                let pool = &pool;
                scope.spawn(move || {
                    for _ in 0..5 {
                        let results = pool.map(0..1000, move |index| (caller, index));
                        let expected = (0..1000).map(|index| (caller, index));
                        assert!(results.map(Result::unwrap).eq(expected));
                    }
                });
            }
        });
    });
}

#[test]
fn items_do_not_keep_a_worker_when_the_map_is_done() {
    watchdog(|| {
        let pool = pool(4);
        for _ in 0..200 {
            assert_eq!(pool.map(0..8, |index| index).count(), 8);
            let meeting = Arc::new(Barrier::new(4));
            let tasks = [(); 4].map(|()| {
                let meeting = Arc::clone(&meeting);
                pool.submit(move || meeting.wait().is_leader())
            });
            assert!(tasks.into_iter().all(|task| task.result().is_ok()));
        }
    });
}

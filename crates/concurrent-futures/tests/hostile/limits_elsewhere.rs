//! No time at all and all the time there is, where it is not a wait for a future.

use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
    time::Duration,
};

use concurrent_futures::{CancelToken, CollectAll, ThreadPoolExecutor, Watchdog, WhenFull};

use crate::support::{Gate, hold, pool, watchdog};

const LONG: [Duration; 2] = [Duration::MAX, Duration::from_secs(u64::MAX)];
const SHORT: [Duration; 2] = [Duration::ZERO, Duration::from_nanos(1)];

fn bounded(when_full: WhenFull) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(1)
        .queue_capacity(1)
        .when_full(when_full)
        .build()
        .unwrap()
}

#[test]
fn for_room_in_a_queue() {
    watchdog(|| {
        for limit in SHORT {
            let pool = bounded(WhenFull::BlockFor(limit));
            let held = hold(&pool, 1);
            let queued = pool.submit(|| 1);
            assert!(pool.submit(|| 2).exception().is_some());
            assert!(pool.offer_timeout(|| 2, limit).is_err());
            held.release();
            assert_eq!(queued.result().unwrap(), 1);
        }
        for limit in LONG {
            let pool = bounded(WhenFull::BlockFor(limit));
            let held = hold(&pool, 1);
            let queued = pool.submit(|| 1);
            thread::scope(|scope| {
                let submit = scope.spawn(|| pool.submit(|| 2).result().unwrap());
                let offer = scope.spawn(|| {
                    pool.offer_timeout(|| 3, limit)
                        .map(concurrent_futures::Future::result)
                });
                held.release();
                assert_eq!(submit.join().unwrap(), 2);
                assert_eq!(offer.join().unwrap().ok().unwrap().unwrap(), 3);
            });
            assert_eq!(queued.result().unwrap(), 1);
        }
    });
}

#[test]
fn for_a_task() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let late = SHORT.map(|limit| pool.task().timeout(limit).submit(|| 1));
        let early = LONG.map(|limit| pool.task().timeout(limit).submit(|| 1));
        // It is over at once, not when the task's turn comes.
        held.release();
        for future in late {
            assert!(future.result().unwrap_err().is_deadline_exceeded());
        }
        for future in early {
            assert_eq!(future.result().unwrap(), 1);
        }
    });
}

#[test]
fn for_a_token() {
    watchdog(|| {
        for limit in SHORT {
            let token = CancelToken::new();
            assert!(token.sleep(limit).is_ok());
            let bound = token.with_timeout(limit);
            assert!(bound.wait().is_deadline());
            assert!(bound.is_cancelled() && !token.is_cancelled());
        }
        for limit in LONG {
            let token = CancelToken::new().with_timeout(limit);
            assert!(!token.is_cancelled() && token.deadline().is_none());
            let cancels = token.clone();
            let other = thread::spawn(move || cancels.cancel());
            let cancelled = token.sleep(limit).unwrap_err();
            assert!(!cancelled.is_deadline() && !cancelled.is_shutdown());
            assert!(other.join().unwrap());
        }
    });
}

#[test]
fn for_a_group() {
    watchdog(|| {
        let pool = pool(1);
        for limit in SHORT {
            let held = hold(&pool, 1);
            let outcomes = pool
                .group(CollectAll)
                .timeout(limit)
                .scope(|group| group.submit(|| 1));
            assert!(outcomes[0].as_ref().unwrap_err().is_deadline_exceeded());
            held.release();
        }
        for limit in LONG {
            let outcomes = pool
                .group(CollectAll)
                .timeout(limit)
                .scope(|group| group.submit(|| 1));
            assert_eq!(*outcomes[0].as_ref().unwrap(), 1);
        }
    });
}

#[test]
fn for_each_kind_of_map() {
    watchdog(|| {
        let pool = pool(1);
        for limit in SHORT {
            let gate = Gate::new();
            let gated = || {
                let gate = gate.clone();
                move |n: i32| {
                    gate.wait();
                    n
                }
            };
            let mut ordered = pool.map_buffered(1, 0.., gated()).timeout(limit);
            assert!(ordered.next().unwrap().unwrap_err().is_timeout());
            let mut unordered = pool.map_unordered(0..3, gated()).timeout(limit);
            assert!(unordered.next().unwrap().unwrap_err().is_timeout());
            let buffered = pool.map_buffered(1, 0.., gated()).unordered();
            let mut buffered = buffered.timeout(limit);
            assert!(buffered.next().unwrap().unwrap_err().is_timeout());
            gate.open();
        }
        for limit in LONG {
            let ordered = pool.map_buffered(2, 0..9, |n| n).timeout(limit);
            assert_eq!(ordered.flatten().count(), 9);
            let unordered = pool.map_unordered(0..9, |n| n).timeout(limit);
            assert_eq!(unordered.flatten().count(), 9);
            let buffered = pool.map_buffered(2, 0..9, |n| n).unordered();
            assert_eq!(buffered.timeout(limit).flatten().count(), 9);
        }
    });
}

#[test]
fn for_idle_workers_under_load() {
    watchdog(|| {
        for keep_alive in [Duration::ZERO, Duration::from_micros(1), Duration::MAX] {
            let pool = ThreadPoolExecutor::builder()
                .max_workers(4)
                .keep_alive(keep_alive)
                .build()
                .unwrap();
            let ran = AtomicUsize::new(0);
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        for n in 0..2_000 {
                            assert_eq!(pool.submit(move || n).result().unwrap(), n);
                            ran.fetch_add(1, SeqCst);
                        }
                    });
                }
            });
            assert_eq!(ran.load(SeqCst), 6_000);
        }
    });
}

#[test]
fn for_a_watchdog() {
    watchdog(|| {
        for limit in SHORT.into_iter().chain(LONG) {
            let dog = Watchdog::new()
                .task_limit(limit)
                .queue_limit(limit)
                .standstill_limit(limit)
                .on_report(|_| ());
            let pool = ThreadPoolExecutor::builder()
                .max_workers(1)
                .watchdog(dog)
                .build()
                .unwrap();
            let held = hold(&pool, 1);
            let queued = pool.submit(|| 1);
            held.release();
            assert_eq!(queued.result().unwrap(), 1);
        }
    });
}

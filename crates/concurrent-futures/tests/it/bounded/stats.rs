//! What the numbers of a bounded pool say.

use std::{thread, time::Duration};

use concurrent_futures::{ThreadPoolExecutor, WhenFull};

use super::bounded;
use crate::support::{hold, watchdog};

fn adds_up(pool: &ThreadPoolExecutor) {
    let stats = pool.stats();
    let parts = stats.queued + stats.running + stats.completed + stats.failed + stats.cancelled;
    assert_eq!(stats.submitted, parts, "{stats:?}");
}

#[test]
fn refused_tasks_and_offers_count_as_rejected_and_as_nothing_else() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Reject);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| ());
        drop((pool.submit(|| ()), pool.offer(|| ()).is_err()));
        let stats = pool.stats();
        assert_eq!((stats.submitted, stats.queued, stats.running), (2, 1, 1));
        assert_eq!((stats.rejected, stats.failed), (2, 0));
        held.release();
        queued.result().unwrap();
    });
}

#[test]
fn discarded_tasks_were_submitted_and_have_failed() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::DiscardOldest);
        let _held = hold(&pool, 1);
        for _ in 0..10 {
            drop(pool.submit(|| ()));
        }
        let stats = pool.stats();
        assert_eq!((stats.submitted, stats.queued, stats.running), (11, 2, 1));
        assert_eq!((stats.failed, stats.rejected), (8, 0));
    });
}

#[test]
fn what_a_caller_runs_is_submitted_and_completed() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::CallerRuns);
        let _held = hold(&pool, 1);
        for _ in 0..10 {
            drop(pool.submit(|| ()));
        }
        let stats = pool.stats();
        assert_eq!((stats.submitted, stats.queued, stats.running), (11, 1, 1));
        assert_eq!((stats.completed, stats.rejected), (9, 0));
    });
}

#[test]
fn the_numbers_fit_each_other_at_any_moment() {
    watchdog(|| {
        for policy in [
            WhenFull::Block,
            WhenFull::BlockFor(Duration::from_micros(10)),
            WhenFull::Reject,
            WhenFull::CallerRuns,
            WhenFull::DiscardOldest,
        ] {
            let pool = bounded(2, 3, policy);
            thread::scope(|scope| {
                let producers = [(); 2].map(|()| {
                    scope.spawn(|| {
                        for n in 0..1000 {
                            let future = pool.submit(|| ());
                            if n % 7 == 0 {
                                future.cancel();
                            }
                            if n % 11 == 0 {
                                drop(future.then(|()| ()));
                            }
                        }
                    })
                });
                while !producers.iter().all(thread::ScopedJoinHandle::is_finished) {
                    adds_up(&pool);
                }
            });
            pool.shutdown();
            let stats = pool.stats();
            adds_up(&pool);
            assert_eq!((stats.queued, stats.running), (0, 0));
        }
    });
}

#[test]
fn items_of_a_map_count_one_by_one() {
    watchdog(|| {
        let pool = bounded(2, 3, WhenFull::Block);
        assert_eq!(pool.map(0..100, |n| n).count(), 100);
        assert_eq!(pool.map_buffered(5, 0..100, |n| n).count(), 100);
        assert_eq!(pool.map_unordered(0..100, |n| n).count(), 100);
        pool.shutdown();
        let stats = pool.stats();
        assert_eq!((stats.submitted, stats.completed), (300, 300));
    });
}

//! Tasks that take more room than others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicIsize, Ordering::SeqCst},
    },
    time::Duration,
};

use concurrent_futures::WhenFull;

use super::bounded;
use crate::support::{hold, watchdog, watchdog_for};

#[test]
fn a_weight_takes_so_much_room() {
    watchdog(|| {
        let pool = bounded(1, 10, WhenFull::Block);
        let held = hold(&pool, 1);
        assert!(pool.task().weight(7).offer(|| ()).is_ok());
        assert!(pool.task().weight(4).offer(|| ()).is_err());
        assert!(pool.task().weight(2).offer(|| ()).is_ok());
        assert!(pool.offer(|| ()).is_ok());
        assert!(pool.offer(|| ()).is_err());
        held.release();
    });
}

#[test]
fn no_weight_counts_as_one() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::Block);
        let _held = hold(&pool, 1);
        assert!(pool.task().weight(0).offer(|| ()).is_ok());
        assert!(pool.task().weight(0).offer(|| ()).is_ok());
        assert!(pool.task().weight(0).offer(|| ()).is_err());
    });
}

#[test]
fn what_is_heavier_than_the_capacity_waits_alone() {
    watchdog(|| {
        let pool = bounded(1, 3, WhenFull::Block);
        let held = hold(&pool, 1);
        let giant = pool.task().weight(1_000_000).offer(|| 1).expect("alone");
        assert!(pool.offer(|| ()).is_err());
        held.release();
        assert_eq!(giant.result().unwrap(), 1);
        let _held = hold(&pool, 1);
        assert!(pool.offer(|| ()).is_ok());
        assert!(pool.task().weight(1_000_000).offer(|| ()).is_err());
    });
}

/// Small and huge ones under one bound of bytes: what waits never weighs more than the capacity.
#[test]
fn small_and_huge_tasks_fit_the_same_bound() {
    const CAPACITY: isize = 1 << 20;
    const SMALL: isize = 100;
    const HUGE: isize = 300_000;
    watchdog_for(Duration::from_secs(60), || {
        let pool = bounded(2, CAPACITY.unsigned_abs(), WhenFull::Block);
        let held = hold(&pool, 2);
        let waiting = Arc::new(AtomicIsize::new(0));
        let mut ran = Vec::new();
        for n in 0..20_000 {
            if n == 3000 {
                held.release();
            }
            let weight = if n % 2000 == 7 { HUGE } else { SMALL };
            let gone = Arc::clone(&waiting);
            ran.push(pool.task().weight(weight.unsigned_abs()).submit(move || {
                gone.fetch_sub(weight, SeqCst);
            }));
            let now = waiting.fetch_add(weight, SeqCst) + weight;
            // What has room no more may not have counted itself: one on each worker.
            assert!(now <= CAPACITY + 2 * HUGE, "{now}");
        }
        for future in ran {
            future.result().unwrap();
        }
        assert_eq!(waiting.load(SeqCst), 0);
    });
}

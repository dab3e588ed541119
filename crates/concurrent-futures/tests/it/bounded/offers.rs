//! Offers: taken at once, or in their time, or given back.

use std::{thread, time::Duration};

use concurrent_futures::{QueueFull, WhenFull};

use super::bounded;
use crate::support::{Gate, Probe, hold, refused_by_shutdown, watchdog};

const POLICIES: [WhenFull; 5] = [
    WhenFull::Block,
    WhenFull::BlockFor(Duration::MAX),
    WhenFull::Reject,
    WhenFull::CallerRuns,
    WhenFull::DiscardOldest,
];

#[test]
fn an_offer_without_room_gives_the_task_back_whatever_the_policy() {
    watchdog(|| {
        for policy in POLICIES {
            let pool = bounded(1, 1, policy);
            let held = hold(&pool, 1);
            let queued = pool.submit(|| 1);
            let probe = Probe::new();
            let value = probe.value();
            let full = pool.offer(move || drop(value)).unwrap_err();
            assert_eq!(probe.alive(), 1);
            full.into_task()();
            assert_eq!(probe.deaths(), 1);
            held.release();
            assert_eq!(queued.result().unwrap(), 1);
        }
    });
}

#[test]
fn an_offer_that_is_taken_is_a_task_like_any() {
    watchdog(|| {
        let pool = bounded(1, 4, WhenFull::Block);
        assert_eq!(pool.offer(|| 1).unwrap().result().unwrap(), 1);
        let parsed = pool.try_offer(|| "17".parse::<u8>()).unwrap();
        assert_eq!(parsed.result().unwrap(), 17);
        let failed = pool.try_offer(|| "x".parse::<u8>()).unwrap();
        assert!(failed.exception().is_some());
        let panicked = pool.offer(|| panic!("on purpose")).unwrap();
        assert!(panicked.exception().unwrap().is_panic());
    });
}

#[test]
fn every_form_gives_the_task_back() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let _held = hold(&pool, 1);
        let _queued = pool.submit(|| ());
        let soon = Duration::from_millis(1);
        assert_eq!(pool.offer(|| 1).unwrap_err().into_task()(), 1);
        assert_eq!(pool.offer_timeout(|| 2, soon).unwrap_err().into_task()(), 2);
        let fallible = || Ok::<_, ()>(3);
        assert_eq!(pool.try_offer(fallible).unwrap_err().into_task()(), Ok(3));
        let late = pool.try_offer_timeout(fallible, soon).unwrap_err();
        assert_eq!(late.into_task()(), Ok(3));
        assert_eq!(pool.task().offer(|| 4).unwrap_err().into_task()(), 4);
        let late = pool.task().name("late").offer_timeout(|| 5, soon);
        assert_eq!(late.unwrap_err().into_task()(), 5);
        assert!(pool.task().try_offer(fallible).is_err());
        assert!(pool.task().try_offer_timeout(fallible, soon).is_err());
    });
}

#[test]
fn a_timed_offer_waits_for_room() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Reject);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| 1);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| pool.offer_timeout(|| 2, Duration::MAX).unwrap());
            held.release();
            assert_eq!(waiting.join().unwrap().result().unwrap(), 2);
        });
        assert_eq!(queued.result().unwrap(), 1);
    });
}

#[test]
fn an_offer_to_a_closed_pool_is_refused_like_a_submit() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let held = hold(&pool, 1);
        let _queued = pool.submit(|| ());
        pool.shutdown_with(concurrent_futures::Shutdown::new().no_wait())
            .unwrap();
        // Full and closed.
        refused_by_shutdown(pool.offer(|| ()).unwrap());
        refused_by_shutdown(pool.offer_timeout(|| (), Duration::MAX).unwrap());
        held.release();
    });
}

#[test]
fn a_worker_is_told_the_truth_and_does_not_wait() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let go_on = Gate::new();
        let task = pool.submit({
            let (pool, go_on) = (pool.clone(), go_on.clone());
            move || {
                go_on.wait();
                let offered = pool.offer(|| ()).is_err();
                let waited = pool.offer_timeout(|| (), Duration::MAX).is_err();
                offered && waited
            }
        });
        while !task.running() {
            thread::yield_now();
        }
        let queued = pool.submit(|| ());
        go_on.open();
        assert!(task.result().unwrap());
        queued.result().unwrap();
    });
}

#[test]
fn the_error_can_be_shown_whatever_the_task() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let _held = hold(&pool, 1);
        let _queued = pool.submit(|| ());
        let full: QueueFull<_> = pool.offer(|| ()).unwrap_err();
        assert_eq!(format!("{full:?}"), "QueueFull { .. }");
        let error: Box<dyn std::error::Error> = Box::new(full);
        assert_eq!(error.to_string(), "the queue of the pool is full");
        assert!(error.source().is_none());
    });
}

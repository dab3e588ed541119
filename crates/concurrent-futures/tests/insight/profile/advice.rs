//! Advice on loads of a kind that cannot be mistaken. How good its numbers are is measured elsewhere.

use super::{profile, profiled};
use crate::support::watchdog;
use concurrent_futures::LoadKind;
use std::{thread, time::Duration};

#[test]
fn tasks_that_sleep_are_io_bound_and_want_more_workers() {
    watchdog(|| {
        let pool = profiled(2);
        let nap = |_| thread::sleep(Duration::from_millis(5));
        pool.map(0..20, nap).for_each(drop);
        let profile = profile(&pool);
        let advice = profile.advice();
        assert_eq!(advice.kind(), Some(LoadKind::IoBound));
        assert!(advice.workers() > Some(2), "{:?}", advice.workers());
        let topics: Vec<_> = advice.points().iter().map(|point| point.topic).collect();
        assert_eq!(topics, ["load", "workers", "arrivals", "queue", "speed-up"]);
        let bound = |millis| profile.queue_bound_for(Duration::from_millis(millis));
        assert_eq!(bound(0), Some(0));
        assert!(bound(100) < bound(1_000), "who may wait longer may be more");
    });
}

#[test]
fn too_little_gives_no_advice() {
    watchdog(|| {
        let pool = profiled(2);
        pool.submit(|| ()).result().unwrap();
        let profile = profile(&pool);
        assert_eq!(profile.advice().workers(), None);
        assert_eq!(profile.advice().points()[0].topic, "data");
    });
}

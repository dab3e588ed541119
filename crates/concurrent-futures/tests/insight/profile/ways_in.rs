//! However a task comes to the pool, it is in the profile.

use super::{profile, profiled};
use crate::support::watchdog;
use concurrent_futures::{ReturnWhen, wait};

#[test]
fn every_way_in_is_profiled() {
    watchdog(|| {
        let pool = profiled(2);
        pool.submit(|| ()).result().unwrap();
        assert!(pool.try_submit(|| "x".parse::<u8>()).result().is_err());
        pool.task().name("named").submit(|| ()).result().unwrap();
        pool.map(0..10, |n| n).for_each(drop);
        pool.map_unordered(0..10, |n| n).for_each(drop);
        pool.map_buffered(2, 0..10, |n| n).for_each(drop);
        pool.scope(|scope| {
            scope.submit(|| ());
        });
        pool.submit(|| 1).then(|n| n + 1).result().unwrap();
        assert!(pool.submit(|| panic!("on purpose")).result().is_err());

        let counts = profile(&pool).counts();
        assert_eq!(
            (counts.submitted, counts.queued, counts.running),
            (37, 0, 0)
        );
        assert_eq!(
            (counts.completed, counts.failed, counts.panicked),
            (35, 1, 1)
        );
    });
}

#[test]
fn counts_are_those_of_the_pool() {
    watchdog(|| {
        let pool = profiled(2);
        let tasks: Vec<_> = (0..100)
            .map(|n| pool.try_submit(move || if n % 10 == 0 { Err(()) } else { Ok(()) }))
            .collect();
        wait(tasks, ReturnWhen::AllCompleted);
        let (stats, counts) = (pool.stats(), profile(&pool).counts());
        assert_eq!(counts.submitted, stats.submitted);
        assert_eq!(
            (counts.completed, counts.failed),
            (stats.completed, stats.failed)
        );
    });
}

#[test]
fn a_task_is_shown_with_its_name_place_and_worker() {
    watchdog(|| {
        let pool = profiled(1);
        pool.task().name("index").submit(|| ()).result().unwrap();
        pool.submit(|| ()).result().unwrap();
        let profile = profile(&pool);
        let [named, unnamed] = profile.tasks() else {
            panic!("two tasks")
        };
        assert_eq!(
            (named.name(), named.label().as_str()),
            (Some("index"), "index")
        );
        assert_eq!(unnamed.name(), None);
        assert!(
            unnamed.label().contains("ways_in.rs:"),
            "{}",
            unnamed.label()
        );
        assert_eq!(
            (named.worker(), unnamed.worker()),
            (Some("w_0"), Some("w_0"))
        );
        assert!(named.enqueued() <= unnamed.enqueued());
    });
}

#[test]
fn a_task_that_another_one_submitted_knows_it() {
    watchdog(|| {
        let pool = profiled(1);
        let inner = pool.clone();
        pool.submit(move || inner.submit(|| ()).result())
            .result()
            .unwrap()
            .unwrap();
        let profile = profile(&pool);
        let [outer, inner] = profile.tasks() else {
            panic!("two tasks")
        };
        assert_eq!(inner.parent(), Some(outer.id()));
        assert!(outer.nested() >= inner.run());
        assert_eq!(profile.workers().len(), 1);
    });
}

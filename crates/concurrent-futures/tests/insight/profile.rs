//! What a pool says about its tasks, and that it says the same everywhere.

mod advice;
mod exports;
mod running;
mod ways_in;

use concurrent_futures::{Builder, Profile, ProfileOptions, ThreadPoolExecutor};

fn build(builder: Builder) -> ThreadPoolExecutor {
    builder.build().expect("valid settings")
}

/// A pool of so many workers that keeps a profile.
fn profiled(max_workers: usize) -> ThreadPoolExecutor {
    let builder = ThreadPoolExecutor::builder().max_workers(max_workers);
    build(builder.thread_name_prefix("w").profile())
}

fn profile(pool: &ThreadPoolExecutor) -> Profile {
    pool.profile().expect("the pool keeps a profile")
}

#[test]
fn a_pool_that_was_not_asked_has_no_profile() {
    assert!(ThreadPoolExecutor::new().profile().is_none());
}

#[test]
fn a_pool_without_tasks_has_an_empty_profile() {
    let profile = profile(&profiled(2));
    assert_eq!(profile.counts().submitted, 0);
    assert!(profile.tasks().is_empty() && profile.workers().is_empty());
    assert!(profile.elapsed().is_zero());
    assert!(profile.advice().workers().is_none());
    assert!(profile.queue_bound_for(std::time::Duration::MAX).is_none());
    assert!(profile.to_string().contains("nothing was submitted"));
}

#[test]
fn only_so_many_tasks_are_kept() {
    let options = ProfileOptions::new().max_tasks(64);
    let pool = build(
        ThreadPoolExecutor::builder()
            .max_workers(2)
            .profile_with(options),
    );
    pool.map(0..10_000, |n| n).for_each(drop);
    let profile = profile(&pool);
    assert_eq!(profile.counts().completed, 10_000);
    assert!(profile.tasks().len() <= 64, "{}", profile.tasks().len());
    assert!(profile.tasks().len() >= 20, "{}", profile.tasks().len());
}

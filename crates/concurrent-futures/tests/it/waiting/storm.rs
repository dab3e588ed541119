//! Trees of tasks that wait for each other in every way at once, on pools of few workers.

use std::time::Duration;

use concurrent_futures::{
    Future, ReturnWhen, ThreadPoolExecutor, as_completed, blocking, wait, wait_timeout,
};

use crate::support::{pool, watchdog_for};

const LONG: Duration = Duration::from_secs(600);
const LIMIT: Duration = Duration::from_secs(60);

/// The next number of a fixed row.
fn mix(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// How many leaves a tree has; it is the same however it is counted.
fn leaves(depth: u32) -> usize {
    3_usize.pow(depth)
}

/// Counts the leaves by a task for each branch, and waits for these in a way that the seed says.
fn count(pool: &ThreadPoolExecutor, depth: u32, seed: u64) -> usize {
    if depth == 0 {
        return 1;
    }
    let branch = |n: u64| {
        let (own, seed) = (pool.clone(), mix(seed ^ n));
        move || count(&own, depth - 1, seed)
    };
    let submit = |n| pool.submit(branch(n));
    let branches = || (1..=3).map(submit);
    let sum = |futures: Vec<Future<usize>>| futures.into_iter().map(|f| f.result().unwrap()).sum();
    match mix(seed) % 10 {
        0 => sum(branches().collect()),
        1 => {
            let (done, not_done) = wait(branches(), ReturnWhen::AllCompleted);
            assert!(not_done.is_empty());
            sum(done)
        }
        2 => {
            let (done, rest) = wait(branches(), ReturnWhen::FirstCompleted);
            sum(done) + sum(rest)
        }
        3 => as_completed(branches()).map(|f| f.result().unwrap()).sum(),
        4 => {
            let (own, seed) = (pool.clone(), mix(seed));
            pool.map(1..=3_u64, move |n| count(&own, depth - 1, mix(seed ^ n)))
                .map(Result::unwrap)
                .sum()
        }
        5 => {
            let mut counts = [0; 3];
            pool.scope(|scope| {
                for (n, count) in (1..).zip(&mut counts) {
                    let branch = branch(n);
                    scope.submit(move || *count = branch());
                }
            });
            counts.iter().sum()
        }
        6 => branches().map(|f| f.result_timeout(LONG).unwrap()).sum(),
        7 => {
            let (done, not_done) = wait_timeout(branches(), ReturnWhen::AllCompleted, LONG);
            assert!(not_done.is_empty());
            sum(done)
        }
        8 => {
            let rest = branches().map(|f| f.then(|n| n + 1));
            rest.map(|f| f.result().unwrap() - 1).sum()
        }
        _ => {
            // Some are cancelled, or run already, and then counted here.
            let (first, others) = (branch(1), [submit(2), submit(3)]);
            let spare = submit(1);
            spare.cancel();
            drop(spare);
            blocking(first) + others.map(|f| f.result().unwrap()).iter().sum::<usize>()
        }
    }
}

#[test]
fn every_way_of_waiting_at_once() {
    for workers in [1, 2, 3, 5] {
        for seed in 0..25 {
            watchdog_for(LIMIT, || {
                let pool = pool(workers);
                let own = pool.clone();
                let root = pool.submit(move || count(&own, 5, mix(seed)));
                assert_eq!(root.result().unwrap(), leaves(5));
                pool.shutdown();
            });
        }
    }
}

use super::Setup;
use crate::{
    alloc,
    pools::{Pending, Pool},
    sample::Sample,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The cost of a task, from its submission to its result, should not depend on how many are queued.
pub(super) fn run<P: Pool>(setup: &Setup, queued: u64) -> Sample {
    let rounds = setup.tasks(1_000_000) / queued;
    let rounds = rounds.max(1);
    let pool = setup.pool::<P>();
    let mut live = 0;
    let sample = setup.sample(rounds * queued, || {
        for _ in 0..rounds {
            live = round(pool, queued);
        }
    });
    if setup.counting {
        sample.with("live bytes", live as f64 / queued as f64)
    } else {
        sample
    }
}

/// Gives the bytes of the heap that the queued tasks and their futures take.
fn round<P: Pool>(pool: &P, queued: u64) -> i64 {
    let before = alloc::counted().live;
    let open = Arc::new(AtomicBool::new(false));
    let gate = Arc::clone(&open);
    // Keeps the only worker busy, and awake: waking it up would be a part of few tasks' cost.
    pool.spawn(move || {
        while !gate.load(Ordering::Acquire) {
            thread::yield_now();
        }
    });
    let mut futures = Vec::with_capacity(usize::try_from(queued).expect("memory for them"));
    futures.extend((0..queued).map(|n| pool.submit(move || n)));
    let live = alloc::counted().live - before;
    open.store(true, Ordering::Release);
    for (n, future) in (0..).zip(futures) {
        assert_eq!(future.wait(), n, "a result of another task");
    }
    live
}

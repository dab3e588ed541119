use super::Setup;
use crate::{
    alloc,
    pools::{Pending, Pool},
    sample::Sample,
    sync::Gate,
};
use std::{thread, time::Duration};

/// All workers are kept busy, so that the tasks are queued. Always counts.
pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let tasks = setup.tasks(100_000);
    let pool = setup.pool::<P>();
    let gate = Gate::leaked();
    for _ in 0..setup.threads {
        pool.spawn(|| gate.pass());
    }
    // The workers have taken those tasks soon; one that has not spoils the figure a little.
    thread::sleep(Duration::from_millis(20));

    let mut futures = Vec::with_capacity(usize::try_from(tasks).expect("few"));
    let before = alloc::counted();
    let mut sample = Sample::of(tasks, true, || {
        futures.extend((0..tasks).map(|n| pool.submit(move || n)));
    });
    let heap = (alloc::counted().live - before.live) as f64 / tasks as f64;
    let handle = size_of_val(&futures[0]) as f64;
    gate.open();
    let sum: u64 = futures.into_iter().map(Pending::wait).sum();
    assert_eq!(sum, tasks * (tasks - 1) / 2);
    sample.value = heap + handle;
    sample.with("handle", handle)
}

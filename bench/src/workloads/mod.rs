//! The workloads. Each checks its own result, so that a pool that loses a task is seen.

mod as_completed;
mod cancel;
mod create;
mod efficiency;
mod idle;
mod map;
mod memory;
mod producers;
mod round_trip;
mod sleeping;
mod spawn;
mod submit;
mod tree;

use crate::{
    pools::{Pending, Pool},
    sample::Sample,
};
use std::hint::black_box;

pub(crate) struct Workload {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    /// If the number of threads is part of the workload.
    pub(crate) threads: Option<usize>,
}

const fn workload(id: &'static str, title: &'static str, unit: &'static str) -> Workload {
    Workload {
        id,
        title,
        unit,
        threads: None,
    }
}

impl Workload {
    const fn on(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }
}

const NS: &str = "ns/task";

pub(crate) const ALL: [Workload; 15] = [
    workload("W1", "submit empty tasks, take all results in order", NS),
    workload("W2", "tasks without futures increment, drained", NS),
    workload("W3", "submit one, wait for it; median", NS),
    workload("W3c", "submit one, wait for it, pause 1 ms; median", NS),
    workload("W4", "map a function of about 100 ns, in order", NS),
    workload("W5", "four producers, empty tasks, results in order", NS),
    workload("W6", "tasks that sleep 1 ms, threads started before", NS).on(500),
    workload("W6c", "tasks that sleep 1 ms, threads not started", NS).on(500),
    workload("W7", "a tree of tasks that submit tasks", NS),
    workload("W8", "take results as they are completed", NS),
    workload("W9", "wait for the first of many, cancel the rest", NS),
    workload("W10", "heap of a queued task and its future", "bytes/task"),
    workload("W11", "create a pool, one task, shut down", "ns/pool").on(8),
    workload("W12", "CPU of an idle pool in 2 s", "us").on(8),
    workload("W13", "tasks of about 20 us", NS),
];

/// How a workload is to be run.
pub(crate) struct Setup {
    pub(crate) threads: usize,
    /// Tasks are divided by this.
    pub(crate) divisor: u64,
    /// Whether allocations are counted; then times mean nothing.
    pub(crate) counting: bool,
}

impl Setup {
    fn tasks(&self, full: u64) -> u64 {
        (full / self.divisor).max(1)
    }

    fn sample(&self, tasks: u64, work: impl FnOnce()) -> Sample {
        Sample::of(tasks, self.counting, work)
    }

    /// A pool that stays until the process ends, warmed up.
    fn pool<P: Pool>(&self) -> &'static P {
        let pool: &P = Box::leak(Box::new(P::start(self.threads)));
        let futures: Vec<_> = (0..1000).map(|n: u64| pool.submit(move || n)).collect();
        let sum: u64 = futures.into_iter().map(Pending::wait).sum();
        assert_eq!(sum, 999 * 1000 / 2);
        pool
    }
}

pub(crate) fn run<P: Pool>(workload: &Workload, setup: &Setup) -> Sample {
    match workload.id {
        "W1" => submit::run::<P>(setup),
        "W2" => spawn::run::<P>(setup),
        "W3" => round_trip::run::<P>(setup),
        "W3c" => round_trip::with_pauses::<P>(setup),
        "W4" => map::run::<P>(setup),
        "W5" => producers::run::<P>(setup),
        "W6" => sleeping::warm::<P>(setup),
        "W6c" => sleeping::cold::<P>(setup),
        "W7" => tree::run::<P>(setup),
        "W8" => as_completed::run::<P>(setup),
        "W9" => cancel::run::<P>(setup),
        "W10" => memory::run::<P>(setup),
        "W11" => create::run::<P>(setup),
        "W12" => idle::run::<P>(setup),
        "W13" => efficiency::run::<P>(setup),
        id => unreachable!("{id} is not in the list"),
    }
}

/// Work that a compiler cannot shorten: about 1.6 ns a round.
fn grind(seed: u64, rounds: u32) -> u64 {
    (0..rounds).fold(black_box(seed), |x, _| {
        (x ^ (x >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

/// A sum that depends on the order.
fn ordered(sum: u64, next: u64) -> u64 {
    sum.wrapping_mul(31).wrapping_add(next)
}

//! The workloads. Each checks its own result, so that a pool that loses a task is seen.

mod as_completed;
mod cancel;
mod create;
mod efficiency;
mod idle;
mod list;
mod map;
mod memory;
mod producers;
mod queued;
mod round_trip;
mod sleeping;
mod spawn;
mod submit;
mod thousands;
mod tree;

pub(crate) use list::{ALL, Rival, Workload, find};

use crate::{
    pools::{Pending, Pool},
    sample::Sample,
};
use std::hint::black_box;

/// How a workload is to be run.
pub(crate) struct Setup {
    pub(crate) threads: usize,
    /// Tasks are divided by this.
    pub(crate) divisor: u32,
    /// Whether allocations and system calls are counted; then times mean nothing.
    pub(crate) counting: bool,
}

impl Setup {
    fn tasks(&self, full: u64) -> u64 {
        (full / u64::from(self.divisor)).max(1)
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
        "W5" => producers::run::<P>(setup, 4),
        "W6" => sleeping::warm::<P>(setup),
        "W6c" => sleeping::cold::<P>(setup),
        "W7" => tree::run::<P>(setup),
        "W8" => as_completed::run::<P>(setup),
        "W9" => cancel::run::<P>(setup),
        "W10" => memory::run::<P>(setup),
        "W11" => create::run::<P>(setup),
        "W12" => idle::run::<P>(setup),
        "W13" => efficiency::run::<P>(setup),
        "Q1k" => queued::run::<P>(setup, 1_000),
        "Q10k" => queued::run::<P>(setup, 10_000),
        "Q100k" => queued::run::<P>(setup, 100_000),
        "Q1M" => queued::run::<P>(setup, 1_000_000),
        "Q10M" => queued::run::<P>(setup, 10_000_000),
        "P64" => producers::run::<P>(setup, 64),
        "T4k" => thousands::warm::<P>(setup),
        "T4kc" => thousands::cold::<P>(setup),
        id => unreachable!("{id} is not in the list"),
    }
}

/// Work that a compiler cannot shorten: about 1.6 ns a round.
pub(crate) fn grind(seed: u64, rounds: u32) -> u64 {
    (0..rounds).fold(black_box(seed), |x, _| {
        (x ^ (x >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

/// A sum that depends on the order.
pub(crate) fn ordered(sum: u64, next: u64) -> u64 {
    sum.wrapping_mul(31).wrapping_add(next)
}

use super::Setup;
use crate::{
    pools::{Pending, Pool},
    sample::Sample,
};
use std::thread;

/// By all producers together.
const TASKS: u64 = 1_000_000;

pub(super) fn run<P: Pool>(setup: &Setup, producers: u64) -> Sample {
    let each = setup.tasks(TASKS / producers);
    let pool = setup.pool::<P>();
    let produce = || {
        let futures: Vec<_> = (0..each).map(|n| pool.submit(move || n)).collect();
        let sum: u64 = futures.into_iter().map(Pending::wait).sum();
        assert_eq!(sum, each * (each - 1) / 2);
    };
    setup.sample(producers * each, || {
        thread::scope(|scope| {
            for _ in 0..producers {
                scope.spawn(produce);
            }
        });
    })
}

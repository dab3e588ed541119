use super::Setup;
use crate::{
    pools::{Pending, Pool},
    sample::Sample,
};
use std::thread;

const PRODUCERS: u64 = 4;

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let each = setup.tasks(250_000);
    let pool = setup.pool::<P>();
    let produce = || {
        let futures: Vec<_> = (0..each).map(|n| pool.submit(move || n)).collect();
        let sum: u64 = futures.into_iter().map(Pending::wait).sum();
        assert_eq!(sum, each * (each - 1) / 2);
    };
    setup.sample(PRODUCERS * each, || {
        thread::scope(|scope| {
            for _ in 0..PRODUCERS {
                scope.spawn(produce);
            }
        });
    })
}

use super::Setup;
use crate::{
    pools::{Pending, Pool},
    sample::Sample,
};

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    on(setup.pool::<P>(), setup)
}

pub(super) fn on<P: Pool>(pool: &P, setup: &Setup) -> Sample {
    let tasks = setup.tasks(1_000_000);
    let mut sum = 0;
    let sample = setup.sample(tasks, || {
        let futures: Vec<_> = (0..tasks).map(|n| pool.submit(move || n)).collect();
        for (n, future) in (0..).zip(futures) {
            let result = future.wait();
            assert_eq!(result, n, "a result of another task");
            sum += result;
        }
    });
    assert_eq!(sum, tasks * (tasks - 1) / 2);
    sample
}

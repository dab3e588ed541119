use super::Setup;
use crate::{pools::Pool, sample::Sample};

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let tasks = setup.tasks(100_000);
    let pool = setup.pool::<P>();
    let (mut sum, mut count) = (0, 0);
    let sample = setup.sample(tasks, || {
        pool.as_completed(
            tasks,
            |n| n,
            |n| {
                sum += n;
                count += 1;
            },
        );
    });
    assert_eq!((count, sum), (tasks, tasks * (tasks - 1) / 2));
    sample
}

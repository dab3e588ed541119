use super::Setup;
use crate::{pools::Pool, sample::Sample, sync::Countdown};

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let tasks = setup.tasks(1_000_000);
    let pool = setup.pool::<P>();
    let countdown = Countdown::leaked(tasks);
    setup.sample(tasks, || {
        for _ in 0..tasks {
            pool.spawn(|| countdown.count_down());
        }
        countdown.wait();
    })
}

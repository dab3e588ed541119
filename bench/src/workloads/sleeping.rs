use super::Setup;
use crate::{pools::Pool, sample::Sample, sync::Countdown};
use std::{thread, time::Duration};

const TASKS: u64 = 20_000;

fn sleep_on<P: Pool>(pool: &P, tasks: u64) {
    let countdown = Countdown::leaked(tasks);
    for _ in 0..tasks {
        pool.spawn(|| {
            thread::sleep(Duration::from_millis(1));
            countdown.count_down();
        });
    }
    countdown.wait();
}

pub(super) fn warm<P: Pool>(setup: &Setup) -> Sample {
    let tasks = setup.tasks(TASKS);
    let pool = setup.pool::<P>();
    sleep_on(pool, 10 * setup.threads as u64);
    setup.sample(tasks, || sleep_on(pool, tasks))
}

/// The pool is started in the measured time; it is not stopped.
pub(super) fn cold<P: Pool>(setup: &Setup) -> Sample {
    let tasks = setup.tasks(TASKS);
    setup.sample(tasks, || {
        let pool: &P = Box::leak(Box::new(P::start(setup.threads)));
        sleep_on(pool, tasks);
    })
}

use super::Setup;
use crate::{
    pools::{Pending, Pool},
    sample::Sample,
};
use std::{
    thread,
    time::{Duration, Instant},
};

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    round_trips::<P>(setup, setup.tasks(100_000), Duration::ZERO)
}

pub(super) fn with_pauses<P: Pool>(setup: &Setup) -> Sample {
    round_trips::<P>(setup, setup.tasks(1000), Duration::from_millis(1))
}

fn round_trips<P: Pool>(setup: &Setup, rounds: u64, pause: Duration) -> Sample {
    let pool = setup.pool::<P>();
    let mut times = Vec::with_capacity(usize::try_from(rounds).expect("few"));
    let mut sample = setup.sample(rounds, || {
        for n in 0..rounds {
            if !pause.is_zero() {
                thread::sleep(pause);
            }
            let start = Instant::now();
            let result = pool.submit(move || n).wait();
            times.push(start.elapsed().as_nanos() as f64);
            assert_eq!(result, n, "a result of another task");
        }
    });
    times.sort_by(f64::total_cmp);
    sample.value = times[times.len() / 2];
    sample.with("p99", times[times.len() * 99 / 100])
}

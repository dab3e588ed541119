use super::{Setup, grind};
use crate::{pools::Pool, sample::Sample, sync::Countdown};
use std::{hint::black_box, thread, time::Instant};

const ROUNDS: u32 = 12_500;

/// The efficiency is the serial loop's time, divided by the pool's time on so many cores.
pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let tasks = setup.tasks(50_000);
    let pool = setup.pool::<P>();
    let countdown = Countdown::leaked(tasks);
    let serial = serial_ns();
    let sample = setup.sample(tasks, || {
        for n in 0..tasks {
            pool.spawn(move || {
                black_box(grind(n, ROUNDS));
                countdown.count_down();
            });
        }
        countdown.wait();
    });
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let efficiency = serial / (sample.value * setup.threads.min(cores) as f64);
    sample.with("efficiency", efficiency)
}

/// Of the serial loop, a task's time where nothing else disturbed it.
fn serial_ns() -> f64 {
    const CHUNK: u64 = 50;
    let chunk = |_| {
        let start = Instant::now();
        for n in 0..CHUNK {
            black_box(grind(n, ROUNDS));
        }
        start.elapsed().as_secs_f64() * 1e9 / CHUNK as f64
    };
    (0..50).map(chunk).fold(f64::INFINITY, f64::min)
}

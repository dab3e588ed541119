//! Tasks that compute for a known time and sleep for a known time.

use crate::workloads::grind;
use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

/// How fast this machine computes.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    rounds_per_us: f64,
}

impl Pace {
    /// From the quickest of many runs, where nothing else disturbed it.
    pub(super) fn measure() -> Self {
        const ROUNDS: u32 = 100_000;
        let time = |_| {
            let start = Instant::now();
            black_box(grind(1, ROUNDS));
            start.elapsed().as_secs_f64() * 1e6
        };
        let best = (0..200).map(time).fold(f64::INFINITY, f64::min);
        Self {
            rounds_per_us: f64::from(ROUNDS) / best,
        }
    }

    /// So much work, however long it takes: another thread on the same processor makes it no less.
    pub(super) fn compute(self, time: Duration) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rounds = (time.as_secs_f64() * 1e6 * self.rounds_per_us) as u32;
        black_box(grind(1, rounds));
    }
}

#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) name: &'static str,
    pub(super) cpu: Duration,
    pub(super) sleep: Duration,
    pub(super) arrival: Arrival,
    /// The sizes that are tried are 1 to this.
    pub(super) most: usize,
}

#[derive(Clone, Copy)]
pub(super) enum Arrival {
    /// There is always one more queued.
    Always,
    /// One each so often.
    Each(Duration),
}

const fn us(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

impl Load {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let load = |name, cpu, sleep, most| Self {
            name,
            cpu: us(cpu),
            sleep: us(sleep),
            arrival: Arrival::Always,
            most,
        };
        [
            load("1:0", 2_000, 0, 8),
            load("1:1", 2_000, 2_000, 10),
            load("1:2", 2_000, 4_000, 14),
            load("1:4", 2_000, 8_000, 20),
            load("1:9", 2_000, 18_000, 36),
            Self {
                arrival: Arrival::Each(us(1_000)),
                ..load("0:1", 0, 20_000, 36)
            },
        ]
        .into_iter()
    }

    pub(super) fn task(&self, pace: Pace) -> impl Fn() + Copy + Send + Sync + 'static {
        let Self { cpu, sleep, .. } = *self;
        move || {
            pace.compute(cpu);
            if !sleep.is_zero() {
                thread::sleep(sleep);
            }
        }
    }
}

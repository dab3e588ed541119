//! How much faster than one after the other.

use super::facts::{Facts, as_f64};

pub(super) fn reached(facts: &Facts) -> f64 {
    facts.work().as_secs_f64() / facts.elapsed.as_secs_f64()
}

pub(super) fn possible(facts: &Facts, workers: usize) -> f64 {
    let shortest = bounds(facts, workers).into_iter().fold(0.0, f64::max);
    facts.work().as_secs_f64() / shortest
}

/// Seconds below which it cannot be done: by the processors, by the workers, by the longest task.
pub(super) fn bounds(facts: &Facts, workers: usize) -> [f64; 3] {
    let processors = as_f64(facts.processors.min(workers) as u64);
    [
        facts.cpu.as_secs_f64() / processors,
        facts.work().as_secs_f64() / as_f64(workers as u64),
        facts.longest_run.as_secs_f64(),
    ]
}

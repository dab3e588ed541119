//! What is measured, and how it is said.

use std::time::{Duration, Instant};

/// Calls one after the other.
pub(crate) const ROUND_TRIPS: usize = 1000;
/// Calls all at once.
pub(crate) const CALLS: usize = 20_000;
pub(crate) const ROUNDS: usize = 3;

pub(crate) fn round_trips(name: &str, mut call: impl FnMut(usize)) {
    let mut times: Vec<_> = (0..ROUND_TRIPS)
        .map(|n| {
            let start = Instant::now();
            call(n);
            start.elapsed()
        })
        .collect();
    times.sort();
    let at = |part: usize| times[times.len() * part / 1000].as_secs_f64() * 1e3;
    println!(
        "{name}: round trip p50 {:.3} ms, p99 {:.3} ms",
        at(500),
        at(990)
    );
}

pub(crate) fn bulk(name: &str, mut all: impl FnMut(usize)) {
    let best = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            all(CALLS);
            start.elapsed()
        })
        .inspect(|time| println!("{name}: {:.0} calls/s", rate(*time)))
        .min();
    println!(
        "{name}: best of {ROUNDS}: {:.0} calls/s",
        rate(best.unwrap_or_default())
    );
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 calls")]
fn rate(time: Duration) -> f64 {
    CALLS as f64 / time.as_secs_f64()
}

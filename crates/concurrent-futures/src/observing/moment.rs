//! A reading of the clock, and what it is in nanoseconds. To tell the difference of two readings costs as much
//! as a fifth of a reading, so it is done once.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) at: Instant,
    /// Since some moment before the process began, so that there are earlier ones.
    pub(crate) nanos: u64,
}

/// What the first reading of the process is.
const FIRST: u64 = 1 << 62;

impl Moment {
    #[inline]
    pub(crate) fn now() -> Self {
        Self::of(Instant::now())
    }

    #[inline]
    pub(crate) fn of(at: Instant) -> Self {
        static FIRST_READING: OnceLock<Instant> = OnceLock::new();
        let first = *FIRST_READING.get_or_init(|| at);
        let nanos = match at.checked_duration_since(first) {
            Some(since) => FIRST.saturating_add(nanos_of(since)),
            None => FIRST.saturating_sub(nanos_of(first.saturating_duration_since(at))),
        };
        Self { at, nanos }
    }
}

/// 584 years at most.
#[inline]
pub(crate) fn nanos_of(time: Duration) -> u64 {
    let seconds = time.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(time.subsec_nanos().into())
}

/// Most times are below a second, and need no division.
#[inline]
pub(crate) fn duration_of(nanos: u64) -> Duration {
    match u32::try_from(nanos) {
        Ok(below) if below < 1_000_000_000 => Duration::new(0, below),
        _ => Duration::from_nanos(nanos),
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Moment;
    use std::time::{Duration, Instant};

    #[test]
    fn moments_are_as_far_from_each_other_as_the_readings() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let before = now
            .checked_sub(second)
            .expect("the clock has run for longer");
        let [before, now, after] = [before, now, now + second].map(|at| Moment::of(at).nanos);
        assert_eq!([now - before, after - now], [1_000_000_000; 2]);
    }
}

//! How long things took.

use hdrhistogram::Histogram;
use std::{fmt, time::Duration};

/// A distribution of times. Sum, number and longest are exact, the rest to one percent.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder().profile().build()?;
/// pool.map(0..100, |n| n * n).for_each(drop);
/// let profile = pool.profile().expect("asked for above");
/// let wait = profile.wait();
/// assert_eq!(wait.count(), 100);
/// assert!(wait.quantile(0.5) <= wait.quantile(0.99));
/// assert!(wait.quantile(0.99) <= wait.max());
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Latency {
    histogram: Histogram<u64>,
    /// In nanoseconds.
    sum: u128,
    max: u64,
}

impl Latency {
    /// Of so many times of each length, and of them all together and the longest.
    pub(super) fn of(counts: impl Iterator<Item = (u64, u64)>, sum: u128, max: u64) -> Self {
        let mut histogram = Histogram::new(2).expect("two digits are allowed");
        for (nanos, count) in counts {
            histogram
                .record_n(nanos, count)
                .expect("it grows with what is recorded");
        }
        Self {
            histogram,
            sum,
            max,
        }
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// All of them together.
    pub fn total(&self) -> Duration {
        nanos(self.sum)
    }

    /// The average; zero if there were none.
    pub fn mean(&self) -> Duration {
        nanos(self.sum / u128::from(self.count().max(1)))
    }

    /// The longest; zero if there were none.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// What this part of them, from 0 to 1, took at most: `quantile(0.99)` is the time that 99 of 100
    /// stayed within. Zero if there were none.
    pub fn quantile(&self, part: f64) -> Duration {
        Duration::from_nanos(self.histogram.value_at_quantile(part).min(self.max))
    }

    /// Standard deviation divided by mean: zero if all took the same time.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn variation(&self) -> f64 {
        let mean = self.sum as f64 / self.count().max(1) as f64;
        if mean > 0.0 {
            self.histogram.stdev() / mean
        } else {
            0.0
        }
    }

    /// The distribution in steps of a quarter: the upper end of each step, and how many lie in it and
    /// not below. Steps without any are left out.
    pub fn buckets(&self) -> Vec<(Duration, u64)> {
        self.histogram
            .iter_log(Self::FIRST_STEP, 1.25)
            .filter(|step| step.count_since_last_iteration() > 0)
            .map(|step| {
                let upper = Duration::from_nanos(step.value_iterated_to());
                (upper, step.count_since_last_iteration())
            })
            .collect()
    }

    /// The upper end of the lowest bucket, in nanoseconds.
    const FIRST_STEP: u64 = 100;
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latency")
            .field("count", &self.count())
            .field("mean", &self.mean())
            .field("p50", &self.quantile(0.5))
            .field("p90", &self.quantile(0.9))
            .field("p99", &self.quantile(0.99))
            .field("max", &self.max())
            .finish()
    }
}

/// Of a sum that may be longer than 584 years: a million tasks that wait for an hour each come near it.
pub(super) fn nanos(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    let seconds = u64::try_from(nanos / SECOND).unwrap_or(u64::MAX);
    let rest = u32::try_from(nanos % SECOND).expect("less than a second");
    Duration::new(seconds, rest)
}

#[cfg(test)]
mod tests {
    use super::{super::tally::Tally, *};

    fn tally(values: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for value in values {
            tally.record(*value);
        }
        tally
    }

    fn of(values: &[u64]) -> Latency {
        tally(values).into_latency()
    }

    #[test]
    fn nothing_took_no_time() {
        let none = of(&[]);
        assert_eq!((none.count(), none.mean()), (0, Duration::ZERO));
        assert_eq!(
            (none.quantile(0.99), none.max()),
            (Duration::ZERO, Duration::ZERO)
        );
        assert!(none.buckets().is_empty());
        assert!(none.variation().abs() < f64::EPSILON);
    }

    #[test]
    fn quantiles_are_right_to_one_percent() {
        let values: Vec<_> = (1..=10_000).map(|n| n * 1_000).collect();
        let latency = of(&values);
        for (part, exact) in [
            (0.5, 5_000_000_f64),
            (0.9, 9_000_000.0),
            (0.99, 9_900_000.0),
        ] {
            let found = latency.quantile(part).as_secs_f64() * 1e9;
            assert!((found / exact - 1.0).abs() < 0.01, "{part}: {found}");
        }
        assert_eq!(latency.max(), Duration::from_millis(10));
        assert_eq!(latency.mean(), Duration::from_nanos(5_000_500));
    }

    #[test]
    fn no_quantile_is_above_the_longest() {
        assert_eq!(
            of(&[1_000_003]).quantile(0.99),
            Duration::from_nanos(1_000_003)
        );
    }

    #[test]
    fn the_buckets_hold_all() {
        let values: Vec<_> = (0..5_000).map(|n| n * n).collect();
        let counted: u64 = of(&values).buckets().iter().map(|(_, count)| count).sum();
        assert_eq!(counted, 5_000);
    }

    #[test]
    fn two_together_are_as_one() {
        let mut both = tally(&[1, 20, 300]);
        both.merge(&tally(&[4_000, 50_000_000_000]));
        let both = both.into_latency();
        let one = of(&[1, 20, 300, 4_000, 50_000_000_000]);
        assert_eq!(format!("{both:?}"), format!("{one:?}"));
        assert_eq!(both.buckets(), one.buckets());
    }

    #[test]
    fn years_are_cut_but_summed_up() {
        let long = of(&[u64::MAX, u64::MAX]);
        assert_eq!(long.count(), 2);
        assert_eq!(long.total(), nanos(u128::from(u64::MAX) * 2));
    }
}

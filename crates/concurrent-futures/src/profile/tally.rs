//! How many tasks took how long, written down quickly.
//!
//! The same steps as those of a histogram of two digits, in which a tally ends: exact below 256, and 128 to
//! each doubling above. Only, what a worker does after each task is to add one to a number; with the
//! histogram itself that took three times as long.

use super::histogram::Latency;

#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Of each step, up to the highest that was needed.
    counts: Vec<u64>,
    sum: u128,
    max: u64,
}

/// Times below this have steps of their own.
const EXACT: usize = 2 * PER_DOUBLING;
const PER_DOUBLING: usize = 128;

/// A year in nanoseconds; what takes longer is counted as this.
const LONGEST: u64 = 365 * 24 * 3600 * 1_000_000_000;

impl Tally {
    #[inline]
    pub(super) fn record(&mut self, nanos: u64) {
        let step = step(nanos.min(LONGEST));
        match self.counts.get_mut(step) {
            Some(count) => *count += 1,
            None => self.grow(step),
        }
        self.sum += u128::from(nanos);
        self.max = self.max.max(nanos);
    }

    #[cold]
    fn grow(&mut self, step: usize) {
        self.counts
            .resize(step.next_multiple_of(PER_DOUBLING) + PER_DOUBLING, 0);
        self.counts[step] = 1;
    }

    /// Of all times together, in nanoseconds.
    pub(super) fn sum(&self) -> u128 {
        self.sum
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    pub(super) fn into_latency(self) -> Latency {
        let steps = self.counts.iter().enumerate();
        let counts = steps.map(|(step, count)| (lowest(step), *count));
        Latency::of(counts.filter(|(_, count)| *count > 0), self.sum, self.max)
    }
}

/// The place of a time among the steps.
#[inline]
#[allow(clippy::cast_possible_truncation)] // no more than eight bits are left of it
fn step(nanos: u64) -> usize {
    let bits = u64::BITS - nanos.leading_zeros();
    let shift = bits.saturating_sub(EXACT.ilog2());
    (shift as usize) * PER_DOUBLING + (nanos >> shift) as usize
}

/// The shortest time of a step.
fn lowest(step: usize) -> u64 {
    let shift = (step / PER_DOUBLING).saturating_sub(1);
    ((step - shift * PER_DOUBLING) as u64) << shift
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, lowest, step};

    #[test]
    fn each_time_lies_in_its_step_and_the_steps_are_narrow() {
        let times = (0..5_000).chain((0..44).flat_map(|power| {
            let near = 5_000_u64 << power;
            near - 3..near + 3
        }));
        for time in times.filter(|time| *time <= LONGEST) {
            let (from, to) = (lowest(step(time)), lowest(step(time) + 1));
            assert!((from..to).contains(&time), "{time}: {from} to {to}");
            assert!(to - from <= 1 + time / 128, "{time}: {from} to {to}");
        }
    }
}

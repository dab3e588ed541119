//! Which tasks are kept one by one.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

/// An even sample of bounded size.
///
/// A task is in the sample if its number, scattered by the golden ratio, falls into the lowest part; each
/// time the sample is full, that part is halved. Scattered like this, any run of numbers is hit
/// evenly, and a load of two kinds of task in turns is not seen as one of one kind.
#[derive(Debug)]
pub(super) struct Sample {
    most: usize,
    /// So many are reserved at a time, that lanes need not meet here for each task.
    step: usize,
    /// One in 2 to this power is kept.
    shift: AtomicU32,
    /// Those kept, and those reserved.
    kept: AtomicUsize,
}

impl Sample {
    pub(super) fn new(most: usize, lanes: usize) -> Self {
        Self {
            most,
            step: (most / (4 * lanes)).clamp(1, 64),
            shift: AtomicU32::new(0),
            kept: AtomicUsize::new(0),
        }
    }

    #[inline]
    pub(super) fn takes(&self, id: u64) -> bool {
        self.most > 0 && is_hit(id, self.shift.load(Relaxed))
    }

    /// Room for as many as the answer says; there may be too many then.
    pub(super) fn reserve(&self) -> usize {
        self.kept.fetch_add(self.step, Relaxed);
        self.step
    }

    pub(super) fn give_back(&self, tasks: usize) {
        self.kept.fetch_sub(tasks, Relaxed);
    }

    #[inline]
    pub(super) fn is_over(&self) -> bool {
        self.kept.load(Relaxed) > self.most
    }

    pub(super) fn halve(&self) {
        self.shift.fetch_add(1, Relaxed);
    }
}

fn is_hit(id: u64, shift: u32) -> bool {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let place = id.wrapping_mul(GOLDEN);
    shift == 0 || place.checked_shr(64 - shift).unwrap_or(place) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_halving_keeps_every_second_evenly() {
        for shift in 0..8 {
            let hits: Vec<_> = (1..=64_000).filter(|id| is_hit(*id, shift)).collect();
            let expected = 64_000 >> shift;
            assert!(
                hits.len().abs_diff(expected) <= 2,
                "{} of {expected}",
                hits.len()
            );
            let widest = hits.windows(2).map(|pair| pair[1] - pair[0]).max();
            assert!(widest.unwrap_or(0) <= 3 << shift, "{shift}: {widest:?}");
        }
    }

    #[test]
    fn kinds_in_turns_are_kept_alike() {
        for period in 2..10 {
            let hits = (1..=64_000_u64).filter(|id| is_hit(*id, 4));
            let mut kinds = [0_i64; 10];
            for id in hits {
                kinds[usize::try_from(id % period).unwrap()] += 1;
            }
            let expected = 4_000 / i64::try_from(period).unwrap();
            let kinds = &kinds[..usize::try_from(period).unwrap()];
            let is_even = |kind: &i64| (kind - expected).abs() <= expected / 10;
            assert!(kinds.iter().all(is_even), "{period}: {kinds:?}");
        }
    }

    #[test]
    fn a_smaller_sample_is_part_of_a_larger_one() {
        for shift in 0..20 {
            assert!((0..100_000).all(|id| !is_hit(id, shift + 1) || is_hit(id, shift)));
        }
    }
}

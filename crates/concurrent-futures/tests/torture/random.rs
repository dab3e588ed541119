//! splitmix64: small, seeded, and good enough to choose what a program does next.

use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("bounds are small");
        usize::try_from(self.next() % bound).expect("smaller than the bound")
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of the limits that a timed call has to get right.
    pub(crate) fn limit(&mut self) -> Duration {
        match self.below(4) {
            0 => Duration::ZERO,
            1 => Duration::from_nanos(1),
            2 => Duration::from_millis(1),
            _ => Duration::MAX,
        }
    }

    /// As [`limit`](Self::limit), without the one that waits for ever.
    pub(crate) fn short_limit(&mut self) -> Duration {
        match self.below(3) {
            0 => Duration::ZERO,
            1 => Duration::from_nanos(1),
            _ => Duration::from_micros(300),
        }
    }
}

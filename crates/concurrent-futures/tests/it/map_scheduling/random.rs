/// xorshift: the same numbers for the same seed, good enough to vary positions.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: usize) -> Self {
        let seed = u64::try_from(seed).expect("usize has at most 64 bits");
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound).expect("usize has at most 64 bits");
        usize::try_from((self.0 >> 11) % bound).expect("smaller than the bound")
    }

    /// So many different numbers below the bound, in ascending order.
    pub(super) fn positions(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut positions = Vec::with_capacity(count);
        while positions.len() < count {
            let position = self.below(bound);
            if let Err(place) = positions.binary_search(&position) {
                positions.insert(place, position);
            }
        }
        positions
    }
}

//! What a pool gives to each of its tasks besides its closure.

/// Fixed when the pool is built.
#[derive(Default)]
pub(crate) struct Dressing {
    /// Whether there is anything: all that a plain pool has to look at.
    any: bool,
}

impl Dressing {
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        !self.any
    }
}

//! What a pool gives to each of its tasks besides its closure.

use super::bound::Bound;
use std::sync::Arc;

/// Fixed when the pool is built.
#[derive(Default)]
pub(crate) struct Dressing {
    bound: Option<Arc<Bound>>,
}

impl Dressing {
    /// Whether that is nothing: all that a plain pool looks at.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.bound.is_none()
    }

    pub(crate) fn bound(&self) -> Option<&Arc<Bound>> {
        self.bound.as_ref()
    }

    pub(crate) fn set_bound(&mut self, bound: Arc<Bound>) {
        self.bound = Some(bound);
    }
}

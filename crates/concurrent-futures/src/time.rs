//! Time limits: a `Duration` from the caller, an absolute deadline inside.

use std::time::{Duration, Instant};

/// The moment at which a wait of `timeout` from `start` ends; `None` if that is beyond the clock,
/// which means for ever.
pub(crate) fn deadline_from(start: Instant, timeout: Duration) -> Option<Instant> {
    start.checked_add(timeout)
}

/// How long one call may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// Look once.
    Poll,
    Until(Instant),
    Forever,
}

impl Limit {
    /// Zero looks once, a sum beyond the clock's end (such as `Duration::MAX`) means for ever.
    pub(crate) fn after(timeout: Duration) -> Self {
        if timeout.is_zero() {
            return Self::Poll;
        }
        Self::at(deadline_from(Instant::now(), timeout))
    }

    pub(crate) fn at(deadline: Option<Instant>) -> Self {
        deadline.map_or(Self::Forever, Self::Until)
    }

    /// Whether there is no time left.
    pub(crate) fn is_over(self) -> bool {
        match self {
            Self::Poll => true,
            Self::Until(deadline) => Instant::now() >= deadline,
            Self::Forever => false,
        }
    }

    /// The deadline for a park, if there is one.
    pub(crate) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Until(deadline) => Some(deadline),
            Self::Poll | Self::Forever => None,
        }
    }
}

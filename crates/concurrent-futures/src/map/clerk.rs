//! Treats the items of a map as the tasks that they are: counts them, and lets a worker that is too
//! many go between two of them.

use crate::{
    sync::Padded,
    task::{
        Ending, Turn,
        census::{Census, Count},
        notices::{FORKED, Notices, SURPLUS},
        state::Done,
    },
};
use std::sync::Arc;

/// Counts what one runner runs.
pub(super) enum Clerk<'a> {
    Worker(Arc<Padded<Count>>, Option<Arc<Notices>>),
    Outside(&'a Census),
}

impl<'a> Clerk<'a> {
    pub(super) fn of(turn: &dyn Turn, census: &'a Census) -> Self {
        match turn.count() {
            Some(count) => Self::Worker(Arc::clone(count), turn.notices().cloned()),
            None => Self::Outside(census),
        }
    }

    /// Whether the worker may be one too many, or the runner's process another one.
    #[inline]
    pub(super) fn is_called(&self) -> bool {
        match self {
            Self::Worker(_, Some(notices)) => notices.has(SURPLUS | FORKED),
            _ => false,
        }
    }

    #[inline]
    pub(super) fn begin(&self) {
        match self {
            Self::Worker(count, _) => count.begin(),
            Self::Outside(census) => census.begin(),
        }
    }

    #[inline]
    pub(super) fn end(&self, done: Done) {
        match self {
            Self::Worker(count, _) => count.end(done),
            Self::Outside(census) => census.end(done),
        }
    }
}

/// An item ends that has not run.
pub(super) fn count_unrun(census: &Census, ending: &Ending, done: Done) {
    match ending {
        Ending::Shutdown => census.turn_away(),
        _ => census.end_unrun(done),
    }
}

//! What a worker is told between two tasks: one word that is zero in normal life, so that it costs
//! a look at a line that nobody writes.

use crate::sync::{AtomicU32, Padded, SeqCst};

/// There are more workers than there may be.
pub(crate) const SURPLUS: u32 = 1;

/// This is the child of a fork, and the worker is the one thread of it.
pub(crate) const FORKED: u32 = 2;

pub(crate) struct Notices(Padded<AtomicU32>);

impl Notices {
    pub(crate) fn new() -> Self {
        Self(Padded(AtomicU32::new(0)))
    }

    /// Whether any of these is posted. `SeqCst`: whoever posts one and then looks at the queue or the
    /// idle word, and a worker that changes those and then looks here, do not miss each other.
    #[inline]
    pub(crate) fn has(&self, notices: u32) -> bool {
        self.0.load(SeqCst) & notices != 0
    }

    pub(crate) fn post(&self, notice: u32) {
        self.0.fetch_or(notice, SeqCst);
    }

    pub(crate) fn withdraw(&self, notice: u32) {
        self.0.fetch_and(!notice, SeqCst);
    }
}

//! How many slots of a queue may be of no more use, and when it is worth to look for them.
//!
//! Counted are those that came to be since the last sweep. Workers that pass some do not tell, so
//! there may be fewer. A sweep costs a few steps for each queued slot; since it comes only when there
//! may be one tombstone in two slots, that is a few steps for each cancellation. And whenever somebody
//! cancels, tombstones outnumber what is alive by twice [`SPARED`] and [`STRIDE`] at most.

use crate::sync::{AtomicUsize, Relaxed};

/// So many, half a mebibyte, are not worth a sweep: mostly a worker passes them soon.
const SPARED: usize = 8 * 1024;
/// The queue is looked at each time that so many more have been counted.
const STRIDE: usize = 1024;

pub(crate) struct Tombstones {
    /// Since the last sweep.
    count: AtomicUsize,
    /// At this count the queue is to be looked at.
    next_look: AtomicUsize,
}

impl Tombstones {
    pub(super) fn new() -> Self {
        Self {
            count: AtomicUsize::new(0),
            next_look: AtomicUsize::new(SPARED),
        }
    }

    /// Whether it is time to look at the queue.
    #[inline]
    pub(super) fn add(&self, slots: usize) -> bool {
        self.count.fetch_add(slots, Relaxed) + slots >= self.next_look.load(Relaxed)
    }

    /// Whether to sweep a queue of so many slots. If so the count begins anew.
    pub(crate) fn are_many_of(&self, slots: usize) -> bool {
        let count = self.count.load(Relaxed);
        let many = count > slots / 2 + SPARED;
        let next_look = if many {
            self.count.store(0, Relaxed);
            SPARED
        } else {
            count + STRIDE
        };
        self.next_look.store(next_look, Relaxed);
        many
    }
}

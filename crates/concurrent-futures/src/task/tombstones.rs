//! How many slots of a queue may be of no more use, and when it is worth to look for them.
//!
//! Counted are all that ever came to be, and remembered how many there had been at the last sweep. Workers
//! that pass some do not tell, so there may be fewer. A sweep costs a few steps for each queued slot;
//! since it comes only when there may be one tombstone in two slots, that is a few steps for each
//! cancellation. And whenever somebody cancels, tombstones outnumber what is alive by twice [`SPARED`]
//! and [`STRIDE`] at most.
//!
//! Tasks that were cancelled by their caller's end are counted here for the pool's account, too: one
//! count for both.

// Of std: part of no protocol, so the model checker need not see them.
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// So many, half a mebibyte, are not worth a sweep: mostly a worker passes them soon.
const SPARED: u64 = 8 * 1024;
/// The queue is looked at each time that so many more have been counted.
const STRIDE: u64 = 1024;

pub(crate) struct Tombstones {
    /// Of tasks that were cancelled.
    cancelled: AtomicU64,
    others: AtomicU64,
    /// So many there had been at the last sweep.
    swept: AtomicU64,
    /// At this count the queue is to be looked at.
    next_look: AtomicU64,
}

impl Tombstones {
    pub(super) fn new() -> Self {
        Self {
            cancelled: AtomicU64::new(0),
            others: AtomicU64::new(0),
            swept: AtomicU64::new(0),
            next_look: AtomicU64::new(SPARED),
        }
    }

    /// One of a task that was cancelled.
    #[inline]
    pub(super) fn add_cancelled(&self) {
        self.cancelled.fetch_add(1, Release);
    }

    pub(super) fn add_others(&self, slots: u64) {
        self.others.fetch_add(slots, Relaxed);
    }

    /// How many tasks were cancelled so.
    pub(crate) fn cancelled(&self) -> u64 {
        self.cancelled.load(Acquire)
    }

    fn all(&self) -> u64 {
        self.cancelled.load(Relaxed) + self.others.load(Relaxed)
    }

    /// Whether it is time to look at the queue.
    #[inline]
    pub(super) fn are_due(&self) -> bool {
        self.all() >= self.next_look.load(Relaxed)
    }

    /// Whether to sweep a queue of so many slots. If so the count begins anew.
    pub(crate) fn are_many_of(&self, slots: usize) -> bool {
        let all = self.all();
        // Another sweep may have begun since.
        let count = all.saturating_sub(self.swept.load(Relaxed));
        let many = count > slots as u64 / 2 + SPARED;
        let next_look = if many {
            self.swept.store(all, Relaxed);
            all + SPARED
        } else {
            all + STRIDE
        };
        self.next_look.store(next_look, Relaxed);
        many
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_looked_at_when_there_are_many_and_then_after_each_stride() {
        let tombstones = Tombstones::new();
        (0..192).for_each(|_| tombstones.add_cancelled());
        assert_eq!(tombstones.cancelled(), 192);
        tombstones.add_others(7999);
        assert!(!tombstones.are_due());
        tombstones.add_others(1);
        assert!(tombstones.are_due());
        assert_eq!(tombstones.cancelled(), 192);
        // Of an empty queue it would take more than those that are spared.
        assert!(!tombstones.are_many_of(0) && !tombstones.are_due());
        tombstones.add_others(1023);
        assert!(!tombstones.are_due());
        tombstones.add_others(1);
        assert!(tombstones.are_due());
        assert!(!tombstones.are_many_of(2048));
        assert!(tombstones.are_many_of(2047));
    }

    #[test]
    fn the_count_begins_anew_with_each_sweep() {
        let tombstones = Tombstones::new();
        tombstones.add_others(8193);
        assert!(tombstones.are_many_of(0));
        assert!(!tombstones.are_due() && !tombstones.are_many_of(0));
        tombstones.add_others(8192);
        assert!(tombstones.are_due() && !tombstones.are_many_of(0));
        tombstones.add_others(1);
        assert!(tombstones.are_many_of(0));
    }
}

//! Where blocks come from and go back to: what all slots of a pool share.
//!
//! A block that has been emptied is kept for its next use, up to a bound. Memory that is used again
//! is warm; from the system each new page costs more than the sixty tasks in it, and from the
//! allocator a block that one thread takes and another gives back costs two locks.

use super::{
    Home, block::Block, census::Census, names::Names, revokers::Revokers, stops::Stops,
    tombstones::Tombstones, waits::Waits,
};
use crate::fork::Birth;
use crate::observing::Audience;
use crate::sync::{Acquire, AtomicPtr, Padded, Relaxed, Release};
use std::{
    ptr::{self, NonNull},
    sync::{Arc, OnceLock, Weak},
};

/// What all slots of a pool share. Lives as long as the pool or one of its slots.
pub(crate) struct Source {
    birth: Birth,
    pub(super) home: Weak<dyn Home>,
    /// Nothing in it, if nobody observes the pool.
    audience: OnceLock<Weak<Audience>>,
    pub(super) waits: Waits,
    pub(super) shelf: Shelf<{ Self::KEPT }>,
    pub(crate) stops: Stops,
    pub(crate) names: Names,
    pub(crate) revokers: Revokers,
    pub(crate) census: Census,
    pub(crate) tombstones: Padded<Tombstones>,
}

impl Source {
    /// The most empty blocks that a pool keeps: 128 KiB.
    #[cfg(not(loom))]
    const KEPT: usize = 32;
    /// None, so that a late access to a freed block is noticed.
    #[cfg(loom)]
    const KEPT: usize = 0;

    pub(crate) fn new(home: Weak<dyn Home>) -> Arc<Self> {
        Arc::new(Self {
            birth: Birth::now(),
            home,
            audience: OnceLock::new(),
            waits: Waits::new(),
            shelf: Shelf::new(),
            stops: Stops::new(),
            names: Names::new(),
            revokers: Revokers::new(),
            census: Census::default(),
            tombstones: Padded(Tombstones::new()),
        })
    }

    /// The process where the pool was made.
    pub(crate) fn birth(&self) -> Birth {
        self.birth
    }

    /// Whether the pool's workers are in another process, from which this one was forked.
    #[inline]
    pub(crate) fn is_inherited(&self) -> bool {
        self.birth.is_before_fork()
    }

    /// Once, by the pool, before anybody knows of it.
    pub(crate) fn set_audience(&self, audience: &Arc<Audience>) {
        let _ = self.audience.set(Arc::downgrade(audience));
    }

    /// Those who are told of the tasks, for a thread that is about to end one from outside the pool: once the
    /// task is claimed, the pool no longer waits for it.
    #[inline]
    pub(crate) fn hold_audience(&self) -> Option<Arc<Audience>> {
        self.audience.get()?.upgrade()
    }

    /// So many slots are still in the queue and of no more use. From time to time this costs as much
    /// as to pass them all, but no more than a few steps for each.
    #[inline]
    pub(crate) fn bury(&self, slots: usize) {
        self.tombstones.add_others(slots as u64);
        self.tidy_if_due();
    }

    /// Whoever has added a tombstone sees to it that there are not too many.
    #[inline]
    pub(crate) fn tidy_if_due(&self) {
        if self.tombstones.are_due() {
            self.tidy();
        }
    }

    #[cold]
    fn tidy(&self) {
        if let Some(home) = self.home.upgrade() {
            home.tidy();
        }
    }
}

/// Memory of blocks: no more than that, nothing in it is alive.
///
/// Whoever takes or gives moves the whole pointer by one atomic step, and never looks at what it
/// points to before it has it. So there is no order among the places, and nothing to get wrong
/// when a block comes back.
pub(crate) struct Shelf<const PLACES: usize> {
    places: [AtomicPtr<Block>; PLACES],
}

impl<const PLACES: usize> Shelf<PLACES> {
    pub(crate) fn new() -> Self {
        Self {
            places: [(); PLACES].map(|()| AtomicPtr::new(ptr::null_mut())),
        }
    }

    pub(crate) fn take(&self) -> Option<NonNull<Block>> {
        self.places
            .iter()
            .filter(|place| !place.load(Relaxed).is_null())
            .find_map(|place| NonNull::new(place.swap(ptr::null_mut(), Acquire)))
    }

    /// Whether there was a place for it.
    #[must_use]
    pub(crate) fn give(&self, memory: NonNull<Block>) -> bool {
        self.places
            .iter()
            .filter(|place| place.load(Relaxed).is_null())
            .any(|place| {
                place
                    .compare_exchange(ptr::null_mut(), memory.as_ptr(), Release, Relaxed)
                    .is_ok()
            })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        while let Some(memory) = self.shelf.take() {
            // SAFETY: only memory of full blocks is given to the shelf, and nobody else knows it.
            unsafe { Block::dealloc(memory, Block::SLOTS) };
        }
    }
}

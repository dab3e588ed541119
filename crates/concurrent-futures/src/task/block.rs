//! A block of slots: one allocation for many tasks.
//!
//! A block is born with all its slots `EMPTY`. Each slot is given back once, by
//! [`release`](Block::release), and the last one given back frees the block. A slot is given back
//! only after both its ends are gone, so after a producer has written it and a worker or a
//! canceller has ended its task; that is why nobody can be about to touch a freed block:
//!
//! - A producer touches a block only through a slot that it claimed in it, and installs the next
//!   block while it holds the last slot.
//! - A worker touches a block only through a slot that it claimed in it, and looks for the next
//!   block while it holds the last slot.

use super::{
    Home,
    slot::{Slot, SlotRef},
};
use crate::sync::{Acquire, AtomicPtr, AtomicUsize, Release};
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    ptr::{self, NonNull},
    sync::Weak,
};

/// The head of a block; its slots follow in the same allocation.
pub(crate) struct Block {
    /// Slots not given back yet.
    left: AtomicUsize,
    /// The next block of the queue, once there is one.
    pub(crate) next: AtomicPtr<Block>,
    slots: u8,
    home: Weak<dyn Home>,
}

impl Block {
    /// A head and this many slots fill a page of 4 KiB.
    #[cfg(not(loom))]
    pub(crate) const SLOTS: u8 = 63;
    /// Few, so that a model crosses from one block to the next.
    #[cfg(loom)]
    pub(crate) const SLOTS: u8 = 1;

    fn layout(slots: u8) -> (Layout, usize) {
        let slots = Layout::array::<Slot>(slots.into()).expect("at most 255 slots");
        Layout::new::<Self>()
            .extend(slots)
            .expect("at most 255 slots")
    }

    fn alloc(slots: u8, home: Weak<dyn Home>) -> NonNull<Self> {
        let (layout, first) = Self::layout(slots);
        // SAFETY: the layout is not empty; all fields and slots are written, in bounds.
        unsafe {
            #[allow(clippy::cast_ptr_alignment)] // the layout asks for it
            let Some(block) = NonNull::new(alloc(layout).cast::<Self>()) else {
                handle_alloc_error(layout)
            };
            block.write(Self {
                left: AtomicUsize::new(slots.into()),
                next: AtomicPtr::new(ptr::null_mut()),
                slots,
                home,
            });
            let first = block.byte_add(first).cast::<Slot>();
            for place in 0..slots {
                first.add(place.into()).write(Slot::new(place));
            }
            block
        }
    }

    /// A block for a queue.
    pub(crate) fn new(home: Weak<dyn Home>) -> NonNull<Self> {
        Self::alloc(Self::SLOTS, home)
    }

    /// A slot that belongs to no queue.
    pub(crate) fn single(home: Weak<dyn Home>) -> SlotRef {
        let block = Self::alloc(1, home);
        // SAFETY: a new block has one slot, and it is alive until it is released.
        unsafe { Self::slot(block, 0) }
    }

    /// # Safety
    ///
    /// The block is alive and has that place, and the slot was not given back.
    pub(crate) unsafe fn slot(block: NonNull<Self>, place: usize) -> SlotRef {
        let (_, first) = Self::layout(1);
        // SAFETY: in bounds of the block, whose pointer reaches all of it.
        unsafe {
            let first = block.byte_add(first).cast::<Slot>();
            SlotRef::new(first.add(place))
        }
    }

    /// # Safety
    ///
    /// The slot has that place in a live block, and the pointer was made by [`slot`](Self::slot).
    pub(crate) unsafe fn of_slot(slot: NonNull<Slot>, place: u8) -> NonNull<Self> {
        let (_, first) = Self::layout(1);
        // SAFETY: back the way that `slot` went.
        unsafe { slot.sub(place.into()).byte_sub(first).cast() }
    }

    /// # Safety
    ///
    /// The block stays alive for `'a`.
    pub(crate) unsafe fn home<'a>(block: NonNull<Self>) -> &'a Weak<dyn Home> {
        // SAFETY: the caller's promise; the field is never written after the birth.
        unsafe { &(*block.as_ptr()).home }
    }

    /// Gives one slot back.
    ///
    /// # Safety
    ///
    /// Once for each slot, when nobody will touch it any more.
    pub(crate) unsafe fn release(block: NonNull<Self>) {
        // SAFETY: the caller's promise.
        unsafe { Self::release_many(block, 1) };
    }

    /// Gives several slots back.
    ///
    /// # Safety
    ///
    /// As for [`release`](Self::release).
    pub(crate) unsafe fn release_many(block: NonNull<Self>, slots: usize) {
        // SAFETY: alive until the last slot is given back, which happens here.
        let left = unsafe { (*block.as_ptr()).left.fetch_sub(slots, Release) };
        if left == slots {
            // SAFETY: the others gave their slots back before, and this load makes visible what they
            // did until then. (A fence would do the same; race detectors understand a load.)
            unsafe { (*block.as_ptr()).left.load(Acquire) };
            // SAFETY: as above; nobody else knows the block any more.
            unsafe { Self::free(block) };
        }
    }

    unsafe fn free(block: NonNull<Self>) {
        // SAFETY: the caller owns the block alone; its slots own nothing any more.
        unsafe {
            let slots = block.as_ref().slots;
            let (layout, first) = Self::layout(slots);
            let first = block.byte_add(first).cast::<Slot>();
            for place in 0..slots {
                first.add(place.into()).drop_in_place();
            }
            block.drop_in_place();
            dealloc(block.as_ptr().cast(), layout);
        }
    }
}

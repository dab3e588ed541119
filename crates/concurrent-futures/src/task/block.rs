//! A block of slots: one allocation for many tasks.
//!
//! A block is born with all its slots `EMPTY`. Each slot is given back once, by
//! [`release_many`](Block::release_many), and the last one given back frees the block. A slot is given back
//! only after both its ends are gone, so after a producer has written it and a worker or a
//! canceller has ended its task; that is why nobody can be about to touch a freed block:
//!
//! - A producer touches a block only through a slot that it claimed in it, and installs the next
//!   block while it holds the last slot.
//! - A worker touches a block only through a slot that it claimed in it, and looks for the next
//!   block while it holds the last slot.

use super::{
    slot::{Slot, SlotRef},
    source::Source,
};
use crate::sync::{Acquire, AtomicPtr, AtomicU64, AtomicUsize, Relaxed, Release};
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    cell::Cell,
    hint::black_box,
    ptr::{self, NonNull},
    sync::Arc,
};

/// The head of a block; its slots follow in the same allocation.
pub(crate) struct Block {
    /// Slots not given back yet.
    left: AtomicUsize,
    /// The next block of the queue, once there is one.
    pub(crate) next: AtomicPtr<Block>,
    /// Where its first slot stands in the queue.
    position: AtomicU64,
    slots: u8,
    source: Arc<Source>,
}

impl Block {
    /// A head and this many slots fill a page of 4 KiB.
    #[cfg(not(loom))]
    pub(crate) const SLOTS: u8 = 63;
    /// Few, so that a model crosses from one block to the next.
    #[cfg(loom)]
    pub(crate) const SLOTS: u8 = 1;

    /// The position of a block that is in no queue.
    const NOWHERE: u64 = u64::MAX;

    /// Where the slots begin, in bytes from the head.
    const FIRST: usize = size_of::<Self>().next_multiple_of(align_of::<Slot>());

    fn layout(slots: u8) -> Layout {
        let slots = Layout::array::<Slot>(slots.into()).expect("at most 255 slots");
        let block = Layout::new::<Self>().extend(slots);
        block.expect("at most 255 slots").0
    }

    /// Lets the allocator get memory for many blocks from the system at once, now and then.
    ///
    /// For threads other than the main one glibc asks the system for each page on its own, which costs
    /// more than to fill it. A large piece that is given back at once stays with the allocator, and
    /// the next blocks are cut from it. Other allocators lose next to nothing by it.
    fn foresee() {
        // Half the size from which glibc asks for each piece separately.
        const RUN: usize = 64 << 10;
        const BLOCKS: usize = RUN / 4096;
        std::thread_local! {
            static TAKEN: Cell<usize> = const { Cell::new(0) };
        }
        let taken = TAKEN.get();
        TAKEN.set((taken + 1) % BLOCKS);
        // Not at the first one: a pool of few tasks needs no more.
        if taken + 1 == BLOCKS {
            let run = Layout::new::<[u8; RUN]>();
            // SAFETY: the layout is not empty; the memory is given back as it came.
            unsafe {
                // A compiler may leave out what it sees is not used.
                let memory = black_box(alloc(run));
                if !memory.is_null() {
                    dealloc(memory, run);
                }
            }
        }
    }

    fn alloc(slots: u8) -> NonNull<Self> {
        let layout = Self::layout(slots);
        // SAFETY: the layout is not empty.
        let memory = NonNull::new(unsafe { alloc(layout) });
        memory.unwrap_or_else(|| handle_alloc_error(layout)).cast()
    }

    /// # Safety
    ///
    /// The memory was made by [`alloc`](Self::alloc) for so many slots, and nothing in it is alive.
    pub(super) unsafe fn dealloc(memory: NonNull<Self>, slots: u8) {
        // SAFETY: the caller's promise.
        unsafe { dealloc(memory.as_ptr().cast(), Self::layout(slots)) };
    }

    /// # Safety
    ///
    /// As for [`dealloc`](Self::dealloc).
    unsafe fn init(memory: NonNull<Self>, slots: u8, source: Arc<Source>) -> NonNull<Self> {
        // SAFETY: the caller's promise; all writes are in bounds.
        unsafe {
            memory.write(Self {
                left: AtomicUsize::new(slots.into()),
                next: AtomicPtr::new(ptr::null_mut()),
                position: AtomicU64::new(Self::NOWHERE),
                slots,
                source,
            });
            let first = Self::first(memory);
            for place in 0..slots {
                first.add(place.into()).write(Slot::new(place));
            }
        }
        memory
    }

    /// A block for a queue.
    pub(crate) fn new(source: &Arc<Source>) -> NonNull<Self> {
        let memory = source.shelf.take();
        let memory = memory.unwrap_or_else(|| {
            Self::foresee();
            Self::alloc(Self::SLOTS)
        });
        // SAFETY: new, or from a shelf, which keeps memory of this size.
        unsafe { Self::init(memory, Self::SLOTS, Arc::clone(source)) }
    }

    /// A slot that belongs to no queue.
    pub(crate) fn single(source: &Arc<Source>) -> SlotRef {
        // SAFETY: a new block has one slot, and it is alive until it is released.
        unsafe { Self::slot(Self::init(Self::alloc(1), 1, Arc::clone(source)), 0) }
    }

    /// Where the slots begin.
    ///
    /// # Safety
    ///
    /// There is a block's memory at `block`.
    #[inline]
    unsafe fn first(block: NonNull<Self>) -> NonNull<Slot> {
        // SAFETY: in bounds of the block, whose pointer reaches all of it.
        unsafe { block.byte_add(Self::FIRST).cast() }
    }

    /// # Safety
    ///
    /// The block is alive and has that place, and the slot was not given back.
    #[inline]
    pub(crate) unsafe fn slot(block: NonNull<Self>, place: usize) -> SlotRef {
        // SAFETY: the caller's promise.
        unsafe { SlotRef::new(Self::first(block).add(place)) }
    }

    /// # Safety
    ///
    /// The slot has that place in a live block, and the pointer was made by [`slot`](Self::slot).
    #[inline]
    pub(crate) unsafe fn of_slot(slot: NonNull<Slot>, place: u8) -> NonNull<Self> {
        // SAFETY: back the way that `slot` went.
        unsafe { slot.sub(place.into()).byte_sub(Self::FIRST).cast() }
    }

    /// Comes into a queue, before anybody can claim a slot.
    ///
    /// # Safety
    ///
    /// The block is alive.
    pub(crate) unsafe fn stand_at(block: NonNull<Self>, position: u64) {
        // SAFETY: the caller's promise.
        unsafe { (*block.as_ptr()).position.store(position, Relaxed) };
    }

    /// Where the first slot stands, if the block is in a queue.
    ///
    /// # Safety
    ///
    /// The block is alive, and the caller has one of its slots.
    pub(super) unsafe fn position(block: NonNull<Self>) -> Option<u64> {
        // SAFETY: the caller's promise.
        let position = unsafe { (*block.as_ptr()).position.load(Relaxed) };
        (position != Self::NOWHERE).then_some(position)
    }

    /// # Safety
    ///
    /// The block stays alive for `'a`.
    pub(crate) unsafe fn source<'a>(block: NonNull<Self>) -> &'a Arc<Source> {
        // SAFETY: the caller's promise; the field is never written after the birth.
        unsafe { &(*block.as_ptr()).source }
    }

    /// Gives several slots back.
    ///
    /// # Safety
    ///
    /// Once for each slot, when nobody will touch it any more.
    #[inline]
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

    #[cold]
    #[inline(never)]
    unsafe fn free(block: NonNull<Self>) {
        // SAFETY: the caller owns the block alone; its slots own nothing any more.
        unsafe {
            let Self { slots, source, .. } = block.read();
            let first = Self::first(block);
            for place in 0..slots {
                first.add(place.into()).drop_in_place();
            }
            if slots != Self::SLOTS || !source.shelf.give(block) {
                Self::dealloc(block, slots);
            }
        }
    }
}

/// A slot that nobody will touch any more. Dropped, it goes back to its block.
#[must_use]
pub(crate) struct Emptied(NonNull<Block>);

impl Emptied {
    /// # Safety
    ///
    /// Once for each slot of the block, when nobody will touch it any more.
    pub(super) unsafe fn new(block: NonNull<Block>) -> Self {
        Self(block)
    }
}

impl Drop for Emptied {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the promise of `new`.
        unsafe { Block::release_many(self.0, 1) };
    }
}

/// Emptied slots of one block, to go back together: one step on memory that others change too,
/// instead of one for each.
#[derive(Default)]
pub(crate) struct Returns {
    block: Option<NonNull<Block>>,
    slots: usize,
}

impl Returns {
    #[inline]
    pub(crate) fn add(&mut self, emptied: Emptied) {
        let block = std::mem::ManuallyDrop::new(emptied).0;
        if self.block != Some(block) {
            self.flush();
            self.block = Some(block);
        }
        self.slots += 1;
    }

    pub(crate) fn flush(&mut self) {
        if let Some(block) = self.block.take() {
            // SAFETY: as many slots were emptied, and none has been given back.
            unsafe { Block::release_many(block, std::mem::take(&mut self.slots)) };
        }
    }
}

impl Drop for Returns {
    fn drop(&mut self) {
        self.flush();
    }
}

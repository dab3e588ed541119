//! The heap, counted where a run asks for it.
//!
//! Runs that measure time do not count: a counter that all threads write would cost most those
//! who allocate most.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
};

struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

static ON: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicI64 = AtomicI64::new(0);
static ALLOCATED: AtomicI64 = AtomicI64::new(0);
static FREED: AtomicI64 = AtomicI64::new(0);

/// What was asked of the heap while it was counted.
#[derive(Clone, Copy)]
pub(crate) struct Heap {
    pub(crate) allocations: i64,
    pub(crate) allocated: i64,
    /// Allocated and not freed.
    pub(crate) live: i64,
}

pub(crate) fn count(on: bool) {
    ON.store(on, Relaxed);
}

pub(crate) fn counted() -> Heap {
    let allocated = ALLOCATED.load(Relaxed);
    Heap {
        allocations: ALLOCATIONS.load(Relaxed),
        allocated,
        live: allocated - FREED.load(Relaxed),
    }
}

fn allocating(size: usize) {
    if ON.load(Relaxed) {
        ALLOCATIONS.fetch_add(1, Relaxed);
        ALLOCATED.fetch_add(i64::try_from(size).unwrap_or(0), Relaxed);
    }
}

fn freeing(size: usize) {
    if ON.load(Relaxed) {
        FREED.fetch_add(i64::try_from(size).unwrap_or(0), Relaxed);
    }
}

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocating(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        allocating(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        freeing(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) };
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        freeing(layout.size());
        allocating(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }
}

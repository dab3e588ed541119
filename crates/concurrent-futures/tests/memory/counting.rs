use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

#[global_allocator]
static HEAP: Counting = Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
static FREED: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: all is left to `System`; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        ALLOCATED.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        FREED.fetch_add(layout.size(), Relaxed);
        // SAFETY: the memory came from `System` with this layout.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        ALLOCATED.fetch_add(size, Relaxed);
        FREED.fetch_add(layout.size(), Relaxed);
        // SAFETY: the memory came from `System` with this layout.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// The heap at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heap {
    live: usize,
    allocations: usize,
}

impl Heap {
    pub(crate) fn now() -> Self {
        let freed = FREED.load(Relaxed);
        Self {
            live: ALLOCATED.load(Relaxed).wrapping_sub(freed),
            allocations: ALLOCATIONS.load(Relaxed),
        }
    }

    /// How many bytes more are in use now.
    pub(crate) fn growth(&self) -> usize {
        Self::now().live.saturating_sub(self.live)
    }

    /// How often memory was allocated since.
    pub(crate) fn allocations(&self) -> usize {
        Self::now().allocations - self.allocations
    }
}

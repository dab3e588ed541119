//! The heap, counted where a run asks for it.
//!
//! Runs that measure time do not count: it would cost most those who allocate most.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::Relaxed},
};

struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

static ON: AtomicBool = AtomicBool::new(false);

/// What was asked of the heap while it was counted.
#[derive(Clone, Copy, Default)]
pub(crate) struct Heap {
    pub(crate) allocations: i64,
    pub(crate) allocated: i64,
    /// Allocated and not freed.
    pub(crate) live: i64,
}

/// The counts of some threads. On one common cache line the threads would slow each other, and
/// sleep and wake in other ways than in the runs that measure time.
#[repr(align(128))]
struct Shard {
    allocations: AtomicI64,
    allocated: AtomicI64,
    freed: AtomicI64,
}

static SHARDS: [Shard; 64] = [const {
    Shard {
        allocations: AtomicI64::new(0),
        allocated: AtomicI64::new(0),
        freed: AtomicI64::new(0),
    }
}; 64];

pub(crate) fn count(on: bool) {
    ON.store(on, Relaxed);
}

pub(crate) fn counted() -> Heap {
    SHARDS.iter().fold(Heap::default(), |sum, shard| {
        let allocated = shard.allocated.load(Relaxed);
        Heap {
            allocations: sum.allocations + shard.allocations.load(Relaxed),
            allocated: sum.allocated + allocated,
            live: sum.live + allocated - shard.freed.load(Relaxed),
        }
    })
}

fn shard() -> &'static Shard {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    // Neither allocates nor has a destructor, so an allocator may use it at any time.
    thread_local! { static OWN: Cell<Option<usize>> = const { Cell::new(None) } }
    let own = OWN.get().unwrap_or_else(|| {
        let next = THREADS.fetch_add(1, Relaxed) % SHARDS.len();
        OWN.set(Some(next));
        next
    });
    &SHARDS[own]
}

fn allocating(size: usize) {
    if ON.load(Relaxed) {
        let shard = shard();
        shard.allocations.fetch_add(1, Relaxed);
        shard.allocated.fetch_add(bytes(size), Relaxed);
    }
}

fn freeing(size: usize) {
    if ON.load(Relaxed) {
        shard().freed.fetch_add(bytes(size), Relaxed);
    }
}

fn bytes(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(0)
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

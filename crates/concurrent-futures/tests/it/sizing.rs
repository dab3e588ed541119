//! The number of workers while the pool runs: more, fewer, idle ones that go.

mod fewer;
mod idle;
mod more;
mod storm;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use concurrent_futures::ThreadPoolExecutor;

/// Waits until the pool has exactly so many workers.
fn wait_for_workers(pool: &ThreadPoolExecutor, count: usize) {
    while pool.worker_count() != count {
        thread::yield_now();
    }
}

/// How many are inside now, and the most that ever were.
#[derive(Clone, Debug, Default)]
struct Crowd(Arc<(AtomicUsize, AtomicUsize)>);

impl Crowd {
    fn pass(&self) {
        let (inside, most) = &*self.0;
        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
        thread::yield_now();
        inside.fetch_sub(1, SeqCst);
    }

    fn most(&self) -> usize {
        self.0.1.load(SeqCst)
    }
}

use super::{Pending, Pool, rayon::Rayon};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// A parallel loop, which makes no task and no future for an item. A floor for `map`, not a peer.
pub(crate) struct RayonParIter(Rayon);

impl Pool for RayonParIter {
    fn start(threads: usize) -> Self {
        Self(Rayon::start(threads))
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.0.submit(task)
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.0.spawn(task);
    }

    fn stop(self) {
        self.0.stop();
    }

    fn map(&self, items: u64, f: fn(u64) -> u64, each: impl FnMut(u64)) {
        let map = || (0..items).into_par_iter().map(f).collect::<Vec<_>>();
        self.0.pool.install(map).into_iter().for_each(each);
    }
}

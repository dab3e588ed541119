use super::{Pending, Pool};
use std::hint::black_box;

/// No pool: the caller runs the task. A floor, not a peer.
pub(crate) struct Inline;

struct Done<T>(T);

impl<T> Pending<T> for Done<T> {
    fn wait(self) -> T {
        self.0
    }
}

impl Pool for Inline {
    fn start(_threads: usize) -> Self {
        Self
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Done(black_box(task)())
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        black_box(task)();
    }

    fn stop(self) {}

    fn map(&self, items: u64, f: fn(u64) -> u64, each: impl FnMut(u64)) {
        (0..items).map(f).for_each(each);
    }

    fn as_completed(&self, items: u64, f: fn(u64) -> u64, each: impl FnMut(u64)) {
        (0..items).map(f).for_each(each);
    }
}

use super::{Awaited, Pending, Pool};
use affinitypool::Threadpool;

pub(crate) struct Affinitypool(Threadpool);

impl Pool for Affinitypool {
    fn start(threads: usize) -> Self {
        Self(Threadpool::new(threads))
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Awaited(self.0.spawn(task))
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        // Dropping the future would cancel the task, and there is no other way to let it go.
        std::mem::forget(self.0.spawn(task));
    }

    fn stop(self) {
        drop(self.0);
    }
}

use super::{Pending, Pool};
use rusty_pool::{JoinHandle, ThreadPool};
use std::time::Duration;

pub(crate) struct RustyPool(ThreadPool);

impl<T: Send> Pending<T> for JoinHandle<T> {
    fn wait(self) -> T {
        self.await_complete()
    }
}

impl Pool for RustyPool {
    fn start(threads: usize) -> Self {
        Self(ThreadPool::new(threads, threads, Duration::from_secs(60)))
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.0.evaluate(task)
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.0.execute(task);
    }

    fn stop(self) {
        self.0.shutdown_join();
    }
}

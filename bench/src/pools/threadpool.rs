use super::{Pending, Pool};
use crate::sync::oneshot;
use threadpool::ThreadPool;

pub(crate) struct Threadpool(ThreadPool);

impl Pool for Threadpool {
    fn start(threads: usize) -> Self {
        Self(ThreadPool::new(threads))
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (sender, receiver) = oneshot();
        self.0.execute(move || sender.send(task()));
        receiver
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.0.execute(task);
    }

    fn stop(self) {
        self.0.join();
    }
}

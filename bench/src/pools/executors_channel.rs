use super::{Pending, Pool};
use crate::sync::oneshot;
use executors::{Executor, crossbeam_channel_pool::ThreadPool};

pub(crate) struct ExecutorsChannel(ThreadPool);

impl Pool for ExecutorsChannel {
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
        self.0.shutdown().expect("the pool is idle");
    }
}

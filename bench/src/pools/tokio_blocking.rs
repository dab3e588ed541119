use super::{Awaited, Pending, Pool};
use tokio::runtime::{Builder, Runtime};

pub(crate) struct TokioBlocking(Runtime);

impl Pool for TokioBlocking {
    fn start(threads: usize) -> Self {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(1).max_blocking_threads(threads);
        Self(builder.build().expect("threads can be started"))
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let task = self.0.spawn_blocking(task);
        Awaited(async { task.await.expect("tasks of workloads do not fail") })
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        drop(self.0.spawn_blocking(task));
    }

    fn stop(self) {
        drop(self.0);
    }
}

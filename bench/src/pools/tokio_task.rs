use super::{Awaited, Pending, Pool};
use tokio::runtime::{Builder, Runtime};

pub(crate) struct TokioTask(Runtime);

impl Pool for TokioTask {
    fn start(threads: usize) -> Self {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(threads).build();
        Self(runtime.expect("threads can be started"))
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let task = self.0.spawn(async move { task() });
        Awaited(async { task.await.expect("tasks of workloads do not fail") })
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        drop(self.0.spawn(async move { task() }));
    }

    fn stop(self) {
        drop(self.0);
    }
}

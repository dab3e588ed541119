use super::{Pending, Pool};
use crate::sync::oneshot;
use executors::{
    Executor,
    crossbeam_workstealing_pool::{ThreadPool, pool_with_auto_parker},
    parker::DynParker,
};

pub(crate) struct ExecutorsStealing(ThreadPool<DynParker>);

impl Pool for ExecutorsStealing {
    fn start(threads: usize) -> Self {
        Self(pool_with_auto_parker(threads))
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

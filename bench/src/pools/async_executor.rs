use super::{Awaited, Pending, Pool};
use async_channel::Sender;
use async_executor::Executor;
use futures_lite::future::block_on;
use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

pub(crate) struct AsyncExecutor {
    executor: Arc<Executor<'static>>,
    /// Dropped to end the threads.
    running: Sender<()>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool for AsyncExecutor {
    fn start(threads: usize) -> Self {
        let executor = Arc::new(Executor::new());
        let (running, stopped) = async_channel::bounded::<()>(1);
        let thread = |_| {
            let (executor, stopped) = (Arc::clone(&executor), stopped.clone());
            thread::spawn(move || {
                let _ = block_on(executor.run(stopped.recv()));
            })
        };
        let threads = (0..threads).map(thread).collect();
        Self {
            executor,
            running,
            threads,
        }
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Awaited(self.executor.spawn(async move { task() }))
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.executor.spawn(async move { task() }).detach();
    }

    fn stop(self) {
        drop(self.running);
        for thread in self.threads {
            thread.join().expect("workers do not panic");
        }
    }
}

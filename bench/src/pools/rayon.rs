use super::{Pending, Pool};
use crate::sync::oneshot;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::thread::{self, JoinHandle};

pub(crate) struct Rayon {
    pub(super) pool: ThreadPool,
    threads: Vec<JoinHandle<()>>,
}

impl Pool for Rayon {
    fn start(threads: usize) -> Self {
        let mut handles = Vec::new();
        let builder = ThreadPoolBuilder::new().num_threads(threads);
        let builder = builder.spawn_handler(|thread| {
            handles.push(thread::Builder::new().spawn(|| thread.run())?);
            Ok(())
        });
        let pool = builder.build().expect("threads can be started");
        Self {
            pool,
            threads: handles,
        }
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (sender, receiver) = oneshot();
        self.pool.spawn(move || sender.send(task()));
        receiver
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.pool.spawn(task);
    }

    fn stop(self) {
        drop(self.pool);
        for thread in self.threads {
            thread.join().expect("workers do not panic");
        }
    }
}

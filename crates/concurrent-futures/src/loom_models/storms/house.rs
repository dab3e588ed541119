//! What the storms share: a pool on the checker's threads.

use super::super::rig::{Count, JoinHandle, spawn};
use crate::{Builder, ThreadPoolExecutor, WorkerThread};
use std::{
    io,
    sync::{Arc, Mutex},
};

/// A pool and its threads.
pub(super) struct House {
    pub(super) pool: Arc<ThreadPoolExecutor>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl House {
    pub(super) fn new(builder: Builder) -> Self {
        Self::refusing(builder, |_| false)
    }

    /// `refuses` is asked with the number of the start, from 1.
    pub(super) fn refusing(
        builder: Builder,
        refuses: impl Fn(usize) -> bool + Send + Sync + 'static,
    ) -> Self {
        let threads = Arc::new(Mutex::new(Vec::new()));
        let started = Arc::clone(&threads);
        let starts = Count::default();
        // An error, but the worker lives on: the pool is content, and asks for no handle of std.
        let factory = move |worker: WorkerThread| {
            if !refuses(starts.add()) {
                // Before the lock, which is of std and must not be held in a step of the model.
                let thread = spawn(move || worker.run());
                started.lock().unwrap().push(thread);
            }
            Err(io::Error::other("no thread of std"))
        };
        let pool = builder.thread_factory(factory).build().unwrap();
        let pool = Arc::new(pool);
        Self { pool, threads }
    }

    /// Drops the pool here, which waits for its workers, and joins their threads.
    pub(super) fn end(self) {
        let pool = Arc::into_inner(self.pool).expect("the only handle");
        drop(pool);
        loop {
            let thread = self.threads.lock().unwrap().pop();
            let Some(thread) = thread else { break };
            thread.join().unwrap();
        }
    }
}

pub(super) fn up_to(max_workers: usize) -> Builder {
    ThreadPoolExecutor::builder().max_workers(max_workers)
}

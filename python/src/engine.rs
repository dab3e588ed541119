//! A pool of the crate, with what an executor needs besides.

use crate::{
    census::{self, Counted},
    future::Future,
    host::PythonHost,
    work::Task,
};
use concurrent_futures::rim::Pool;
use pyo3::prelude::*;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

static MADE: AtomicU32 = AtomicU32::new(0);

/// Where the tasks of a pool run, as far as context variables are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContextRule {
    /// In the context of the worker's thread, as in the original.
    Worker,
    /// In a copy of the context of whoever submitted.
    Submitter,
}

/// Dropping it, with the executor, closes the pool: workers finish what is queued and end.
pub(crate) struct Engine {
    pub(crate) pool: Pool,
    pub(crate) host: Arc<PythonHost>,
    pub(crate) context: ContextRule,
    _counted: Counted<{ census::POOL }>,
}

impl Engine {
    /// A number for a new pool, never 0.
    pub(crate) fn next_number() -> u32 {
        MADE.fetch_add(1, Relaxed).wrapping_add(1).max(1)
    }

    pub(crate) fn new(
        max_workers: usize,
        prefix: String,
        context: ContextRule,
        host: PythonHost,
    ) -> Arc<Self> {
        let host = Arc::new(host);
        Arc::new(Self {
            pool: Pool::new(max_workers, prefix, Arc::clone(&host)),
            host,
            context,
            _counted: Counted::default(),
        })
    }

    /// How many were made, and how many there are.
    pub(crate) fn counts() -> (u32, usize) {
        (MADE.load(Relaxed), census::alive(census::POOL))
    }

    /// Queues a task; `false` if the pool is closed.
    #[inline]
    pub(crate) fn push(&self, future: &Bound<'_, Future>) -> bool {
        self.pool.submit(Task::new(future)).is_ok()
    }
}

//! A pool of the crate, with what an executor needs besides.

use crate::{
    admission::WhenFull,
    census::{self, Counted},
    future::Future,
    host::PythonHost,
    profile::Recordings,
    tally::Tally,
    work::Task,
};
use concurrent_futures::rim::{Pool, Recording, Settings, Submitted};
use pyo3::prelude::*;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

static MADE: AtomicU32 = AtomicU32::new(0);

/// By their pools' numbers. Held for a moment, and never while Python code runs.
static ALIVE: Mutex<BTreeMap<u32, Weak<Engine>>> = Mutex::new(BTreeMap::new());

fn alive() -> MutexGuard<'static, BTreeMap<u32, Weak<Engine>>> {
    ALIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    pub(crate) bounded: bool,
    pub(crate) when_full: WhenFull,
    pub(crate) tally: Arc<Tally>,
    pub(crate) profiled: bool,
    _counted: Counted<{ census::POOL }>,
}

impl Engine {
    /// A number for a new pool, never 0.
    pub(crate) fn next_number() -> u32 {
        MADE.fetch_add(1, Relaxed).wrapping_add(1).max(1)
    }

    pub(crate) fn new(
        settings: Settings,
        when_full: WhenFull,
        context: ContextRule,
        host: PythonHost,
        recordings: Vec<Arc<Recording>>,
    ) -> Arc<Self> {
        let host = Arc::new(host);
        let profiled = !recordings.is_empty();
        let own = Arc::clone(&host);
        let bounded = settings.queue_capacity.is_some();
        let pool = if profiled {
            Pool::observed(settings, own, Recordings(recordings))
        } else {
            Pool::new(settings, own)
        };
        let engine = Arc::new(Self {
            bounded,
            when_full,
            context,
            tally: Tally::open(host.pool),
            pool,
            host,
            profiled,
            _counted: Counted::default(),
        });
        alive().insert(engine.host.pool, Arc::downgrade(&engine));
        engine
    }

    /// All that there are.
    pub(crate) fn all() -> Vec<Arc<Self>> {
        alive().values().filter_map(Weak::upgrade).collect()
    }

    /// How many were made, and how many there are.
    pub(crate) fn counts() -> (u32, usize) {
        (MADE.load(Relaxed), census::alive(census::POOL))
    }

    /// Queues a task, unless the pool is closed.
    #[inline]
    pub(crate) fn push(&self, future: &Bound<'_, Future>) -> Option<Submitted> {
        self.pool.submit(Task::new(future)).ok()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        Tally::close(self.host.pool);
        alive().remove(&self.host.pool);
    }
}

//! The pool, driven as the reference says.

mod driver;
mod facts;
mod futures;
mod groups;
mod maps;
mod nested;
mod task;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use concurrent_futures::{CancelToken, Future, SharedFuture, ThreadPoolExecutor};

pub(crate) use driver::Driver;
pub(crate) use facts::Facts;
use facts::Made;
use groups::AnyGroup;

use super::command::{Actor, Command, Id};
use super::run::wait_until;

pub(crate) type Owned = Future<Made, Made>;
pub(crate) type Shared = SharedFuture<Made, Made>;

/// A future that can still be read.
#[derive(Debug)]
pub(crate) enum Handle {
    Owned(Owned),
    Shared(Shared),
}

/// What the program's thread, the tasks and the callbacks share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) pool: Mutex<Option<ThreadPoolExecutor>>,
    pub(crate) tokens: [CancelToken; 2],
    facts: Mutex<Vec<Arc<Facts>>>,
    pub(crate) handles: Mutex<BTreeMap<Id, Arc<Handle>>>,
    /// By their numbers; taken out when they are joined or dropped.
    groups: Mutex<BTreeMap<usize, Arc<AnyGroup>>>,
    pub(crate) script: Mutex<HashMap<Actor, Command>>,
    pub(crate) calls: Mutex<Vec<Actor>>,
    mistakes: Mutex<Vec<String>>,
    /// The program has failed: nobody is held up any more.
    given_up: AtomicBool,
}

impl Stage {
    pub(crate) fn new(pool: ThreadPoolExecutor) -> Arc<Self> {
        let first = CancelToken::new();
        let second = first.child();
        Arc::new(Self {
            pool: Mutex::new(Some(pool)),
            tokens: [first, second],
            facts: Mutex::default(),
            handles: Mutex::default(),
            groups: Mutex::default(),
            script: Mutex::default(),
            calls: Mutex::default(),
            mistakes: Mutex::default(),
            given_up: AtomicBool::new(false),
        })
    }

    pub(crate) fn facts(&self, id: Id) -> Arc<Facts> {
        let mut facts = lock(&self.facts);
        while facts.len() <= id {
            facts.push(Arc::default());
        }
        Arc::clone(&facts[id])
    }

    fn pool(&self) -> Option<ThreadPoolExecutor> {
        lock(&self.pool).clone()
    }

    /// Soon, where another thread is about to bring it.
    fn handle(&self, id: Id) -> Option<Arc<Handle>> {
        let find = || lock(&self.handles).get(&id).cloned();
        wait_until(|| find().is_some());
        let found = find();
        if found.is_none() {
            self.object(format!("task {id} has no future"));
        }
        found
    }

    fn keep(&self, id: Id, handle: Handle) {
        lock(&self.handles).insert(id, Arc::new(handle));
    }

    fn take(&self, id: Id) -> Option<Handle> {
        self.handle(id)?;
        let handle = lock(&self.handles).remove(&id)?;
        let Ok(handle) = Arc::try_unwrap(handle) else {
            self.object(format!("somebody else uses the future of task {id}"));
            return None;
        };
        Some(handle)
    }

    pub(crate) fn object(&self, mistake: String) {
        lock(&self.mistakes).push(mistake);
    }

    fn expect<T: PartialEq + std::fmt::Debug>(&self, what: &str, expected: &T, seen: &T) {
        if expected != seen {
            self.object(format!("{what}: {seen:?} instead of {expected:?}"));
        }
    }

    pub(crate) fn mistakes(&self) -> Vec<String> {
        lock(&self.mistakes).clone()
    }

    pub(crate) fn give_up(&self) {
        self.given_up.store(true, SeqCst);
    }

    fn has_given_up(&self) -> bool {
        self.given_up.load(SeqCst)
    }
}

/// A panic of one thread is told elsewhere.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a task that is held up looks whether the program has failed.
const GLANCE: Duration = Duration::from_millis(100);

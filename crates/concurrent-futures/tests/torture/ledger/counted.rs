//! What a task and its callbacks carry, so that each making and each drop is counted. Some of it panics when it
//! is dropped by the pool.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::{fmt, thread};

use concurrent_futures::TaskError;

use super::record::TaskRecord;

/// Error types of the program's tasks.
pub(crate) trait Grief: Send + Sync + 'static {
    fn token(&self) -> Option<&Token>;
}

impl Grief for Infallible {
    fn token(&self) -> Option<&Token> {
        match *self {}
    }
}

impl Grief for Token {
    fn token(&self) -> Option<&Token> {
        Some(self)
    }
}

/// Panics in the drop, unless somebody has made it harmless.
#[derive(Debug)]
pub(crate) struct Bomb(AtomicBool);

impl Bomb {
    pub(crate) fn new(live: bool) -> Self {
        Self(AtomicBool::new(live))
    }

    pub(crate) fn defuse(&self) {
        self.0.store(false, SeqCst);
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0.load(SeqCst) && !thread::panicking() {
            // The panic hook would print each of them.
            resume_unwind(Box::new("a value gives up as it is dropped"));
        }
    }
}

/// What a run leaves: the result, the error or the payload of the panic.
pub(crate) struct Token {
    pub(crate) record: Arc<TaskRecord>,
    bomb: Bomb,
}

impl Token {
    pub(crate) fn new(record: &Arc<TaskRecord>) -> Self {
        record.tokens_born.fetch_add(1, SeqCst);
        Self {
            record: Arc::clone(record),
            bomb: Bomb::new(record.explodes),
        }
    }

    /// Somebody has it, or has seen it: it is not for the pool to drop any more.
    pub(crate) fn defuse(&self) {
        self.bomb.defuse();
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.record.tokens_dropped.fetch_add(1, SeqCst);
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Arc::as_ptr(&self.record);
        write!(f, "the {:?} of a task at {address:p}", self.record.plan)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Lives in the closure of a task.
#[derive(Debug)]
pub(crate) struct Closure {
    pub(crate) record: Arc<TaskRecord>,
    bomb: Bomb,
}

impl Closure {
    pub(crate) fn new(record: Arc<TaskRecord>) -> Self {
        let bomb = Bomb::new(record.explodes);
        Self { record, bomb }
    }

    /// It runs, or is in the hands of the program again.
    pub(crate) fn defuse(&self) {
        self.bomb.defuse();
    }
}

impl Drop for Closure {
    fn drop(&mut self) {
        self.record.closure_drops.fetch_add(1, SeqCst);
    }
}

/// Lives in a callback.
#[derive(Debug)]
pub(crate) struct Callback(Arc<TaskRecord>);

impl Callback {
    pub(crate) fn new(record: &Arc<TaskRecord>) -> Self {
        record.callbacks_added.fetch_add(1, SeqCst);
        Self(Arc::clone(record))
    }

    pub(crate) fn run<E: Grief>(&self, outcome: Result<&Token, &TaskError<E>>) {
        self.0.callbacks_run.fetch_add(1, SeqCst);
        self.0.hear(outcome);
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.0.callbacks_dropped.fetch_add(1, SeqCst);
    }
}

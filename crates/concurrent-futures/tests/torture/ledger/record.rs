//! What one task was meant to do, and what was seen of it.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use concurrent_futures::TaskError;

use super::counted::{Grief, Token};
use super::ending::Ending;
use super::stop::Stop;
use crate::pools::PoolRecord;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Submit,
    Offer,
    Map,
    Scope,
    Group,
    Then,
}

/// What is settled before the task is submitted.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) origin: Origin,
    pub(crate) plan: Ending,
    pub(crate) explodes: bool,
    pub(crate) pool: Arc<PoolRecord>,
    pub(crate) source: Option<Arc<TaskRecord>>,
    /// What may stop it: of a task that a callback submits, more than does.
    pub(crate) stops: Vec<Arc<Stop>>,
    pub(crate) comes_too_late: bool,
}

#[derive(Debug)]
pub(crate) struct TaskRecord {
    pub(crate) origin: Origin,
    /// How the task ends if it is run.
    pub(crate) plan: Ending,
    /// Whether its closure and its outcome panic when the pool drops them.
    pub(crate) explodes: bool,
    pub(crate) pool: Arc<PoolRecord>,
    pub(super) source: Option<Arc<TaskRecord>>,
    pub(crate) stops: Vec<Arc<Stop>>,
    pub(super) comes_too_late: bool,
    refused: AtomicBool,
    pub(super) runs: AtomicU32,
    pub(super) closure_drops: AtomicU32,
    pub(super) tokens_born: AtomicU32,
    pub(super) tokens_dropped: AtomicU32,
    pub(super) callbacks_added: AtomicU32,
    pub(super) callbacks_run: AtomicU32,
    pub(super) callbacks_dropped: AtomicU32,
    pub(super) heard: AtomicU8,
    cancel_tried: AtomicBool,
    cancel_won: AtomicBool,
    contradiction: Mutex<Option<String>>,
}

impl TaskRecord {
    pub(super) fn new(draft: Draft) -> Arc<Self> {
        Arc::new(Self {
            origin: draft.origin,
            plan: draft.plan,
            explodes: draft.explodes,
            pool: draft.pool,
            source: draft.source,
            stops: draft.stops,
            comes_too_late: draft.comes_too_late,
            refused: AtomicBool::new(false),
            runs: AtomicU32::new(0),
            closure_drops: AtomicU32::new(0),
            tokens_born: AtomicU32::new(0),
            tokens_dropped: AtomicU32::new(0),
            callbacks_added: AtomicU32::new(0),
            callbacks_run: AtomicU32::new(0),
            callbacks_dropped: AtomicU32::new(0),
            heard: AtomicU8::new(0),
            cancel_tried: AtomicBool::new(false),
            cancel_won: AtomicBool::new(false),
            contradiction: Mutex::new(None),
        })
    }

    pub(crate) fn start(&self) {
        self.runs.fetch_add(1, SeqCst);
    }

    pub(crate) fn has_run(&self) -> bool {
        self.runs.load(SeqCst) > 0
    }

    pub(crate) fn refuse(&self) {
        self.refused.store(true, SeqCst);
    }

    pub(crate) fn was_refused(&self) -> bool {
        self.refused.load(SeqCst)
    }

    /// Every handle, callback and iterator that learns how the task ended says so here.
    pub(crate) fn hear<E: Grief>(self: &Arc<Self>, outcome: Result<&Token, &TaskError<E>>) {
        self.heard.fetch_or(Ending::of(outcome).bit(), SeqCst);
        if !self.closure_is_gone() {
            self.contradict("its end could be seen before its closure was dropped".to_owned());
        }
        let token = match outcome {
            Ok(token) => Some(token),
            Err(TaskError::Failed(failure)) => failure.token(),
            Err(_) => None,
        };
        let Some(token) = token else { return };
        token.defuse();
        if !self.may_deliver(token) {
            self.contradict(format!(
                "delivered {token:?}, which belongs to another task"
            ));
        }
    }

    fn may_deliver(self: &Arc<Self>, token: &Token) -> bool {
        let source = self.source.as_ref();
        Arc::ptr_eq(self, &token.record) || source.is_some_and(|source| source.may_deliver(token))
    }

    /// Called before a cancel, since its effect may be seen before it returns.
    pub(crate) fn try_cancel(&self) {
        self.cancel_tried.store(true, SeqCst);
        if let Some(source) = &self.source {
            source.try_cancel();
        }
    }

    pub(crate) fn cancel_won(&self) {
        self.cancel_won.store(true, SeqCst);
    }

    pub(super) fn was_cancelled(&self) -> bool {
        self.cancel_won.load(SeqCst)
    }

    pub(crate) fn contradict(&self, text: String) {
        let mut contradiction = self.contradiction.lock().expect("held for a store only");
        contradiction.get_or_insert(text);
    }

    pub(super) fn contradiction(&self) -> Option<String> {
        let mut contradiction = self.contradiction.lock().expect("held for a swap only");
        contradiction.take()
    }

    pub(crate) fn closure_is_gone(&self) -> bool {
        self.closure_drops.load(SeqCst) == 1
    }

    pub(super) fn is_settled(&self) -> bool {
        self.closure_is_gone()
            && self.tokens_dropped.load(SeqCst) == self.tokens_born.load(SeqCst)
            && self.callbacks_run.load(SeqCst) == self.callbacks_added.load(SeqCst)
            && self.callbacks_dropped.load(SeqCst) == self.callbacks_added.load(SeqCst)
    }

    /// Whether it may have been taken back, or its token cancelled.
    pub(crate) fn may_be_cancelled(&self) -> bool {
        let source = self.source.as_ref();
        self.cancel_tried.load(SeqCst)
            || self.pool.cancelled.load(SeqCst)
            || self.stops.iter().any(|stop| stop.may_have_stopped())
            || source.is_some_and(|source| source.may_be_cancelled())
    }

    /// Whether it may have been asked to stop while it ran.
    pub(crate) fn may_be_asked(&self) -> bool {
        self.may_be_cancelled() || self.may_be_late() || self.pool.asked.load(SeqCst)
    }

    pub(super) fn may_be_late(&self) -> bool {
        let source = self.source.as_ref();
        self.stops.iter().any(|stop| stop.may_be_late())
            || source.is_some_and(|source| source.may_be_late())
    }

    /// Whether the pool may have failed it before it ran.
    pub(super) fn may_have_been_refused(&self) -> bool {
        self.pool.initializer_fails || self.pool.may_refuse() || self.may_be_late()
    }
}

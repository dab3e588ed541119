//! What is seen of one task.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};

use concurrent_futures::TaskError;

use super::{GLANCE, Stage, lock};
use crate::checker::command::{Delivery, End, Id};

#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) runs: AtomicUsize,
    pub(crate) closure_drops: AtomicUsize,
    pub(crate) made: AtomicUsize,
    pub(crate) made_drops: AtomicUsize,
    pub(crate) calls: AtomicUsize,
    pub(crate) callback_drops: AtomicUsize,
    /// How it has ended, as its callbacks were told.
    pub(crate) told: Mutex<Vec<End>>,
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Facts {
    pub(super) fn release(&self) {
        *lock(&self.is_open) = true;
        self.opened.notify_all();
    }

    pub(super) fn wait_for_release(&self, stage: &Stage) {
        let mut is_open = lock(&self.is_open);
        while !*is_open && !stage.has_given_up() {
            let woken = self.opened.wait_timeout(is_open, GLANCE);
            is_open = woken.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }
}

/// What a task makes: its value, its error, or the payload of its panic.
#[derive(Debug)]
pub(crate) struct Made {
    id: Id,
    facts: Arc<Facts>,
}

impl Made {
    pub(super) fn new(id: Id, facts: &Arc<Facts>) -> Self {
        facts.made.fetch_add(1, SeqCst);
        Self {
            id,
            facts: Arc::clone(facts),
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.facts.made_drops.fetch_add(1, SeqCst);
    }
}

/// Lies in the closure of a task.
#[derive(Debug)]
pub(super) struct Carried(pub(super) Arc<Facts>);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.closure_drops.fetch_add(1, SeqCst);
    }
}

/// Lies in a callback.
#[derive(Debug)]
pub(super) struct CallBack(pub(super) Arc<Facts>);

impl Drop for CallBack {
    fn drop(&mut self) {
        self.0.callback_drops.fetch_add(1, SeqCst);
    }
}

/// Counts the calls of a waker.
#[derive(Debug, Default)]
pub(crate) struct Wakes(pub(crate) AtomicUsize);

impl std::task::Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// What a reader is given. Of a lent panic nobody can see the payload.
pub(super) fn delivery(outcome: Result<&Made, &TaskError<Made>>) -> Delivery {
    let of = |end, origin| Delivery { end, origin };
    match outcome {
        Ok(made) => of(End::Value, Some(made.id)),
        Err(TaskError::Failed(made)) => of(End::Error, Some(made.id)),
        Err(error) => of(end(error), None),
    }
}

pub(super) fn delivery_of_owned(outcome: Result<Made, TaskError<Made>>) -> Delivery {
    match outcome {
        Err(TaskError::Panicked(panic)) => {
            let payload = panic.into_payload().downcast::<Made>();
            let origin = payload.ok().map(|made| made.id);
            Delivery {
                end: End::Panic,
                origin,
            }
        }
        outcome => delivery(outcome.as_ref()),
    }
}

fn end(error: &TaskError<Made>) -> End {
    match error {
        TaskError::Failed(_) => End::Error,
        TaskError::Panicked(_) => End::Panic,
        TaskError::Cancelled => End::Cancelled,
        TaskError::DeadlineExceeded => End::Late,
        TaskError::Broken(_) => End::Broken,
        TaskError::Rejected(reason) if reason.is_shutdown() => End::ShutDown,
        TaskError::Rejected(reason) if reason.is_queue_full() => End::Full,
        TaskError::Rejected(reason) if reason.is_discarded() => End::Discarded,
        other => panic!("no program ends a task so: {other:?}"),
    }
}

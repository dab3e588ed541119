//! Waiting for many futures: one watch, of which each future keeps a registration.

use crate::{
    census::{self, Counted},
    future::Future,
    signal::Signal,
};
use pyo3::prelude::*;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{AcqRel, SeqCst},
        },
    },
};

/// How a future came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Value,
    Error,
    /// Cancelled, and those who wait are told.
    Cancelled,
    /// Cancelled; its owner will tell those who wait, by [`Notified`](Self::Notified).
    CancelledQuietly,
    Notified,
}

/// What a watch waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    First,
    FirstException,
    All,
    /// Each in turn: the indices of ended futures are queued.
    Each,
}

pub(crate) struct Watch {
    goal: Goal,
    left: AtomicUsize,
    /// The sleeper is to be woken. Whoever clears it has the duty, or takes it from the others.
    armed: AtomicBool,
    signal: Arc<Signal>,
    /// Held for a moment, and never while Python code runs.
    ended: Mutex<VecDeque<u32>>,
    _counted: Counted<{ census::WATCH }>,
}

/// A future's link to a watch.
pub(crate) struct Registration {
    watch: Arc<Watch>,
    index: u32,
}

impl Registration {
    /// Whom to wake now.
    pub(crate) fn tell(self, end: End) -> Option<Arc<Signal>> {
        self.watch.tell(self.index, end)
    }
}

impl Watch {
    pub(crate) fn new(goal: Goal, count: usize, signal: Arc<Signal>) -> Arc<Self> {
        Arc::new(Self {
            goal,
            left: AtomicUsize::new(count),
            // The others count or sleep by themselves before anybody can be told.
            armed: AtomicBool::new(goal != Goal::Each),
            signal,
            ended: Mutex::default(),
            _counted: Counted::default(),
        })
    }

    pub(crate) fn signal(&self) -> &Arc<Signal> {
        &self.signal
    }

    pub(crate) fn ended(&self) -> MutexGuard<'_, VecDeque<u32>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before sleeping; look at [`ended`](Self::ended) after it.
    pub(crate) fn arm(&self) {
        self.armed.store(true, SeqCst);
    }

    /// Takes the duty to wake from the others. If somebody else has taken it (`false`), the signal
    /// is woken, or is going to be.
    pub(crate) fn disarm(&self) -> bool {
        self.armed.swap(false, SeqCst)
    }

    /// Whom to wake now.
    fn tell(&self, index: u32, end: End) -> Option<Arc<Signal>> {
        if self.goal == Goal::Each {
            self.ended().push_back(index);
        }
        let last = self.left.fetch_sub(1, AcqRel) == 1;
        let met = match self.goal {
            Goal::First | Goal::Each => true,
            Goal::FirstException => last || end == End::Error,
            Goal::All => last,
        };
        (met && self.disarm()).then(|| Arc::clone(&self.signal))
    }

    /// Registers with a future that has not come to its end, or tells of the end at once.
    pub(crate) fn join(self: &Arc<Self>, future: &Bound<'_, Future>, index: u32) {
        let registration = Registration {
            watch: Arc::clone(self),
            index,
        };
        let late = Future::with(future, |future, inner| {
            if future.phase().is_final() {
                return Some(registration);
            }
            inner.cold().watches.push(registration);
            None
        });
        if let Some(registration) = late {
            let end = match Future::raised(future) {
                Ok(None) => End::Value,
                _ => End::Error,
            };
            if let Some(signal) = registration.tell(end) {
                signal.wake();
            }
        }
    }

    /// Leaves a future that may still be going on.
    pub(crate) fn leave(self: &Arc<Self>, future: &Bound<'_, Future>) {
        drop(Future::with(future, |_, inner| {
            let cold = inner.cold.as_mut()?;
            let place = cold
                .watches
                .iter()
                .position(|registration| Arc::ptr_eq(&registration.watch, self))?;
            let registration = cold.watches.swap_remove(place);
            inner.chill();
            Some(registration)
        }));
    }
}

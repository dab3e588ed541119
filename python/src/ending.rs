//! The ends of a future: result, exception, cancelled. All pass the same door: store the outcome,
//! publish the state, tell the waiters, wake the sleepers, then run the callbacks.
//!
//! A thread that holds the future's condition keeps others from ending it, as in the original,
//! and waiters of the standard library are told while the condition is held.

use crate::{
    callbacks::{self, Callbacks},
    condition, doomed, errors,
    future::{Dropped, Future, Inner},
    phase::Phase,
    signal::Signal,
    standard, tally,
    watch::{End, Registration},
    worker,
};
use concurrent_futures::CancelToken;
use pyo3::{intern, prelude::*, types::PyList};
use std::sync::Arc;

pub(crate) enum Outcome {
    Value(Py<PyAny>),
    Error(Py<PyAny>),
}

/// Everybody who is to hear of the end.
pub(crate) struct Audience {
    sleepers: Vec<Arc<Signal>>,
    watches: Vec<Registration>,
    callbacks: Callbacks,
    /// Nobody can ask for it any more. Dropped outside of the guard.
    _token: Option<CancelToken>,
}

/// How far the change got under the guard.
enum Step {
    Refused,
    /// Published; these are to be told.
    Ended(Option<Audience>, Dropped),
    /// Published, and the condition taken, because these are to be told while it is held.
    Held(Py<PyList>, Dropped),
}

/// Who tells: decides when sleepers are woken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Teller {
    /// Wakes at once.
    Caller,
    /// A worker, which will soon give the interpreter away, and wakes when it has, so that the
    /// sleeper does not wake only to wait for the interpreter.
    Worker,
}

/// Publishes an end of kind `end`. `change` says whether the future's state allows it, and stores
/// the outcome if so. Gives the callbacks to run, or nothing if it is not allowed.
pub(crate) fn publish(
    this: &Bound<'_, Future>,
    end: End,
    teller: Teller,
    mut change: impl FnMut(&Future, &mut Inner) -> Option<Dropped>,
) -> PyResult<Option<Callbacks>> {
    let step = condition::enter(this, |future, inner| {
        let Some(dropped) = change(future, inner) else {
            return Step::Refused;
        };
        let Some(cold) = &mut inner.cold else {
            return Step::Ended(None, dropped);
        };
        match &cold.waiters {
            Some(waiters) if end != End::CancelledQuietly => {
                let waiters = waiters.clone_ref(this.py());
                condition::hold(cold);
                Step::Held(waiters, dropped)
            }
            _ => Step::Ended(Some(audience(inner, end)), dropped),
        }
    })?;
    // What was dropped goes last: that may run Python code.
    let (audience, _dropped) = match step {
        Step::Refused => return Ok(None),
        Step::Ended(None, _dropped) => return Ok(Some(Callbacks::default())),
        Step::Ended(Some(audience), dropped) => (audience, dropped),
        Step::Held(waiters, dropped) => {
            tell_standard(this, waiters.bind(this.py()), end);
            let audience = Future::with(this, |_, inner| audience(inner, end));
            condition::let_go(this);
            (audience, dropped)
        }
    };
    tell(audience.watches, audience.sleepers, end, teller);
    Ok(Some(audience.callbacks))
}

fn audience(inner: &mut Inner, end: End) -> Audience {
    let cold = inner.cold();
    let audience = Audience {
        sleepers: std::mem::take(&mut cold.sleepers),
        watches: if end == End::CancelledQuietly {
            Vec::new()
        } else {
            std::mem::take(&mut cold.watches)
        },
        callbacks: if end == End::Notified {
            Callbacks::default()
        } else {
            Callbacks::take(cold)
        },
        _token: cold.token.take(),
    };
    inner.chill();
    audience
}

fn tell_standard(this: &Bound<'_, Future>, waiters: &Bound<'_, PyList>, end: End) {
    let py = this.py();
    let method = match end {
        End::Value => intern!(py, "add_result"),
        End::Error => intern!(py, "add_exception"),
        End::Cancelled | End::CancelledQuietly | End::Notified => intern!(py, "add_cancelled"),
    };
    for waiter in waiters.iter() {
        let told = match standard::count_down(&waiter, this, end) {
            Ok(false) => waiter.call_method1(method, (this,)).map(|_| ()),
            told => told.map(|_| ()),
        };
        if let Err(error) = told {
            error.write_unraisable(py, Some(&waiter));
        }
    }
}

fn tell(watches: Vec<Registration>, sleepers: Vec<Arc<Signal>>, end: End, teller: Teller) {
    let told = watches
        .into_iter()
        .filter_map(|registration| registration.tell(end));
    let wakes = sleepers.into_iter().chain(told);
    match teller {
        Teller::Caller => wakes.for_each(|signal| signal.wake()),
        Teller::Worker => worker::wake_later(wakes),
    }
}

/// `set_result` and `set_exception`.
pub(crate) fn set(this: &Bound<'_, Future>, outcome: Outcome) -> PyResult<()> {
    doomed::attend();
    match finish(this, outcome, Teller::Caller)? {
        Some(callbacks) => callbacks.run(this),
        None => Err(errors::invalid_state(this)),
    }
}

/// Ends a pending or running future by an outcome.
#[inline]
pub(crate) fn finish(
    this: &Bound<'_, Future>,
    outcome: Outcome,
    teller: Teller,
) -> PyResult<Option<Callbacks>> {
    finish_if(this, outcome, teller, |future| !future.phase().is_done())
}

/// The same for one of which this holds.
#[inline]
fn finish_if(
    this: &Bound<'_, Future>,
    outcome: Outcome,
    teller: Teller,
    may_end: impl Fn(&Future) -> bool,
) -> PyResult<Option<Callbacks>> {
    let (end, result, exception) = match outcome {
        Outcome::Value(value) => (End::Value, Some(value), None),
        Outcome::Error(error) => (End::Error, None, Some(error)),
    };
    let mut outcome = Some((result, exception));
    publish(this, end, teller, |future, inner| {
        if !may_end(future) {
            return None;
        }
        let (result, exception) = outcome.take()?;
        let dropped = future.put_outcome(inner, result, exception);
        future.set_phase(Phase::Finished);
        Some(dropped)
    })
}

/// `cancel`. A task of a pool is notified at once; for a future made by hand its owner does it.
pub(crate) fn cancel(this: &Bound<'_, Future>) -> PyResult<bool> {
    doomed::attend();
    let end = if this.get().has_call() {
        End::Cancelled
    } else {
        End::CancelledQuietly
    };
    let cancelled = publish(this, end, Teller::Caller, |future, inner| {
        if future.phase() != Phase::Pending {
            return None;
        }
        if end == End::Cancelled {
            let dropped = future.take_objects(inner);
            future.set_phase(Phase::Notified);
            Some(dropped)
        } else {
            future.set_phase(Phase::Cancelled);
            Some((None, None))
        }
    })?;
    match cancelled {
        Some(callbacks) => {
            if end == End::Cancelled {
                if let Some(tally) = tally::of(this.get().pool()) {
                    tally.cancel();
                }
            }
            callbacks.run(this).map(|()| true)
        }
        None => Ok(this.get().phase().is_cancelled()),
    }
}

pub(crate) fn set_running_or_notify_cancel(this: &Bound<'_, Future>) -> PyResult<bool> {
    let running = condition::enter(this, |future, _| {
        let pending = future.phase() == Phase::Pending;
        if pending {
            future.set_phase(Phase::Running);
        }
        pending
    })?;
    if running {
        return Ok(true);
    }
    let notified = publish(this, End::Notified, Teller::Caller, |future, _| {
        let cancelled = future.phase() == Phase::Cancelled;
        cancelled.then(|| {
            future.set_phase(Phase::Notified);
            (None, None)
        })
    })?;
    if notified.is_some() {
        return Ok(false);
    }
    errors::log_unexpected(this);
    Err(pyo3::exceptions::PyRuntimeError::new_err(
        "Future in unexpected state",
    ))
}

/// The pool will not run the task: ends it by an exception, unless it is done or somebody runs it, whose
/// place in the queue this was. Whether it did.
pub(crate) fn fail(this: &Bound<'_, Future>, error: &PyErr) -> bool {
    fail_if(this, error, |future| {
        future.has_call() && !future.phase().is_done()
    })
}

/// The same for a task that may have begun, on a thread that is not there any more.
pub(crate) fn fail_begun(this: &Bound<'_, Future>, error: &PyErr) {
    fail_if(this, error, |future| !future.phase().is_done());
}

fn fail_if(this: &Bound<'_, Future>, error: &PyErr, may_end: impl Fn(&Future) -> bool) -> bool {
    let exception = error.value(this.py()).clone().into_any().unbind();
    let ended = finish_if(this, Outcome::Error(exception), Teller::Caller, may_end);
    let failed = matches!(ended, Ok(Some(_)));
    callbacks::run_contained(this, ended);
    failed
}

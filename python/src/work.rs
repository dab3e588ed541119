//! A task on its way through the queue, and its run.

use crate::{
    callbacks, condition,
    dress::Dress,
    ending::{self, Outcome, Teller},
    errors,
    future::{Call, Future, Load},
    lifecycle, nested,
    phase::Phase,
    profile, raw, running, tally, worker,
};
use concurrent_futures::rim::{Ended, Item, Refusal};
use pyo3::{
    exceptions::PyRuntimeError,
    prelude::*,
    types::{PyDict, PyTuple},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What lies in the crate's queue: one pointer.
pub(crate) struct Task(Py<Future>);

impl Task {
    pub(crate) fn new(future: &Bound<'_, Future>) -> Self {
        Self(future.clone().unbind())
    }
}

impl Item for Task {
    #[inline]
    fn taken(&self) {
        running::begin(&self.0);
    }

    #[inline]
    fn run(self) -> Ended {
        Python::attach(|py| {
            let future = self.0.into_bound(py);
            worker::before_task(py);
            let ended = run(&future, Teller::Worker, || {});
            raw::show_to_collector(&future);
            let ended = match ended {
                Run::Completed => Ended::Completed,
                Run::Failed => Ended::Failed,
                Run::Nothing => passed(&future),
            };
            worker::after_task(future);
            ended
        })
    }

    fn refuse(self, reason: Refusal) {
        Python::attach(|py| {
            let future = self.0.into_bound(py);
            raw::show_to_collector(&future);
            if let Some(tally) = tally::of(future.get().pool()) {
                tally.pass_refused(reason);
            }
            refuse(&future, reason);
        });
    }
}

/// A task whose place in the queue stays behind, for a thread that runs it in the stead of a worker
/// which waits for it.
pub(crate) struct Awaited(Py<Future>);

impl Awaited {
    pub(crate) fn new(future: &Bound<'_, Future>) -> Self {
        Self(future.clone().unbind())
    }
}

impl Item for Awaited {
    fn taken(&self) {
        running::begin(&self.0);
    }

    fn run(self) -> Ended {
        Python::attach(|py| {
            let future = self.0.into_bound(py);
            worker::before_task(py);
            nested::run_beside_queue(&future, future.get().pool());
            worker::after_task(future);
        });
        Ended::Completed
    }

    fn refuse(self, reason: Refusal) {
        Python::attach(|py| refuse(self.0.bind(py), reason));
    }
}

/// Ends a task that will not run, unless it is done.
fn refuse(future: &Bound<'_, Future>, reason: Refusal) {
    let py = future.py();
    profile::will_not_run(future, reason);
    let error = match reason {
        Refusal::Cancelled => {
            if let Err(error) = ending::cancel(future) {
                callbacks::raise_later(future, error);
            }
            return;
        }
        Refusal::Abandoned => return lifecycle::abandoned(future),
        Refusal::Broken => errors::broken(py, errors::BROKEN),
        Refusal::NoThread => worker::start_error(py),
        Refusal::Discarded => errors::discarded(py),
    };
    if ending::fail(future, &error) {
        if let Some(tally) = tally::of(future.get().pool()) {
            tally.fail();
        }
    }
}

/// There was nothing to run.
#[cold]
fn passed(future: &Bound<'_, Future>) -> Ended {
    if let Some(tally) = tally::of(future.get().pool()) {
        tally.pass();
    }
    Ended::Cancelled
}

/// What came of an attempt to run a task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    Completed,
    Failed,
    /// It is done already, or runs elsewhere.
    Nothing,
}

/// What a worker finds when it takes a task.
enum Found {
    Call(Load, Py<PyAny>, Py<PyAny>),
    /// Done by somebody else, who has taken the call: cancelled, or run where it was waited for.
    Nothing,
    /// Cancelled by hand, and nobody was told.
    Cancelled,
    /// A user has called what only an executor may call.
    Tampered,
}

/// Runs a task, unless somebody else has begun or ended it; `begun` is called if so.
#[inline]
pub(crate) fn run(future: &Bound<'_, Future>, teller: Teller, begun: impl FnOnce()) -> Run {
    let found = condition::enter(future, |future, inner| {
        match (future.phase(), future.has_call()) {
            (Phase::Pending, true) => {
                future.set_phase(Phase::Running);
                match future.take_call(inner) {
                    Some((load, function, args)) => Found::Call(load, function, args),
                    None => Found::Nothing,
                }
            }
            (Phase::Cancelled, _) => Found::Cancelled,
            (_, true) => Found::Tampered,
            (_, false) => Found::Nothing,
        }
    });
    match found {
        Ok(Found::Call(load, function, args)) => {
            begun();
            return perform(future, load, function, args, teller);
        }
        Ok(Found::Nothing) => {}
        Ok(Found::Cancelled) => {
            if let Err(error) = ending::set_running_or_notify_cancel(future) {
                error.write_unraisable(future.py(), Some(future));
            }
        }
        Ok(Found::Tampered) => {
            errors::log_unexpected(future);
            drop(Future::with(future, |future, inner| {
                if future.has_call() {
                    future.take_objects(inner)
                } else {
                    (None, None)
                }
            }));
        }
        Err(error) => error.write_unraisable(future.py(), Some(future)),
    }
    Run::Nothing
}

#[inline]
fn perform(
    future: &Bound<'_, Future>,
    load: Load,
    function: Py<PyAny>,
    args: Py<PyAny>,
    teller: Teller,
) -> Run {
    let py = future.py();
    let called = catch_unwind(AssertUnwindSafe(|| {
        let call = Call::unpack(py, load, function, args)?;
        call.function.call(call.args, call.kwargs.as_ref())
        // The call and its arguments go here, before the outcome can be seen.
    }));
    let outcome = match called {
        Ok(Ok(value)) => Outcome::Value(value.unbind()),
        Ok(Err(error)) => Outcome::Error(error.into_value(py).into_any()),
        Err(_) => {
            let error = PyRuntimeError::new_err("a native function panicked");
            Outcome::Error(error.into_value(py).into_any())
        }
    };
    let run = match &outcome {
        Outcome::Value(_) => Run::Completed,
        Outcome::Error(_) => Run::Failed,
    };
    let ended = ending::finish(future, outcome, teller);
    match ended {
        Ok(Some(callbacks)) if callbacks.is_empty() => {}
        Ok(None) => errors::log_unexpected(future),
        ended => {
            // A callback may take its time, and waiters do not wait for callbacks.
            worker::wake_now();
            callbacks::run_contained(future, ended);
        }
    }
    run
}

impl<'py> Call<'py> {
    #[inline]
    pub(crate) fn unpack(
        py: Python<'py>,
        load: Load,
        function: Py<PyAny>,
        second: Py<PyAny>,
    ) -> PyResult<Self> {
        let function = function.into_bound(py);
        let second = second.into_bound(py);
        if load == Load::DressedCall {
            return Ok(Dress::take_off(function, second.cast::<Dress>()?));
        }
        let second = second.cast_into::<PyTuple>()?;
        if load == Load::Call {
            return Ok(Self {
                function,
                args: second,
                kwargs: None,
            });
        }
        Ok(Self {
            function,
            args: second.get_item(0)?.cast_into()?,
            kwargs: Some(second.get_item(1)?.cast_into::<PyDict>()?),
        })
    }
}

//! A task on its way through the queue, and its run.

use crate::{
    callbacks, condition,
    ending::{self, Outcome, Teller},
    errors,
    future::{Call, Future, Load},
    lifecycle,
    phase::Phase,
    raw, worker,
};
use concurrent_futures::rim::{Item, Refusal};
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
    fn run(self) {
        Python::attach(|py| {
            let future = self.0.into_bound(py);
            worker::before_task(py, &future);
            run(&future, Teller::Worker);
            raw::show_to_collector(&future);
            worker::after_task(future);
        });
    }

    fn refuse(self, reason: Refusal) {
        Python::attach(|py| {
            let future = self.0.into_bound(py);
            raw::show_to_collector(&future);
            match reason {
                Refusal::Cancelled => {
                    if let Err(error) = ending::cancel(&future) {
                        errors::log_callback(&future, &error);
                    }
                }
                Refusal::Broken => ending::fail(&future, &errors::broken(py, errors::BROKEN)),
                Refusal::NoThread => ending::fail(&future, &worker::start_error(py)),
                Refusal::Abandoned => lifecycle::abandoned(&future),
            }
        });
    }
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

#[inline]
pub(crate) fn run(future: &Bound<'_, Future>, teller: Teller) {
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
        Ok(Found::Call(load, function, args)) => perform(future, load, function, args, teller),
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
}

#[inline]
fn perform(
    future: &Bound<'_, Future>,
    load: Load,
    function: Py<PyAny>,
    args: Py<PyAny>,
    teller: Teller,
) {
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
        let second = second.into_bound(py).cast_into::<PyTuple>()?;
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

/// A worker that waits for a task of its own pool, which nobody has begun, runs it itself: else a
/// pool whose workers all wait so would wait for ever. Whether it did.
pub(crate) fn run_here(future: &Bound<'_, Future>) -> bool {
    let pool = future.get().pool();
    if pool == 0 || pool != worker::current_pool() || !future.get().has_call() {
        return false;
    }
    run(future, Teller::Caller);
    future.get().phase().is_done()
}

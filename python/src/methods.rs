//! The methods and attributes of a future, as Python sees them.

use crate::{
    callbacks,
    condition::Condition,
    ending::{self, Outcome},
    errors,
    future::{Dropped, Future},
    phase::Phase,
    token,
};
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::PyValueError,
    prelude::*,
    types::{PyDict, PyList, PyString, PyTuple},
};
use std::fmt::Write as _;

#[pymethods]
impl Future {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::pending()
    }

    /// All is done in `__new__`; a subclass may call it or not.
    #[allow(clippy::unused_self)] // a method all the same
    fn __init__(&self) {}

    #[pyo3(signature = (timeout = None))]
    fn result<'py>(
        slf: &Bound<'py, Self>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::wait(slf, timeout)?;
        Self::answer(slf)
    }

    #[pyo3(signature = (timeout = None))]
    fn exception<'py>(
        slf: &Bound<'py, Self>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Self::wait(slf, timeout)?;
        if slf.get().phase() != Phase::Finished {
            return Err(errors::cancelled(slf.py()));
        }
        Ok(Self::outcome(slf).1)
    }

    fn done(&self) -> bool {
        self.phase().is_done()
    }

    fn cancelled(&self) -> bool {
        self.phase().is_cancelled()
    }

    fn running(&self) -> bool {
        self.phase() == Phase::Running
    }

    fn cancel(slf: &Bound<'_, Self>) -> PyResult<bool> {
        ending::cancel(slf)
    }

    fn request_cancel(slf: &Bound<'_, Self>) -> PyResult<bool> {
        token::request_cancel(slf)
    }

    fn set_running_or_notify_cancel(slf: &Bound<'_, Self>) -> PyResult<bool> {
        ending::set_running_or_notify_cancel(slf)
    }

    fn set_result(slf: &Bound<'_, Self>, result: Bound<'_, PyAny>) -> PyResult<()> {
        ending::set(slf, Outcome::Value(result.unbind()))
    }

    fn set_exception(slf: &Bound<'_, Self>, exception: Bound<'_, PyAny>) -> PyResult<()> {
        ending::set(slf, Outcome::Error(exception.unbind()))
    }

    fn add_done_callback(slf: &Bound<'_, Self>, r#fn: Bound<'_, PyAny>) -> PyResult<()> {
        callbacks::add(slf, r#fn)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let class = slf.get_type();
        let class = class.name()?;
        let phase = slf.get().phase();
        let mut text = format!(
            "<{class} at {:#x} state={}",
            slf.as_ptr() as usize,
            phase.description()
        );
        if phase == Phase::Finished {
            let (result, exception) = Self::outcome(slf);
            let raised = match &exception {
                Some(exception) => exception.is_truthy()?,
                None => false,
            };
            let name = |object: Option<Bound<'_, PyAny>>| match object {
                Some(object) => object.get_type().name().map(|name| name.to_string()),
                None => Ok("NoneType".to_owned()),
            };
            if raised {
                let _ = write!(text, " raised {}", name(exception)?);
            } else {
                let _ = write!(text, " returned {}", name(result)?);
            }
        }
        Ok(text + ">")
    }

    /// Done, cancelled, result and exception, all of one moment; asyncio asks for it from 3.15 on.
    fn _get_snapshot<'py>(
        slf: &Bound<'py, Self>,
    ) -> (
        bool,
        bool,
        Option<Bound<'py, PyAny>>,
        Option<Bound<'py, PyAny>>,
    ) {
        match slf.get().phase() {
            Phase::Finished => {
                let (result, exception) = Self::outcome(slf);
                (true, false, result, exception)
            }
            phase => (phase.is_done(), phase.is_cancelled(), None, None),
        }
    }

    // The attributes that the standard library, asyncio and tests reach into.

    #[getter(_state)]
    fn state<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyString> {
        slf.get().phase().name(slf.py()).clone()
    }

    /// Tests put a future into a state by hand. Nobody is told.
    #[setter(_state)]
    fn set_state(slf: &Bound<'_, Self>, name: &str) -> PyResult<()> {
        let phase = Phase::from_name(name)
            .ok_or_else(|| PyValueError::new_err(format!("no such state: {name}")))?;
        Self::with(slf, |future, _| future.set_phase(phase));
        Ok(())
    }

    #[getter(_result)]
    fn held_result<'py>(slf: &Bound<'py, Self>) -> Option<Bound<'py, PyAny>> {
        Self::outcome(slf).0
    }

    #[setter(_result)]
    fn set_held_result(slf: &Bound<'_, Self>, value: Option<Py<PyAny>>) {
        drop(replace(slf, |result, _| {
            (std::mem::replace(result, value), None)
        }));
    }

    #[getter(_exception)]
    fn held_exception<'py>(slf: &Bound<'py, Self>) -> Option<Bound<'py, PyAny>> {
        Self::outcome(slf).1
    }

    #[setter(_exception)]
    fn set_held_exception(slf: &Bound<'_, Self>, value: Option<Py<PyAny>>) {
        drop(replace(slf, |_, exception| {
            (None, std::mem::replace(exception, value))
        }));
    }

    #[getter(_condition)]
    fn condition(slf: &Bound<'_, Self>) -> Condition {
        Condition::of(slf)
    }

    #[getter(_waiters)]
    fn waiters<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyList> {
        let py = slf.py();
        let known = Self::with(slf, |_, inner| {
            let waiters = inner.cold.as_ref()?.waiters.as_ref()?;
            Some(waiters.bind(py).clone())
        });
        if let Some(known) = known {
            return known;
        }
        let list = PyList::empty(py);
        Self::with(slf, |_, inner| {
            let waiters = &mut inner.cold().waiters;
            waiters
                .get_or_insert_with(|| list.clone().unbind())
                .bind(py)
                .clone()
        })
    }

    #[getter(_done_callbacks)]
    fn done_callbacks<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyList> {
        callbacks::listed(slf)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.traverse(&visit)
    }

    fn __clear__(slf: &Bound<'_, Self>) {
        drop(Self::with(slf, |future, inner| {
            (future.take_objects(inner), inner.cold.take())
        }));
    }
}

/// Changes the outcome of a future that has no call in its place.
fn replace(
    this: &Bound<'_, Future>,
    change: impl FnOnce(&mut Option<Py<PyAny>>, &mut Option<Py<PyAny>>) -> Dropped,
) -> Dropped {
    Future::with(this, |future, inner| {
        if future.has_call() {
            return (None, None);
        }
        let (mut result, mut exception) = future.take_objects(inner);
        let dropped = change(&mut result, &mut exception);
        future.put_outcome(inner, result, exception);
        dropped
    })
}

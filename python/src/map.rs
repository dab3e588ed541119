//! `map`: calls for each input, results in the order of the inputs.

use crate::{
    doomed, ending,
    engine::Engine,
    errors::{self, names},
    executor::Executor,
    future::Future,
    guarded::Guarded,
    raw::{self, as_plain_future},
    timeout::Deadline,
};
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyRuntimeError, PyStopIteration, PyTypeError, PyValueError},
    prelude::*,
    types::{PyInt, PyTuple},
};
use std::collections::VecDeque;

/// An iterator over results.
#[pyclass(frozen, module = "concurrent_futures._native")]
pub(crate) struct Map {
    deadline: Deadline,
    inner: Guarded<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Ours, or what an overridden `submit` gave.
    futures: VecDeque<Py<PyAny>>,
    /// With a buffer size: where further inputs come from.
    source: Option<Source>,
    /// Somebody has asked for a result, so that what is left is cancelled at the end.
    started: bool,
    running: bool,
}

/// Inputs that are read as results are taken.
struct Source {
    function: Py<PyAny>,
    inputs: Py<PyAny>,
    /// A weak reference.
    executor: Py<PyAny>,
}

impl Source {
    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            function: self.function.clone_ref(py),
            inputs: self.inputs.clone_ref(py),
            executor: self.executor.clone_ref(py),
        }
    }
}

impl Map {
    pub(crate) fn start<'py>(
        executor: &Bound<'py, Executor>,
        function: Bound<'py, PyAny>,
        iterables: &Bound<'py, PyTuple>,
        timeout: Option<&Bound<'py, PyAny>>,
        buffersize: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        doomed::attend();
        let py = executor.py();
        let buffer = buffersize.map(buffer_size).transpose()?;
        let deadline = Deadline::parse(timeout)?;
        let inputs = names(py).zip.bind(py).call1(iterables)?;
        let engine = Executor::engine_for_map(executor)?;
        let mut futures = VecDeque::new();
        for args in inputs.try_iter()?.take(buffer.unwrap_or(usize::MAX)) {
            let args = args?.cast_into::<PyTuple>()?;
            futures.push_back(submit(executor, engine.as_deref(), &function, args)?);
        }
        let source = match buffer {
            None => None,
            Some(_) => Some(Source {
                function: function.unbind(),
                inputs: inputs.unbind(),
                executor: weak_reference(executor)?.unbind(),
            }),
        };
        Ok(Self {
            deadline,
            inner: Guarded::new(Inner {
                futures,
                source,
                ..Inner::default()
            }),
        })
    }

    fn with<R>(this: &Bound<'_, Self>, f: impl FnOnce(&mut Inner) -> R) -> R {
        this.get().inner.with(this.as_any(), f)
    }

    /// Reads one more input, if there is a buffer to fill.
    fn refill(this: &Bound<'_, Self>) -> PyResult<()> {
        let py = this.py();
        let source = Self::with(this, |inner| {
            if inner.futures.is_empty() {
                return None;
            }
            inner.source.as_ref().map(|source| source.clone_ref(py))
        });
        let Some(source) = source else {
            return Ok(());
        };
        let executor = source.executor.bind(py).call0()?;
        let Ok(executor) = executor.cast::<Executor>() else {
            return Ok(());
        };
        let Some(args) = source.inputs.bind(py).try_iter()?.next() else {
            return Ok(());
        };
        let args = args?.cast_into::<PyTuple>()?;
        let engine = Executor::engine_for_map(executor)?;
        let future = submit(executor, engine.as_deref(), source.function.bind(py), args)?;
        Self::with(this, |inner| inner.futures.push_back(future));
        Ok(())
    }

    fn advance<'py>(this: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        Self::refill(this)?;
        let Some(future) = Self::with(this, |inner| inner.futures.pop_front()) else {
            return Ok(None);
        };
        let future = future.into_bound(this.py());
        let result = result(&future, this.get().deadline);
        if result.is_err() {
            cancel(&future);
        }
        result.map(Some)
    }

    /// Ends the iteration, and cancels what is left if it has begun.
    fn end(this: &Bound<'_, Self>) {
        let gone = Self::with(this, |inner| {
            let started = inner.started;
            let gone = std::mem::take(inner);
            inner.started = started;
            gone
        });
        cancel_all(this.py(), &gone);
    }
}

fn cancel_all(py: Python<'_>, inner: &Inner) {
    if inner.started {
        for future in &inner.futures {
            cancel(future.bind(py));
        }
    }
}

fn buffer_size(size: &Bound<'_, PyAny>) -> PyResult<usize> {
    let Ok(size) = size.cast::<PyInt>() else {
        return Err(PyTypeError::new_err(
            "buffersize must be an integer or None",
        ));
    };
    if size.lt(1)? {
        return Err(PyValueError::new_err("buffersize must be None or > 0"));
    }
    Ok(size.extract().unwrap_or(usize::MAX))
}

fn weak_reference<'py>(executor: &Bound<'py, Executor>) -> PyResult<Bound<'py, PyAny>> {
    let weakref = executor.py().import("weakref")?;
    weakref.getattr("ref")?.call1((executor,))
}

fn submit<'py>(
    executor: &Bound<'py, Executor>,
    engine: Option<&Engine>,
    function: &Bound<'py, PyAny>,
    args: Bound<'py, PyTuple>,
) -> PyResult<Py<PyAny>> {
    let py = executor.py();
    if let Some(engine) = engine {
        let future = Executor::push(executor, engine, function.clone(), args, None)?;
        return Ok(future.into_any().unbind());
    }
    let all = std::iter::once(function.clone()).chain(args.iter());
    let all = PyTuple::new(py, all.collect::<Vec<_>>())?;
    let future = executor.getattr("submit")?.call1(all)?;
    Ok(future.unbind())
}

fn result<'py>(future: &Bound<'py, PyAny>, deadline: Deadline) -> PyResult<Bound<'py, PyAny>> {
    let py = future.py();
    if let Some(future) = as_plain_future(future) {
        if !future.get().phase().is_done() {
            let left = deadline.left(py)?;
            Future::wait(future, left.as_deref())?;
        }
        return Future::answer(future);
    }
    let result = future.getattr("result")?;
    match deadline.left(py)? {
        None => result.call0(),
        Some(left) => result.call1((left,)),
    }
}

fn cancel(future: &Bound<'_, PyAny>) {
    let cancelled = match as_plain_future(future) {
        Some(future) => ending::cancel(future).map(|_| ()),
        None => future.call_method0("cancel").map(|_| ()),
    };
    if let Err(error) = cancelled {
        error.write_unraisable(future.py(), Some(future));
    }
}

#[pymethods]
impl Map {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        let running = Self::with(slf, |inner| {
            inner.started = true;
            std::mem::replace(&mut inner.running, true)
        });
        if running {
            return Err(errors::already_executing());
        }
        let next = Self::advance(slf);
        Self::with(slf, |inner| inner.running = false);
        next.map_err(|error| {
            Self::end(slf);
            if !error.is_instance_of::<PyStopIteration>(py) {
                return error;
            }
            // As a generator does: a StopIteration from inside is no end of the iteration.
            let wrapped = PyRuntimeError::new_err("generator raised StopIteration");
            wrapped.set_cause(py, Some(error));
            wrapped
        })
    }

    /// Ends the iteration, and cancels what is left if it has begun.
    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        if Self::with(slf, |inner| inner.running) {
            return Err(errors::already_executing());
        }
        Self::end(slf);
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.inner.peek(|inner| {
            for future in &inner.futures {
                visit.call(future)?;
            }
            if let Some(source) = &inner.source {
                visit.call(&source.function)?;
                visit.call(&source.inputs)?;
                visit.call(&source.executor)?;
            }
            Ok(())
        })
    }

    fn __clear__(slf: &Bound<'_, Self>) {
        drop(Self::with(slf, std::mem::take));
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let inner = std::mem::take(self.inner.get_mut());
        if inner.started && !inner.futures.is_empty() {
            Python::attach(|py| raw::aside_of_exceptions(py, |py| cancel_all(py, &inner)));
        }
    }
}

//! What is needed of the standard library, looked up once: exceptions, the logger, the classes.

use crate::future::Future;
use pyo3::{
    exceptions::{PyRuntimeError, PyTimeoutError, PyValueError},
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyTuple, PyType},
};

/// Says a pool whose initializer failed.
pub(crate) const BROKEN: &str =
    "A thread initializer failed, the thread pool is not usable anymore";

pub(crate) struct Names {
    cancelled_error: Py<PyAny>,
    invalid_state_error: Py<PyAny>,
    broken_thread_pool: Py<PyAny>,
    logger: Py<PyAny>,
    pub(crate) monotonic: Py<PyAny>,
    pub(crate) allocate_lock: Py<PyAny>,
    pub(crate) done_and_not_done: Py<PyAny>,
    pub(crate) thread: Py<PyAny>,
    pub(crate) threads_queues: Py<PyAny>,
    pub(crate) switch_interval: Py<PyAny>,
    pub(crate) zip: Py<PyAny>,
    pub(crate) standard_executor: Py<PyType>,
    pub(crate) standard_wait: Py<PyAny>,
    pub(crate) standard_as_completed: Py<PyAny>,
    pub(crate) work_item: Py<PyAny>,
    pub(crate) empty: Py<PyAny>,
    pub(crate) copy_context: Py<PyAny>,
    pub(crate) all_completed_waiter: Py<PyType>,
    pub(crate) getframe: Py<PyAny>,
    pub(crate) recursion_limit: Py<PyAny>,
    pub(crate) current_thread: Py<PyAny>,
    pub(crate) partial: Py<PyAny>,
    own: Py<PyModule>,
}

static NAMES: PyOnceLock<Names> = PyOnceLock::new();

pub(crate) fn load(py: Python<'_>) -> PyResult<()> {
    NAMES.get_or_try_init(py, || {
        let base = py.import("concurrent.futures._base")?;
        let thread = py.import("concurrent.futures.thread")?;
        Ok::<_, PyErr>(Names {
            cancelled_error: base.getattr("CancelledError")?.unbind(),
            invalid_state_error: base.getattr("InvalidStateError")?.unbind(),
            broken_thread_pool: thread.getattr("BrokenThreadPool")?.unbind(),
            logger: base.getattr("LOGGER")?.unbind(),
            monotonic: py.import("time")?.getattr("monotonic")?.unbind(),
            allocate_lock: py.import("_thread")?.getattr("allocate_lock")?.unbind(),
            done_and_not_done: base.getattr("DoneAndNotDoneFutures")?.unbind(),
            thread: py.import("threading")?.getattr("Thread")?.unbind(),
            threads_queues: thread.getattr("_threads_queues")?.unbind(),
            switch_interval: py.import("sys")?.getattr("getswitchinterval")?.unbind(),
            zip: py.import("builtins")?.getattr("zip")?.unbind(),
            standard_executor: thread
                .getattr("ThreadPoolExecutor")?
                .cast_into::<PyType>()?
                .unbind(),
            standard_wait: base.getattr("wait")?.unbind(),
            standard_as_completed: base.getattr("as_completed")?.unbind(),
            work_item: thread.getattr("_WorkItem")?.unbind(),
            empty: py.import("queue")?.getattr("Empty")?.unbind(),
            all_completed_waiter: base
                .getattr("_AllCompletedWaiter")?
                .cast_into::<PyType>()?
                .unbind(),
            getframe: py.import("sys")?.getattr("_getframe")?.unbind(),
            recursion_limit: py.import("sys")?.getattr("getrecursionlimit")?.unbind(),
            current_thread: py.import("threading")?.getattr("current_thread")?.unbind(),
            partial: py.import("functools")?.getattr("partial")?.unbind(),
            own: py.import("concurrent_futures._errors")?.unbind(),
            copy_context: py.import("contextvars")?.getattr("copy_context")?.unbind(),
        })
    })?;
    Ok(())
}

#[inline]
pub(crate) fn names(py: Python<'_>) -> &'static Names {
    NAMES.get(py).expect("loaded with the module")
}

fn made(py: Python<'_>, class: &Py<PyAny>, args: impl for<'a> pyo3::call::PyCallArgs<'a>) -> PyErr {
    class
        .bind(py)
        .call1(args)
        .map_or_else(|error| error, PyErr::from_value)
}

pub(crate) fn cancelled(py: Python<'_>) -> PyErr {
    made(py, &names(py).cancelled_error, ())
}

pub(crate) fn timed_out() -> PyErr {
    PyTimeoutError::new_err(())
}

pub(crate) fn broken(py: Python<'_>, message: impl AsRef<str>) -> PyErr {
    made(py, &names(py).broken_thread_pool, (message.as_ref(),))
}

/// One of the package's own exceptions.
#[cold]
fn own(py: Python<'_>, class: &str, args: impl for<'a> pyo3::call::PyCallArgs<'a>) -> PyErr {
    match names(py).own.bind(py).getattr(class) {
        Ok(class) => made(py, &class.unbind(), args),
        Err(error) => error,
    }
}

/// For workers of which each waits for the next one, and the last for the first.
pub(crate) fn deadlock(py: Python<'_>, workers: &[String]) -> PyErr {
    own(py, "Deadlock", (workers.to_vec(),))
}

pub(crate) fn queue_full(py: Python<'_>) -> PyErr {
    own(py, "QueueFull", ("the queue of the thread pool is full",))
}

pub(crate) fn discarded(py: Python<'_>) -> PyErr {
    own(py, "Discarded", ("the task gave way to newer ones",))
}

pub(crate) fn asked_to_stop(py: Python<'_>) -> PyErr {
    own(py, "Cancelled", ("asked to stop",))
}

/// As a generator says it.
pub(crate) fn already_executing() -> PyErr {
    PyValueError::new_err("generator already executing")
}

pub(crate) fn shut_down() -> PyErr {
    PyRuntimeError::new_err("cannot schedule new futures after shutdown")
}

pub(crate) fn exiting() -> PyErr {
    PyRuntimeError::new_err("cannot schedule new futures after interpreter shutdown")
}

/// A result was set in a state that does not allow it.
pub(crate) fn invalid_state(future: &Bound<'_, Future>) -> PyErr {
    let py = future.py();
    let phase = future.get().phase();
    match future.as_any().repr() {
        Ok(repr) => made(
            py,
            &names(py).invalid_state_error,
            (format!("{}: {repr}", phase.text()),),
        ),
        Err(error) => error,
    }
}

/// Writes to the logger of `concurrent.futures`, with the exception's traceback. What goes wrong
/// with that goes where Python sends the errors of finalizers.
fn log<'py>(
    py: Python<'py>,
    method: &str,
    args: impl IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
    error: Option<&PyErr>,
) {
    let write = || {
        let kwargs = PyDict::new(py);
        if let Some(error) = error {
            // Unlike `value`, this sees to it that the exception knows its traceback.
            kwargs.set_item("exc_info", error.clone_ref(py).into_value(py))?;
        }
        let args = args.into_pyobject(py)?;
        names(py)
            .logger
            .bind(py)
            .getattr(method)?
            .call(args, Some(&kwargs))?;
        Ok::<(), PyErr>(())
    };
    if let Err(failure) = write() {
        failure.write_unraisable(py, None);
    }
}

pub(crate) fn log_callback(future: &Bound<'_, Future>, error: &PyErr) {
    let args = ("exception calling callback for %r", future);
    log(future.py(), "error", args, Some(error));
}

pub(crate) fn log_initializer(py: Python<'_>, error: &PyErr) {
    log(py, "critical", ("Exception in initializer:",), Some(error));
}

pub(crate) fn log_unexpected(future: &Bound<'_, Future>) {
    let state = future.get().phase().text();
    let args = (
        "Future %s in unexpected state: %s",
        future.as_ptr() as usize,
        state,
    );
    log(future.py(), "critical", args, None);
}

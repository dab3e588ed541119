//! A thread's way to its worker, and what becomes of it if it is lost on that way.
//!
//! Between the system's thread and the worker's loop lie some lines of `threading`'s. An exception
//! that somebody throws into them from outside (`PyThreadState_SetAsyncExc`) ends the thread before
//! it is a worker, and the pool, which counts on it, must hear of that. So the thread begins here, in
//! native code, which no such exception enters, and comes back here.

use crate::{
    doomed,
    worker::{self, Worker},
};
use pyo3::{exceptions::PyRuntimeError, prelude::*};
use std::sync::{Mutex, PoisonError};

/// What a thread calls first of all, in the place of its own `_bootstrap`.
#[pyclass(frozen, module = "concurrent_futures._native")]
pub(crate) struct Birth {
    worker: Py<Worker>,
    /// The thread and its own way to begin. Taken out when it does: the thread holds this object.
    thread: Mutex<Option<(Py<PyAny>, Py<PyAny>)>>,
}

const BOOTSTRAP: &str = "_bootstrap";

/// Has the thread, which is about to be started, begin here.
pub(crate) fn attend(thread: &Bound<'_, PyAny>, worker: &Bound<'_, Worker>) -> PyResult<()> {
    let py = thread.py();
    let begin = thread.getattr(BOOTSTRAP)?;
    let birth = Birth {
        worker: worker.clone().unbind(),
        thread: Mutex::new(Some((thread.clone().unbind(), begin.unbind()))),
    };
    thread.setattr(BOOTSTRAP, Bound::new(py, birth)?)
}

/// Undoes it.
pub(crate) fn dismiss(thread: &Bound<'_, PyAny>) {
    // It may have begun, and undone it by itself.
    let _ = thread.delattr(BOOTSTRAP);
}

#[pymethods]
impl Birth {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        doomed::attend();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some((thread, begin)) = thread else {
            return Ok(());
        };
        let thread = thread.into_bound(py);
        dismiss(&thread);
        // From now on: the way to its loop is Python code, and may come to wait for its pool.
        self.worker.get().belong();
        let lived = begin.bind(py).call0();
        let error = PyRuntimeError::new_err("the worker's thread ended before it began to work");
        if worker::with_start_error(error, || self.worker.get().give_up()) {
            // The standard library may keep the dead thread in its list of those that are coming.
            thread.setattr("_target", py.None())?;
            // Up to 3.12, a thread without this lock can be joined only if it says that it has stopped.
            if thread
                .getattr("_tstate_lock")
                .is_ok_and(|lock| lock.is_none())
            {
                thread.setattr("_is_stopped", true)?;
            }
            // Whoever starts the thread may still be waiting for it.
            let started = thread.getattr("_started")?;
            started.call_method0("set")?;
        }
        lived.map(|_| ())
    }
}

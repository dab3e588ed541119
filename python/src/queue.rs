//! An executor's `_work_queue`: a view of the crate's queue.
//!
//! The standard library's exit machinery knows each worker thread by a queue, into which it puts
//! `None` to say that the interpreter exits; programs ask it for the backlog.

use crate::{engine::Engine, errors::names, lifecycle};
use pyo3::{exceptions::PyTypeError, prelude::*};
use std::sync::{Arc, Mutex, PoisonError, Weak};

#[pyclass(frozen, module = "concurrent_futures._native")]
pub(crate) struct WorkQueue {
    /// Held for a moment, and never while Python code runs. Weak: this object lives as long as the
    /// threads, and the engine only as long as the executor.
    engine: Mutex<Weak<Engine>>,
}

impl WorkQueue {
    pub(crate) fn attach(&self, engine: &Arc<Engine>) {
        *self.engine.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(engine);
    }

    fn engine(&self) -> Option<Arc<Engine>> {
        let engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        engine.upgrade()
    }
}

impl WorkQueue {
    /// Whether the pool is there and takes tasks.
    pub(crate) fn is_open(&self) -> bool {
        self.engine().is_some_and(|engine| !engine.pool.is_closed())
    }
}

#[pymethods]
impl WorkQueue {
    #[new]
    fn new() -> Self {
        Self {
            engine: Mutex::new(Weak::new()),
        }
    }

    /// How many tasks wait for a worker.
    fn qsize(&self) -> usize {
        self.engine().map_or(0, |engine| engine.pool.queued())
    }

    fn empty(&self) -> bool {
        self.qsize() == 0
    }

    /// Takes the marker by which the standard library says that the interpreter exits.
    #[pyo3(signature = (item, block = true, timeout = None))]
    fn put(
        &self,
        item: &Bound<'_, PyAny>,
        block: bool,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let _ = (block, timeout);
        if !item.is_none() {
            return Err(PyTypeError::new_err(
                "tasks come to this queue through submit; an executor whose _work_queue was \
                 replaced uses the replacement",
            ));
        }
        if let (true, Some(engine)) = (lifecycle::is_exiting(), self.engine()) {
            engine.pool.close();
        }
        Ok(())
    }

    /// Takes the oldest task out of the queue, as an item with `future`, `fn`, `args`, `kwargs`.
    fn get_nowait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let taken = self
            .engine()
            .and_then(|engine| lifecycle::take_one(&engine));
        match taken {
            Some(future) => lifecycle::work_item(future.bind(py)),
            None => Err(PyErr::from_value(names(py).empty.bind(py).call0()?)),
        }
    }

    /// As `get_nowait`: it is the workers who wait here.
    #[pyo3(signature = (block = true, timeout = None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        block: bool,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = (block, timeout);
        self.get_nowait(py)
    }
}

//! The pool's host: starts Python threads, runs the initializer, gives the interpreter away during a
//! sleep.

use crate::{
    census::{self, Counted},
    errors::{self, names},
    queue::WorkQueue,
    worker::{self, Running, Worker},
};
use concurrent_futures::{WorkerThread, rim::Host};
use pyo3::{
    PyTraverseError, PyVisit, intern,
    prelude::*,
    types::{PyDict, PyTuple},
};
use std::{
    error::Error,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What an executor and its workers share.
pub(crate) struct PythonHost {
    pub(crate) pool: u32,
    /// The executor's `_threads`.
    pub(crate) threads: Py<PyAny>,
    pub(crate) initializer: Option<Py<PyAny>>,
    pub(crate) initargs: Py<PyAny>,
    /// A weak reference to the executor.
    pub(crate) executor: Py<PyAny>,
    /// What is put into the standard library's register of threads and queues.
    pub(crate) queue: Py<WorkQueue>,
    /// Held for a moment, and never while Python code runs.
    running: Mutex<Vec<Arc<Running>>>,
    _counted: Counted<{ census::HOST }>,
}

impl PythonHost {
    pub(crate) fn new(
        pool: u32,
        threads: Py<PyAny>,
        initializer: Option<Py<PyAny>>,
        initargs: Py<PyAny>,
        executor: Py<PyAny>,
        queue: Py<WorkQueue>,
    ) -> Self {
        Self {
            pool,
            threads,
            initializer,
            initargs,
            executor,
            queue,
            running: Mutex::default(),
            _counted: Counted::default(),
        }
    }

    /// What each worker runs, those of ended workers included.
    pub(crate) fn running(&self) -> MutexGuard<'_, Vec<Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_thread(&self, py: Python<'_>, worker: WorkerThread) -> PyResult<()> {
        let running = Arc::new(Running::default());
        let name = worker.name().to_owned();
        let target = Bound::new(py, Worker::new(worker, self.pool, Arc::clone(&running)))?;
        let kwargs = PyDict::new(py);
        kwargs.set_item(intern!(py, "name"), name)?;
        kwargs.set_item(intern!(py, "target"), &target)?;
        let thread = names(py).thread.bind(py).call((), Some(&kwargs))?;
        self.running().push(Arc::clone(&running));
        if let Err(error) = thread.call_method0(intern!(py, "start")) {
            self.running().retain(|other| !Arc::ptr_eq(other, &running));
            target.get().give_up();
            return Err(error);
        }
        self.threads
            .bind(py)
            .call_method1(intern!(py, "add"), (&thread,))?;
        names(py)
            .threads_queues
            .bind(py)
            .set_item(&thread, &self.queue)
    }

    fn run_initializer(&self, py: Python<'_>) -> PyResult<()> {
        let Some(initializer) = &self.initializer else {
            return Ok(());
        };
        let args = self.initargs.bind(py).try_iter()?;
        let args = PyTuple::new(py, args.collect::<PyResult<Vec<_>>>()?)?;
        initializer.bind(py).call1(args).map(|_| ())
    }

    fn set_broken(&self, py: Python<'_>) {
        let marked = self.executor.bind(py).call0().and_then(|executor| {
            if executor.is_none() {
                return Ok(());
            }
            executor.setattr(intern!(py, "_broken"), errors::BROKEN)
        });
        if let Err(error) = marked {
            error.write_unraisable(py, None);
        }
    }

    /// For a collector, which sees the executor as the owner of all this while no worker lives.
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.threads)?;
        visit.call(&self.initializer)?;
        visit.call(&self.initargs)?;
        visit.call(&self.executor)?;
        visit.call(&self.queue)
    }
}

impl Host for PythonHost {
    fn start(&self, worker: WorkerThread) -> io::Result<()> {
        Python::attach(|py| {
            // Starting a thread takes a while.
            worker::wake_now();
            self.start_thread(py, worker).map_err(|error| {
                let answer = io::Error::other(error.to_string());
                worker::keep_start_error(error);
                answer
            })
        })
    }

    fn initialize(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Python::attach(|py| {
            self.run_initializer(py).map_err(|error| {
                errors::log_initializer(py, &error);
                self.set_broken(py);
                errors::BROKEN.into()
            })
        })
    }

    fn park(&self, sleep: &mut (dyn FnMut() + Send)) {
        worker::park(sleep);
    }
}

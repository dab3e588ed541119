//! The pool's host: starts Python threads, runs the initializer, gives the interpreter away during a
//! sleep.

use crate::{
    birth,
    census::{self, Counted},
    errors::{self, names},
    lifecycle::{self, Starting},
    queue::WorkQueue,
    running::Running,
    worker::{self, StartError, Worker},
};
use concurrent_futures::{WorkerThread, rim::Host};
use pyo3::{
    PyTraverseError, PyVisit,
    prelude::*,
    types::{PyDict, PyTuple},
};
use std::{
    error::Error,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What each worker runs, those of workers that were lost included.
type Notes = Arc<Mutex<Vec<Arc<Running>>>>;

/// A worker's place with its host.
pub(crate) struct Post {
    threads: Py<PyAny>,
    queue: Py<WorkQueue>,
    running: Notes,
}

impl Post {
    /// The calling thread has been a worker. If the pool goes on without it, the executor forgets the
    /// thread; else somebody may want to join it.
    pub(crate) fn leave(self, py: Python<'_>, running: &Arc<Running>) {
        lock(&self.running).retain(|other| !Arc::ptr_eq(other, running));
        if self.queue.get().is_open() {
            let me = names(py).current_thread.bind(py).call0();
            if let Err(error) = me.and_then(|me| forget_thread(&me, &self.threads)) {
                error.write_unraisable(py, None);
            }
        }
    }
}

fn forget_thread(thread: &Bound<'_, PyAny>, threads: &Py<PyAny>) -> PyResult<()> {
    let py = thread.py();
    let threads = threads.bind(py);
    threads.call_method1("discard", (thread,))?;
    let registered = names(py).threads_queues.bind(py);
    registered.call_method1("pop", (thread, py.None()))?;
    Ok(())
}

fn lock(notes: &Notes) -> MutexGuard<'_, Vec<Arc<Running>>> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    running: Notes,
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
            running: Notes::default(),
            _counted: Counted::default(),
        }
    }

    /// What each worker runs.
    pub(crate) fn running(&self) -> MutexGuard<'_, Vec<Arc<Running>>> {
        lock(&self.running)
    }

    fn start_thread(&self, py: Python<'_>, worker: WorkerThread) -> Result<(), StartError> {
        let name = worker.name().to_owned();
        let running = Running::new(name.clone());
        let post = Post {
            threads: self.threads.clone_ref(py),
            queue: self.queue.clone_ref(py),
            running: Arc::clone(&self.running),
        };
        let worker = Worker::new(worker, self.pool, Arc::clone(&running), post);
        let _starting = Starting::begin();
        let worker = Bound::new(py, worker).map_err(StartError::Refused)?;
        let thread = match self.make_thread(py, &name, &worker) {
            Ok(thread) => thread,
            Err(error) => {
                // The error's frames may hold the worker for long.
                worker.get().give_up();
                return Err(StartError::of(py, error));
            }
        };
        let threads = self.threads.bind(py);
        self.running().push(Arc::clone(&running));
        let Err(error) = thread.call_method0("start") else {
            let registered = self.register(&thread, &running);
            return registered.map_err(StartError::Interrupted);
        };
        birth::dismiss(&thread);
        if !worker.get().give_up() {
            // The wait for the new thread was interrupted; the worker is there.
            let registered = self.register(&thread, &running);
            return Err(StartError::Interrupted(registered.err().unwrap_or(error)));
        }
        self.running().retain(|other| !Arc::ptr_eq(other, &running));
        if let Err(error) = threads.call_method1("discard", (&thread,)) {
            error.write_unraisable(py, Some(threads));
        }
        Err(StartError::of(py, error))
    }

    /// The thread of a worker, not yet started, in the set of threads.
    fn make_thread<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        worker: &Bound<'py, Worker>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let kwargs = PyDict::new(py);
        kwargs.set_item("name", name)?;
        kwargs.set_item("target", worker)?;
        if lifecycle::is_exiting() {
            // The standard hook, which joins daemons too, may have made its list by now.
            kwargs.set_item("daemon", false)?;
        }
        let thread = names(py).thread.bind(py).call((), Some(&kwargs))?;
        birth::attend(&thread, worker)?;
        // Before it starts: a shutdown that finds no more workers has them all in the set.
        let added = self.threads.bind(py).call_method1("add", (&thread,));
        // Else the thread and its way to begin would hold each other.
        added.inspect_err(|_| birth::dismiss(&thread))?;
        Ok(thread)
    }

    /// Where the standard library looks for workers when it waits for them.
    fn register(&self, thread: &Bound<'_, PyAny>, running: &Arc<Running>) -> PyResult<()> {
        let py = thread.py();
        let registered = names(py).threads_queues.bind(py);
        let enter = || registered.set_item(thread, &self.queue);
        // A signal's handler may raise in the middle of it. That is told when it is done.
        let entered = enter().or_else(|error| enter().and(Err(error)));
        let is_there = self.running().iter().any(|it| Arc::ptr_eq(it, running));
        // It may have ended by now; it took its notes back first.
        if is_there || !self.queue.get().is_open() {
            return entered;
        }
        entered.and(forget_thread(thread, &self.threads))
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
            executor.setattr("_broken", errors::BROKEN)
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
                let (StartError::Refused(cause) | StartError::Interrupted(cause)) = &error;
                let answer = io::Error::other(cause.to_string());
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

//! A worker thread: what it does around the crate's loop.
//!
//! A worker is attached to the interpreter for its whole life, so that it has one thread state, and
//! leaves it only to sleep, and for a moment when its time slice is over. Inside one task the
//! interpreter itself switches threads; between short tasks of builtin functions nobody would.

use crate::{
    census::{self, Counted},
    errors::names,
    future::Future,
    host::Post,
    nested,
    running::{self, Running},
    signal::Signal,
};
use concurrent_futures::WorkerThread;
use pyo3::{
    exceptions::{PyException, PyRuntimeError},
    prelude::*,
};
use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

thread_local! {
    static POOL: Cell<u32> = const { Cell::new(0) };
    static WAKES: RefCell<Vec<Arc<Signal>>> = const { RefCell::new(Vec::new()) };
    static SLICE: Cell<Option<Slice>> = const { Cell::new(None) };
    static START_ERROR: RefCell<Option<StartError>> = const { RefCell::new(None) };
}

/// The time for which a worker may keep the interpreter.
#[derive(Clone, Copy)]
struct Slice {
    end: Instant,
    /// The clock is read when this has come to zero.
    tasks: u8,
}

impl Slice {
    const TASKS: u8 = 8;
    /// In switch intervals. Whoever wants the interpreter waits for one of them and then asks for it,
    /// and only who was asked hands it over; who gives it away before that has it back before the
    /// other is awake, and the other waits anew. So the slice must outlast the wait.
    const INTERVALS: u32 = 2;
}

/// The pool whose worker this thread is; 0 for none.
pub(crate) fn current_pool() -> u32 {
    POOL.get()
}

/// Called between taking a task, which has been noted down, and running it.
#[inline]
pub(crate) fn before_task(py: Python<'_>) {
    wake_now();
    match SLICE.get() {
        Some(slice) if slice.tasks > 0 => SLICE.set(Some(Slice {
            tasks: slice.tasks - 1,
            ..slice
        })),
        slice => look_at_clock(py, slice),
    }
}

#[inline]
pub(crate) fn after_task(future: Bound<'_, Future>) {
    running::end();
    drop(future);
}

#[cold]
fn look_at_clock(py: Python<'_>, slice: Option<Slice>) {
    if let Some(slice) = slice {
        if Instant::now() < slice.end {
            SLICE.set(Some(Slice {
                tasks: Slice::TASKS,
                ..slice
            }));
            return;
        }
        py.detach(|| {});
        // Also the moment at which the interpreter sees to a garbage collection that is due.
        if let Err(error) = py.check_signals() {
            error.write_unraisable(py, None);
        }
    }
    let interval = names(py).switch_interval.bind(py).call0();
    let interval = interval.and_then(|interval| interval.extract::<f64>());
    let interval = Duration::try_from_secs_f64(interval.unwrap_or(0.005)).unwrap_or_default();
    SLICE.set(Some(Slice {
        end: Instant::now() + interval * Slice::INTERVALS,
        tasks: Slice::TASKS,
    }));
}

/// Sleeps without the interpreter.
pub(crate) fn park(sleep: &mut (dyn FnMut() + Send)) {
    Python::attach(|py| {
        py.detach(|| {
            wake_now();
            sleep();
        });
    });
    SLICE.set(None);
}

/// Wakes sleepers when this worker has given the interpreter away, or begins its next task.
pub(crate) fn wake_later(signals: impl Iterator<Item = Arc<Signal>>) {
    WAKES.with_borrow_mut(|wakes| wakes.extend(signals));
}

#[inline]
pub(crate) fn wake_now() {
    WAKES.with_borrow_mut(|wakes| {
        for signal in wakes.drain(..) {
            signal.wake();
        }
    });
}

/// What went wrong when a thread was started.
pub(crate) enum StartError {
    /// There will be no thread.
    Refused(PyErr),
    /// Whoever started it was interrupted in that, whatever became of the thread.
    Interrupted(PyErr),
}

impl StartError {
    /// Of what was raised before there was a thread.
    pub(crate) fn of(py: Python<'_>, error: PyErr) -> Self {
        if error.is_instance_of::<PyException>(py) {
            Self::Refused(error)
        } else {
            Self::Interrupted(error)
        }
    }
}

/// Keeps what went wrong, for the submit that wanted the thread.
pub(crate) fn keep_start_error(error: StartError) {
    // What was there goes outside of the cell: that may run Python code, which comes back here.
    drop(START_ERROR.replace(Some(error)));
}

pub(crate) fn take_start_error() -> Option<StartError> {
    START_ERROR.take()
}

/// Says why to the tasks that `lose` ends for want of a thread.
pub(crate) fn with_start_error<R>(error: PyErr, lose: impl FnOnce() -> R) -> R {
    keep_start_error(StartError::Refused(error));
    let result = lose();
    drop(take_start_error());
    result
}

pub(crate) fn start_error(py: Python<'_>) -> PyErr {
    START_ERROR.with_borrow(|error| match error {
        Some(StartError::Refused(error)) => error.clone_ref(py),
        _ => PyRuntimeError::new_err("can't start new thread"),
    })
}

/// What the thread of a worker calls.
#[pyclass(frozen, module = "concurrent_futures._native")]
pub(crate) struct Worker {
    /// Until it begins.
    start: Mutex<Option<(WorkerThread, Post)>>,
    pool: u32,
    running: Arc<Running>,
    _counted: Counted<{ census::WORKER }>,
}

impl Worker {
    pub(crate) fn new(thread: WorkerThread, pool: u32, running: Arc<Running>, post: Post) -> Self {
        Self {
            start: Mutex::new(Some((thread, post))),
            pool,
            running,
            _counted: Counted::default(),
        }
    }

    /// Its thread will not come. The pool must hear of it now, and not when the last reference goes:
    /// an error may hold one for long. `false` if the worker has begun, or was given up before.
    pub(crate) fn give_up(&self) -> bool {
        self.take().is_some()
    }

    /// The calling thread is this worker: what it waits for of its own pool, it runs.
    pub(crate) fn belong(&self) {
        POOL.set(self.pool);
        running::take_post(Some(Arc::clone(&self.running)));
        nested::mark_base();
    }

    fn take(&self) -> Option<(WorkerThread, Post)> {
        self.start
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

#[pymethods]
impl Worker {
    /// Lives the worker's life.
    fn __call__(&self, py: Python<'_>) {
        let Some((thread, post)) = self.take() else {
            return;
        };
        self.belong();
        thread.run();
        wake_now();
        running::take_post(None);
        drop(take_start_error());
        post.leave(py, &self.running);
    }
}

//! The interpreter's exit, and the child of a fork.

use crate::{
    ending,
    engine::Engine,
    errors::{self, names},
    future::{Call, Future},
    raw, running, waits,
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyType},
};
use std::{
    cell::RefCell,
    sync::atomic::{
        AtomicBool, AtomicUsize,
        Ordering::{AcqRel, Acquire, Release, SeqCst},
        fence,
    },
    thread,
    time::Duration,
};

static EXITING: AtomicBool = AtomicBool::new(false);

/// Whether the interpreter has begun to exit: no pool takes a task any more.
#[inline]
pub(crate) fn is_exiting() -> bool {
    EXITING.load(Acquire)
}

/// Threads that are being started. The standard library joins those that it knows, and it gets to know a
/// thread when it has started.
static STARTS: AtomicUsize = AtomicUsize::new(0);

/// A thread is being started as long as this lives.
#[must_use]
pub(crate) struct Starting(());

impl Starting {
    pub(crate) fn begin() -> Self {
        STARTS.fetch_add(1, AcqRel);
        // Without a lock of the interpreter, too: this start sees the exit, or the exit waits for it.
        fence(SeqCst);
        Self(())
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        // In the child of a fork it may have been forgotten.
        let _ = STARTS.fetch_update(AcqRel, Acquire, |starts| starts.checked_sub(1));
    }
}

/// Called by `threading` before it joins the threads that are left. No pool takes a task any more, and
/// workers end when they have run what is queued. Waits for threads that are being started.
#[pyfunction]
pub(crate) fn begin_exit(py: Python<'_>) -> PyResult<()> {
    EXITING.store(true, Release);
    fence(SeqCst);
    for engine in Engine::all() {
        engine.pool.close();
    }
    while STARTS.load(Acquire) > 0 {
        py.detach(|| thread::sleep(Duration::from_millis(1)));
        py.check_signals()?;
    }
    Ok(())
}

/// In the child of a fork, before anything else: who was starting a thread is not here.
#[pyfunction]
pub(crate) fn forget_starts() {
    STARTS.store(0, Release);
}

/// How many native pools were made in this process, and how many there are.
#[pyfunction]
pub(crate) fn counts() -> (u32, usize) {
    Engine::counts()
}

/// Names the class of the futures that executors give out.
#[pyfunction]
#[pyo3(signature = (class_, /))]
pub(crate) fn future_class(class_: &Bound<'_, PyType>) -> PyResult<()> {
    raw::set_future_class(class_)
}

thread_local! {
    /// Catches the task that is taken out of a queue, instead of failing it.
    static TAKEN: RefCell<Option<Vec<Py<Future>>>> = const { RefCell::new(None) };
}

/// A queued task lost its pool, or is taken out of it.
pub(crate) fn abandoned(future: &Bound<'_, Future>) {
    let taken = TAKEN.with_borrow_mut(|taken| {
        let taken = taken.as_mut()?;
        taken.push(future.clone().unbind());
        Some(())
    });
    if taken.is_none() {
        ending::fail(future, &forked(future.py()));
    }
}

pub(crate) fn take_one(engine: &Engine) -> Option<Py<Future>> {
    TAKEN.set(Some(Vec::new()));
    engine.pool.abandon_one();
    TAKEN.take()?.pop()
}

/// The standard library's kind of item for a task that was taken out of the queue.
pub(crate) fn work_item<'py>(future: &Bound<'py, Future>) -> PyResult<Bound<'py, PyAny>> {
    let py = future.py();
    let call = Future::with(future, Future::take_call);
    let item = names(py).work_item.bind(py);
    match call {
        Some((load, function, args)) => {
            let call = Call::unpack(py, load, function, args)?;
            let kwargs = call.kwargs.unwrap_or_else(|| PyDict::new(py));
            item.call1((future, call.function, call.args, kwargs))
        }
        None => item.call1((future, py.None(), (), PyDict::new(py))),
    }
}

fn forked(py: Python<'_>) -> PyErr {
    errors::broken(
        py,
        "the process was forked, and the thread pool's workers did not come along",
    )
}

/// Ends what a pool had when the process was forked.
pub(crate) fn abandon(py: Python<'_>, engine: &Engine) {
    waits::forget_all();
    // First: a pool that is closed with tasks in its queue starts a worker for them.
    engine.pool.abandon();
    engine.pool.close();
    let running: Vec<_> = engine.host.running().clone();
    for running in running {
        // The thread that forked may be a worker; it is here, and goes on with its task.
        if running::is_mine(&running) {
            continue;
        }
        for future in running.stack(py) {
            ending::fail_begun(future.bind(py), &forked(py));
        }
    }
}

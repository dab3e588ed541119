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
        AtomicBool,
        Ordering::{Acquire, Release},
    },
};

static EXITING: AtomicBool = AtomicBool::new(false);

/// Whether the interpreter has begun to exit: no pool takes a task any more.
#[inline]
pub(crate) fn is_exiting() -> bool {
    EXITING.load(Acquire)
}

/// Called by `threading` before it joins the threads that are left.
#[pyfunction]
pub(crate) fn begin_exit() {
    EXITING.store(true, Release);
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
        fail_after_fork(future);
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

fn fail_after_fork(future: &Bound<'_, Future>) {
    let error = errors::broken(
        future.py(),
        "the process was forked, and the thread pool's workers did not come along",
    );
    ending::fail(future, &error);
}

/// Ends what a pool had when the process was forked.
pub(crate) fn abandon(py: Python<'_>, engine: &Engine) {
    waits::forget_all();
    engine.pool.close();
    engine.pool.abandon();
    let running: Vec<_> = engine.host.running().clone();
    for running in running {
        // The thread that forked may be a worker; it is here, and goes on with its task.
        if running::is_mine(&running) {
            continue;
        }
        for future in running.stack(py) {
            fail_after_fork(future.bind(py));
        }
    }
}

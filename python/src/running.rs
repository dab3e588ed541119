//! What each worker is at, written down where others see it: the child of a fork, which has lost the
//! worker; whoever looks for waits that lead in a circle; and the task itself, which may be asked to
//! stop.

use crate::{future::Future, raw};
use pyo3::{ffi, prelude::*};
use std::{
    cell::RefCell,
    ptr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicPtr, Ordering::Relaxed},
    },
};

/// The notes of one worker.
pub(crate) struct Running {
    /// The worker's name.
    pub(crate) name: String,
    /// The future whose task it took from the queue. The worker owns a reference to it while it is here.
    task: AtomicPtr<ffi::PyObject>,
    /// Those that it runs above that one; each is awaited by the one below it. Held for a moment, and
    /// never while Python code runs.
    above: Mutex<Vec<Py<Future>>>,
}

thread_local! {
    static MINE: RefCell<Option<Arc<Running>>> = const { RefCell::new(None) };
}

impl Running {
    pub(crate) fn new(name: String) -> Arc<Self> {
        Arc::new(Self {
            name,
            task: AtomicPtr::new(ptr::null_mut()),
            above: Mutex::default(),
        })
    }

    fn above(&self) -> MutexGuard<'_, Vec<Py<Future>>> {
        self.above.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that it runs, the innermost last. For the worker itself, and for others when there is no
    /// worker any more.
    pub(crate) fn stack(&self, py: Python<'_>) -> Vec<Py<Future>> {
        let task = raw::running_future(py, self.task.load(Relaxed));
        let mut stack: Vec<_> = task.map(Bound::unbind).into_iter().collect();
        stack.extend(self.above().iter().map(|future| future.clone_ref(py)));
        stack
    }
}

/// The calling thread is a worker from now on, or with `None` no more.
pub(crate) fn take_post(running: Option<Arc<Running>>) {
    MINE.set(running);
}

/// The notes of the calling thread, if it is a worker.
pub(crate) fn mine() -> Option<Arc<Running>> {
    MINE.with_borrow(Clone::clone)
}

/// Whether the notes are those of the calling thread.
pub(crate) fn is_mine(running: &Arc<Running>) -> bool {
    MINE.with_borrow(|mine| mine.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, running)))
}

/// This worker begins a task that it took from the queue.
#[inline]
pub(crate) fn begin(future: &Py<Future>) {
    note(future.as_ptr());
}

/// That task has ended.
#[inline]
pub(crate) fn end() {
    note(ptr::null_mut());
}

#[inline]
fn note(task: *mut ffi::PyObject) {
    MINE.with_borrow(|mine| {
        if let Some(mine) = mine {
            mine.task.store(task, Relaxed);
        }
    });
}

/// Runs a task above the one that waits for it.
pub(crate) fn run_above<R>(future: &Bound<'_, Future>, run: impl FnOnce() -> R) -> R {
    let Some(mine) = mine() else {
        return run();
    };
    mine.above().push(future.clone().unbind());
    let result = run();
    let gone = mine.above().pop();
    drop(gone);
    result
}

/// Runs a task on the thread that submits it, which may be no worker, but keeps notes like one
/// meanwhile.
pub(crate) fn run_as_worker(future: &Bound<'_, Future>, run: impl FnOnce()) {
    let guest = mine().is_none();
    if guest {
        take_post(Some(Running::new("of whoever submitted".to_owned())));
    }
    run_above(future, run);
    if guest {
        take_post(None);
    }
}

/// The task that the calling thread runs, the innermost one.
pub(crate) fn innermost(py: Python<'_>) -> Option<Bound<'_, Future>> {
    let mine = mine()?;
    let above = mine.above().last().map(|future| future.clone_ref(py));
    match above {
        Some(future) => Some(future.into_bound(py)),
        None => raw::running_future(py, mine.task.load(Relaxed)),
    }
}

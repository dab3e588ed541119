//! Done-callbacks: each once, in the order of their coming, under no lock.

use crate::{
    condition, doomed, errors,
    future::{Cold, Future},
};
use pyo3::{exceptions::PyException, prelude::*, types::PyList};
use std::cell::RefCell;

/// Callbacks taken out of a future, to be run.
#[derive(Default)]
pub(crate) struct Callbacks {
    plain: Vec<Py<PyAny>>,
    listed: Option<Py<PyList>>,
}

impl Callbacks {
    pub(crate) fn take(cold: &mut Cold) -> Self {
        Self {
            plain: std::mem::take(&mut cold.callbacks),
            listed: cold.callback_list.take(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.listed.is_none()
    }

    /// Runs all. An exception is logged; what is more than an exception (`KeyboardInterrupt`,
    /// `SystemExit`) is raised again when all have run, the first one.
    pub(crate) fn run(self, this: &Bound<'_, Future>) -> PyResult<()> {
        if self.is_empty() {
            return Ok(());
        }
        let mut first = Ok(());
        let mut note = |called: PyResult<()>| {
            if first.is_ok() {
                first = called;
            } else if let Err(error) = called {
                errors::log_callback(this, &error);
            }
        };
        for callback in self.plain {
            note(call(this, callback.bind(this.py())));
        }
        for callback in self.listed.iter().flat_map(|list| list.bind(this.py())) {
            note(call(this, &callback));
        }
        first
    }

    /// The same on a worker, which nothing may end: all is logged.
    pub(crate) fn run_on_worker(self, this: &Bound<'_, Future>) {
        if let Err(error) = self.run(this) {
            errors::log_callback(this, &error);
        }
    }
}

/// What callbacks have raised that was no `Exception`, where several futures are cancelled at once.
enum Gathered {
    /// There is nobody to raise it.
    Nowhere,
    Nothing,
    First(PyErr),
}

thread_local! {
    static GATHERED: RefCell<Gathered> = const { RefCell::new(Gathered::Nowhere) };
}

/// Cancels several futures, and raises in the end what the callbacks of one have raised.
pub(crate) fn gather(cancel_all: impl FnOnce()) -> PyResult<()> {
    let outer = GATHERED.replace(Gathered::Nothing);
    cancel_all();
    match GATHERED.replace(outer) {
        Gathered::First(error) => Err(error),
        Gathered::Nowhere | Gathered::Nothing => Ok(()),
    }
}

/// One of them has raised that.
pub(crate) fn raise_later(this: &Bound<'_, Future>, error: PyErr) {
    let unheard = GATHERED.with_borrow_mut(|gathered| {
        if matches!(gathered, Gathered::Nothing) {
            *gathered = Gathered::First(error);
            return None;
        }
        Some(error)
    });
    if let Some(error) = unheard {
        errors::log_callback(this, &error);
    }
}

/// Runs callbacks where there is nobody to raise to.
pub(crate) fn run_contained(this: &Bound<'_, Future>, ended: PyResult<Option<Callbacks>>) {
    match ended {
        Ok(callbacks) => callbacks.unwrap_or_default().run_on_worker(this),
        Err(error) => error.write_unraisable(this.py(), Some(this)),
    }
}

fn call(this: &Bound<'_, Future>, callback: &Bound<'_, PyAny>) -> PyResult<()> {
    doomed::attend();
    match callback.call1((this,)) {
        Ok(_) => Ok(()),
        Err(error) if error.is_instance_of::<PyException>(this.py()) => {
            errors::log_callback(this, &error);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

pub(crate) fn add(this: &Bound<'_, Future>, callback: Bound<'_, PyAny>) -> PyResult<()> {
    let py = this.py();
    let mut callback = Some(callback.unbind());
    let list = condition::enter(this, |future, inner| {
        if future.phase().is_done() {
            return None;
        }
        let cold = inner.cold();
        if let Some(list) = &cold.callback_list {
            return Some(list.clone_ref(py));
        }
        cold.callbacks.extend(callback.take());
        None
    })?;
    match (list, callback) {
        (_, None) => Ok(()),
        (Some(list), Some(callback)) => list.bind(py).append(callback),
        (None, Some(callback)) => call(this, callback.bind(py)),
    }
}

/// The callbacks as a list that may be changed.
pub(crate) fn listed<'py>(this: &Bound<'py, Future>) -> Bound<'py, PyList> {
    let py = this.py();
    // Made outside of the guard: making a list may start a garbage collection.
    let list = PyList::empty(py);
    let (list, moved) = Future::with(this, |future, inner| {
        if future.phase().is_done() {
            return (list, Vec::new());
        }
        let cold = inner.cold();
        if let Some(known) = &cold.callback_list {
            return (known.bind(py).clone(), Vec::new());
        }
        cold.callback_list = Some(list.clone().unbind());
        (list, std::mem::take(&mut cold.callbacks))
    });
    for callback in moved {
        if let Err(error) = list.append(callback) {
            error.write_unraisable(py, Some(this));
        }
    }
    list
}

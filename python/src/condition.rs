//! A future's `_condition`: a re-entrant lock and a place to wait, as `threading.Condition` is.
//!
//! The standard library's `wait` and `as_completed` hold it while they install themselves, and
//! programs may hold it to keep a future from changing. The lock lies in the future; the object here
//! is made when somebody asks for it.

use crate::{
    future::{Cold, Future, Inner},
    signal::Signal,
    timeout::{Deadline, Limit},
};
use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
};
use std::sync::Arc;

/// Different for each thread that lives, and never 0.
fn me() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here) as usize)
}

fn held_by_other(inner: &Inner) -> bool {
    inner
        .cold
        .as_ref()
        .is_some_and(|cold| cold.owner != 0 && cold.owner != me())
}

/// Runs `step` under the guard when no other thread holds the condition. Blocks until then.
#[inline]
pub(crate) fn enter<R>(
    this: &Bound<'_, Future>,
    mut step: impl FnMut(&Future, &mut Inner) -> R,
) -> PyResult<R> {
    loop {
        let done = Future::with(this, |future, inner| {
            (!held_by_other(inner)).then(|| step(future, inner))
        });
        if let Some(done) = done {
            return Ok(done);
        }
        wait_for_lock(this, Limit::Forever)?;
    }
}

/// Sleeps until the condition may be free, or until the limit (`false`).
#[cold]
fn wait_for_lock(this: &Bound<'_, Future>, limit: Limit) -> PyResult<bool> {
    let signal = Signal::take();
    let waiting = Future::with(this, |_, inner| {
        let held = held_by_other(inner);
        if held {
            inner.cold().lockers.push(Arc::clone(&signal));
        }
        held
    });
    if !waiting {
        Signal::give_back(signal);
        return Ok(true);
    }
    let slept = signal.sleep(this.py(), limit);
    let listed = Future::with(this, |_, inner| {
        let listed = inner
            .cold
            .as_mut()
            .is_some_and(|cold| forget(&mut cold.lockers, &signal));
        inner.chill();
        listed
    });
    // Off the list and yet not woken: the wake-up is still to come, and this signal is not clean.
    if listed || matches!(slept, Ok(true)) {
        Signal::give_back(signal);
    }
    slept
}

/// Takes a signal off a list. Whether it was there.
pub(crate) fn forget(list: &mut Vec<Arc<Signal>>, signal: &Arc<Signal>) -> bool {
    let before = list.len();
    list.retain(|other| !Arc::ptr_eq(other, signal));
    list.len() < before
}

/// Takes the condition, which no other thread holds.
pub(crate) fn hold(cold: &mut Cold) {
    cold.owner = me();
    cold.depth += 1;
}

/// Lets the condition go once. Whether this thread held it.
pub(crate) fn let_go(this: &Bound<'_, Future>) -> bool {
    let lockers = Future::with(this, |_, inner| {
        let cold = inner.cold.as_mut()?;
        if cold.owner != me() {
            return None;
        }
        cold.depth -= 1;
        if cold.depth > 0 {
            return Some(Vec::new());
        }
        cold.owner = 0;
        let lockers = std::mem::take(&mut cold.lockers);
        inner.chill();
        Some(lockers)
    });
    let held = lockers.is_some();
    for signal in lockers.into_iter().flatten() {
        signal.wake();
    }
    held
}

/// What `future._condition` gives.
#[pyclass(frozen, freelist = 32, module = "concurrent_futures._native")]
pub(crate) struct Condition {
    future: Py<Future>,
}

impl Condition {
    pub(crate) fn of(future: &Bound<'_, Future>) -> Self {
        Self {
            future: future.clone().unbind(),
        }
    }

    fn lock(&self, py: Python<'_>, limit: Limit) -> PyResult<bool> {
        let this = self.future.bind(py);
        loop {
            let taken = Future::with(this, |_, inner| {
                let free = !held_by_other(inner);
                if free {
                    hold(inner.cold());
                }
                free
            });
            if taken {
                return Ok(true);
            }
            if !wait_for_lock(this, limit)? {
                return Ok(false);
            }
        }
    }

    /// Takes it as often as it was let go. Who waits holds the condition afterwards, whatever a signal's
    /// handler raises meanwhile; that is told in the end.
    fn lock_again(&self, py: Python<'_>, depth: usize) -> PyResult<()> {
        let mut interrupted = Ok(());
        for _ in 0..depth {
            while let Err(error) = self.lock(py, Limit::Forever) {
                interrupted = Err(error);
            }
        }
        interrupted
    }

    /// Lets go entirely, and joins the sleepers: both in one step, so that no notice is lost.
    fn unlock_to_sleep(&self, py: Python<'_>, signal: &Arc<Signal>) -> PyResult<usize> {
        let this = self.future.bind(py);
        let left = Future::with(this, |_, inner| {
            let cold = inner.cold.as_mut().filter(|cold| cold.owner == me())?;
            cold.sleepers.push(Arc::clone(signal));
            cold.owner = 0;
            let depth = std::mem::take(&mut cold.depth);
            Some((depth, std::mem::take(&mut cold.lockers)))
        });
        let (depth, lockers) = left.ok_or_else(|| not_held("wait on"))?;
        for locker in lockers {
            locker.wake();
        }
        Ok(depth)
    }
}

fn not_held(what: &str) -> PyErr {
    PyRuntimeError::new_err(format!("cannot {what} un-acquired lock"))
}

#[pymethods]
impl Condition {
    #[pyo3(signature = (blocking = true, timeout = -1.0))]
    fn acquire(&self, py: Python<'_>, blocking: bool, timeout: f64) -> PyResult<bool> {
        let limit = if !blocking {
            Limit::Poll
        } else if timeout < 0.0 {
            Limit::Forever
        } else {
            Limit::parse(Some(&timeout.into_pyobject(py)?.into_any()))?
        };
        self.lock(py, limit)
    }

    fn release(&self, py: Python<'_>) -> PyResult<()> {
        if let_go(self.future.bind(py)) {
            Ok(())
        } else {
            Err(PyRuntimeError::new_err("cannot release un-acquired lock"))
        }
    }

    fn __enter__(&self, py: Python<'_>) -> PyResult<bool> {
        self.lock(py, Limit::Forever)
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _exc_type: &Bound<'_, PyAny>,
        _exc_value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.release(py)
    }

    /// Waits for a notice or for the end of the future.
    #[pyo3(signature = (timeout = None))]
    fn wait(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        let limit = Limit::parse(timeout)?;
        let this = self.future.bind(py);
        let signal = Signal::take();
        let depth = self.unlock_to_sleep(py, &signal)?;
        let slept = signal.sleep(py, limit);
        let listed = Future::with(this, |_, inner| {
            let cold = inner.cold.as_mut();
            cold.is_some_and(|cold| forget(&mut cold.sleepers, &signal))
        });
        let woken = matches!(slept, Ok(true));
        if listed || woken {
            Signal::give_back(signal);
        }
        let relocked = self.lock_again(py, depth);
        slept.and_then(|slept| relocked.map(|()| slept || !listed))
    }

    #[pyo3(signature = (predicate, timeout = None))]
    fn wait_for<'py>(
        &self,
        py: Python<'py>,
        predicate: &Bound<'py, PyAny>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let deadline = Deadline::parse(timeout)?;
        loop {
            let result = predicate.call0()?;
            if result.is_truthy()? {
                return Ok(result);
            }
            let left = deadline.left(py)?;
            let over = match &left {
                Some(left) => left.extract::<f64>()? <= 0.0,
                None => false,
            };
            if over {
                return Ok(result);
            }
            self.wait(py, left.as_deref())?;
        }
    }

    #[pyo3(signature = (n = 1))]
    fn notify(&self, py: Python<'_>, n: isize) -> PyResult<()> {
        let wanted =
            usize::try_from(n).map_err(|_| PyValueError::new_err("n must not be negative"))?;
        let woken = Future::with(self.future.bind(py), |_, inner| {
            let cold = inner.cold.as_mut().filter(|cold| cold.owner == me())?;
            let count = wanted.min(cold.sleepers.len());
            Some(cold.sleepers.drain(..count).collect::<Vec<_>>())
        });
        let woken = woken.ok_or_else(|| not_held("notify on"))?;
        for signal in woken {
            signal.wake();
        }
        Ok(())
    }

    fn notify_all(&self, py: Python<'_>) -> PyResult<()> {
        self.notify(py, isize::MAX)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "<Condition of {}>",
            self.future.bind(py).as_any().repr()?
        ))
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.future)
    }
}

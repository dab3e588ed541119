//! Asking a task to stop, which runs: it looks when it likes, or sleeps on the request.

use crate::{ending, errors, future::Future, running, signal::Signal, timeout::Limit};
use concurrent_futures::CancelToken;
use pyo3::prelude::*;
use std::sync::Arc;

/// What `current_token` gives.
#[pyclass(frozen, name = "CancelToken", module = "concurrent_futures")]
pub(crate) struct Token(CancelToken);

#[pymethods]
impl Token {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn check(&self, py: Python<'_>) -> PyResult<()> {
        if self.0.is_cancelled() {
            Err(errors::asked_to_stop(py))
        } else {
            Ok(())
        }
    }

    fn sleep(&self, py: Python<'_>, seconds: &Bound<'_, PyAny>) -> PyResult<()> {
        let limit = Limit::parse(Some(seconds))?;
        self.check(py)?;
        let signal = Signal::take();
        let waking = Arc::clone(&signal);
        let callback = self.0.on_cancel(move || waking.wake());
        let slept = signal.sleep(py, limit);
        drop(callback);
        // The wake-up may still be on its way, so the signal is not used again.
        slept?;
        self.check(py)
    }

    fn __repr__(&self) -> String {
        let state = if self.0.is_cancelled() {
            "cancelled"
        } else {
            "not cancelled"
        };
        format!("<CancelToken: {state}>")
    }
}

/// The token of the task that the calling thread runs; outside of tasks, one that nobody cancels.
#[pyfunction]
pub(crate) fn current_token(py: Python<'_>) -> Token {
    let Some(future) = running::innermost(py) else {
        return Token(CancelToken::new());
    };
    let token = Future::with(&future, |future, inner| {
        let token = inner.cold().token.get_or_insert_default();
        if future.is_asked_to_stop() {
            token.cancel();
        }
        token.clone()
    });
    Token(token)
}

#[pyfunction]
pub(crate) fn check_cancelled(py: Python<'_>) -> PyResult<()> {
    match running::innermost(py) {
        Some(future) if future.get().is_asked_to_stop() => Err(errors::asked_to_stop(py)),
        _ => Ok(()),
    }
}

/// Cancels what has not begun, and asks what runs to stop. `false` if it is done otherwise.
pub(crate) fn request_cancel(this: &Bound<'_, Future>) -> PyResult<bool> {
    if ending::cancel(this)? {
        return Ok(true);
    }
    let asked = Future::with(this, |future, inner| {
        if future.phase().is_done() {
            return None;
        }
        future.ask_to_stop();
        Some(inner.cold.as_ref().and_then(|cold| cold.token.clone()))
    });
    let Some(token) = asked else {
        return Ok(false);
    };
    // Outside of the guard: this wakes sleepers.
    if let Some(token) = token {
        token.cancel();
    }
    Ok(true)
}

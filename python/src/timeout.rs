//! Time limits as Python gives them: `None`, a number of seconds, or something that is an error.

use crate::errors::names;
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyFloat, PyInt},
};
use std::time::{Duration, Instant};

/// How long one call may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// Look once.
    Poll,
    Until(Instant),
    Forever,
}

/// Beyond this no clock is needed; the interpreter says which numbers are too large.
const CENTURY: f64 = 3.2e9;

impl Limit {
    /// The same numbers and the same errors as `threading.Condition.wait`.
    pub(crate) fn parse(timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(timeout) = timeout else {
            return Ok(Self::Forever);
        };
        let plain =
            timeout.is_exact_instance_of::<PyFloat>() || timeout.is_exact_instance_of::<PyInt>();
        match timeout.extract::<f64>() {
            Ok(seconds) if plain && seconds.is_finite() && seconds < CENTURY => {
                Ok(Self::after(seconds))
            }
            Ok(seconds) if plain && seconds.is_nan() => {
                if timeout.py().version_info() >= (3, 14) {
                    Err(PyValueError::new_err("Invalid value NaN (not a number)"))
                } else {
                    Ok(Self::Poll)
                }
            }
            _ => Self::parse_unusual(timeout),
        }
    }

    fn parse_unusual(timeout: &Bound<'_, PyAny>) -> PyResult<Self> {
        if !timeout.gt(0)? {
            return Ok(Self::Poll);
        }
        // A free lock is acquired at once, after its timeout was looked at.
        let lock = names(timeout.py())
            .allocate_lock
            .bind(timeout.py())
            .call0()?;
        lock.call_method1("acquire", (true, timeout))?;
        let seconds: f64 = timeout.extract()?;
        Ok(if seconds < CENTURY {
            Self::after(seconds)
        } else {
            Self::Forever
        })
    }

    fn after(seconds: f64) -> Self {
        if seconds > 0.0 {
            Self::Until(Instant::now() + Duration::from_secs_f64(seconds))
        } else {
            Self::Poll
        }
    }

    pub(crate) fn is_over(self) -> bool {
        match self {
            Self::Poll => true,
            Self::Until(deadline) => Instant::now() >= deadline,
            Self::Forever => false,
        }
    }
}

/// A limit for many steps, kept as a reading of `time.monotonic`, as the original does.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<f64>);

impl Deadline {
    pub(crate) fn parse(timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(timeout) = timeout else {
            return Ok(Self(None));
        };
        let end = timeout.add(now(timeout.py())?)?;
        Ok(Self(Some(end.extract()?)))
    }

    /// What is left for the next step.
    pub(crate) fn limit(self, py: Python<'_>) -> PyResult<Limit> {
        match self.0 {
            None => Ok(Limit::Forever),
            Some(end) => Limit::parse(Some(PyFloat::new(py, end - now(py)?).as_any())),
        }
    }

    /// What is left for the next step, as Python writes it.
    pub(crate) fn left(self, py: Python<'_>) -> PyResult<Option<Bound<'_, PyFloat>>> {
        self.0
            .map(|end| Ok(PyFloat::new(py, end - now(py)?)))
            .transpose()
    }
}

fn now(py: Python<'_>) -> PyResult<f64> {
    names(py).monotonic.bind(py).call0()?.extract()
}

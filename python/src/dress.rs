//! What a task of a bounded pool has besides its callable. It goes when the task starts, or when it is
//! decided that it will not run; and with it its room in the queue.

use crate::future::Call;
use concurrent_futures::rim::Room;
use pyo3::{
    PyTraverseError, PyVisit,
    prelude::*,
    types::{PyDict, PyTuple},
};

#[pyclass(frozen, module = "concurrent_futures._native")]
pub(crate) struct Dress {
    args: Py<PyTuple>,
    kwargs: Option<Py<PyDict>>,
    _room: Room,
}

impl Dress {
    pub(crate) fn of<'py>(
        args: Bound<'py, PyTuple>,
        kwargs: Option<Bound<'py, PyDict>>,
        room: Room,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = args.py();
        let dress = Self {
            args: args.unbind(),
            kwargs: kwargs.map(Bound::unbind),
            _room: room,
        };
        Bound::new(py, dress).map(Bound::into_any)
    }

    pub(crate) fn take_off<'py>(
        function: Bound<'py, PyAny>,
        dress: &Bound<'py, Self>,
    ) -> Call<'py> {
        let py = dress.py();
        let Self { args, kwargs, .. } = dress.get();
        Call {
            function,
            args: args.bind(py).clone(),
            kwargs: kwargs.as_ref().map(|kwargs| kwargs.bind(py).clone()),
        }
    }
}

#[pymethods]
impl Dress {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.args)?;
        visit.call(&self.kwargs)
    }
}

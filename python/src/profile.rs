//! Profiles: what becomes of each task is told to a recording of the crate.
//!
//! A task of a profiled executor has its callable in a [`Profiled`], which goes with the call through the
//! queue, and tells when it is called and when that has ended; or, if it goes without having been called,
//! why. So all ways of a task are covered, and executors without a profile know nothing of it.

use crate::{errors::names, future::Future};
use concurrent_futures::{
    EnqueuedTask, FinishedTask, Observer, Profile, StartedTask, TaskOutcome,
    rim::{Facts, Pool, Recording, Refusal},
};
use pyo3::{
    PyTraverseError, PyVisit, intern,
    prelude::*,
    types::{PyDict, PyTuple},
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is known of the tasks of one executor, or of several.
#[pyclass(frozen, name = "Recording", module = "concurrent_futures._native")]
pub(crate) struct PyRecording(Arc<Recording>);

/// All that an executor's tasks are told to.
pub(crate) struct Recordings(pub(crate) Vec<Arc<Recording>>);

impl Observer for Recordings {
    fn enqueued(&self, task: &EnqueuedTask) {
        self.0.iter().for_each(|it| it.enqueued(task));
    }

    fn started(&self, task: &StartedTask<'_>) {
        self.0.iter().for_each(|it| it.started(task));
    }

    fn finished(&self, task: &FinishedTask<'_>) {
        self.0.iter().for_each(|it| it.finished(task));
    }
}

/// A recording at one moment.
#[pyclass(frozen, name = "Snapshot", module = "concurrent_futures._native")]
pub(crate) struct Snapshot(Profile);

/// The callable of a task that is recorded.
#[pyclass(frozen, module = "concurrent_futures._native")]
pub(crate) struct Profiled {
    function: Py<PyAny>,
    /// Held for a moment, and never while Python code runs.
    state: Mutex<State>,
}

struct State {
    /// Until it is called.
    facts: Option<Facts>,
    /// How it ends if it is not.
    otherwise: TaskOutcome,
}

impl PyRecording {
    pub(crate) fn shared(&self) -> Arc<Recording> {
        Arc::clone(&self.0)
    }
}

impl Profiled {
    /// Around the callable of a task that is about to be queued. It shows under the name of `shown`.
    pub(crate) fn around<'py>(
        pool: &Pool,
        function: Bound<'py, PyAny>,
        shown: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = function.py();
        let state = State {
            facts: pool.observe(Some(name_of(shown))),
            otherwise: TaskOutcome::Rejected,
        };
        let profiled = Self {
            function: function.unbind(),
            state: Mutex::new(state),
        };
        Bound::new(py, profiled)
    }

    /// It was queued, or will not run for that reason.
    pub(crate) fn ends_otherwise_as(&self, outcome: TaskOutcome) {
        self.state().otherwise = outcome;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task ends for that reason, unless it has ended.
pub(crate) fn will_not_run(future: &Bound<'_, Future>, reason: Refusal) {
    let outcome = match reason {
        Refusal::Cancelled | Refusal::Abandoned => TaskOutcome::Cancelled,
        Refusal::Broken | Refusal::NoThread => TaskOutcome::Broken,
        Refusal::Discarded => TaskOutcome::Discarded,
    };
    if let Some(Ok(profiled)) = Future::callable(future).map(Bound::cast_into::<Profiled>) {
        profiled.get().ends_otherwise_as(outcome);
    }
}

/// By what a task is known: `module.function`, or the class of what is called.
fn name_of(function: &Bound<'_, PyAny>) -> Arc<str> {
    let py = function.py();
    let qualified = |of: &Bound<'_, PyAny>| -> PyResult<String> {
        let name: String = of.getattr(intern!(py, "__qualname__"))?.extract()?;
        let module = of.getattr(intern!(py, "__module__"))?.extract::<String>();
        Ok(match module {
            Ok(module) if module != "builtins" && module != "__main__" => {
                format!("{module}.{name}")
            }
            _ => name,
        })
    };
    // A partial function is known by what it completes.
    let inner = names(py).partial.bind(py);
    let function = match function.is_instance(inner) {
        Ok(true) => function
            .getattr(intern!(py, "func"))
            .unwrap_or_else(|_| function.clone()),
        _ => function.clone(),
    };
    qualified(&function)
        .or_else(|_| qualified(function.get_type().as_any()))
        .unwrap_or_default()
        .into()
}

#[pymethods]
impl Profiled {
    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let facts = self.state().facts.take();
        let function = self.function.bind(py);
        let Some(facts) = facts else {
            return function.call(args, kwargs);
        };
        let run = facts.start();
        let result = function.call(args, kwargs);
        let outcome = match &result {
            Ok(_) => TaskOutcome::Completed,
            Err(_) => TaskOutcome::Failed,
        };
        facts.finish(run, outcome);
        result
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.function)
    }
}

/// It was not called.
impl Drop for Profiled {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(facts) = state.facts.take() {
            facts.end(state.otherwise);
        }
    }
}

#[pymethods]
impl PyRecording {
    #[new]
    fn new() -> Self {
        Self(Arc::new(Recording::new()))
    }

    #[pyo3(signature = (name, max_workers, /))]
    fn snapshot(&self, name: &str, max_workers: usize) -> Snapshot {
        // Attached: it holds locks, which a fork in the middle would leave held in the child.
        Snapshot(self.0.profile(name, max_workers))
    }

    /// On an interpreter with a global lock.
    #[pyo3(signature = (name, max_workers, /))]
    fn snapshot_in_turns(&self, name: &str, max_workers: usize) -> Snapshot {
        Snapshot(self.0.profile_in_turns(name, max_workers))
    }
}

#[pymethods]
impl Snapshot {
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn write_html(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.0.write_html(path)).map_err(PyErr::from)
    }

    fn write_json(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.0.write_json(path)).map_err(PyErr::from)
    }

    fn write_csv(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.0.write_csv(path)).map_err(PyErr::from)
    }

    fn write_trace(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.0.write_trace(path)).map_err(PyErr::from)
    }
}

//! The executor: the front door.
//!
//! Which engine serves it is decided once, at the first task: ours, or the methods inherited from
//! the standard library, if a subclass or somebody's patch has changed how those work inside.

use crate::{
    admission::{self, Admission, WhenFull},
    callbacks, doomed,
    engine::{ContextRule, Engine},
    errors::{self, names},
    future::Future,
    guarded::Guarded,
    host::PythonHost,
    lifecycle,
    map::Map,
    nested,
    profile::{Profiled, PyRecording},
    queue::WorkQueue,
    raw, running,
    worker::{self, StartError},
};
use concurrent_futures::{TaskOutcome, rim};
use pyo3::{
    PyTraverseError, PyVisit,
    prelude::*,
    types::{PyDict, PyTuple},
};
use std::{sync::Arc, time::Duration};

/// Closing a pool may run Python code: threads are started for what is queued, or that fails.
impl Drop for Executor {
    fn drop(&mut self) {
        let decision = std::mem::take(self.decision.get_mut());
        if matches!(decision, Decision::Native(_)) {
            Python::attach(|py| raw::aside_of_exceptions(py, |_| drop(decision)));
        }
    }
}

#[derive(Clone, Default)]
enum Decision {
    #[default]
    Open,
    Standard,
    Native(Arc<Engine>),
}

/// The base of the executor that the package's users see.
#[pyclass(
    frozen,
    subclass,
    name = "ThreadPoolExecutor",
    module = "concurrent_futures._native"
)]
pub(crate) struct Executor {
    decision: Guarded<Decision>,
}

/// What the Python half says of an executor that our engine can serve.
struct Settings {
    max_workers: usize,
    min_workers: usize,
    keep_alive: Option<f64>,
    queue_capacity: Option<usize>,
    when_full: String,
    prefix: String,
    threads: Py<PyAny>,
    initializer: Option<Py<PyAny>>,
    initargs: Py<PyAny>,
    executor: Py<PyAny>,
    queue: Py<WorkQueue>,
    submitter_context: bool,
    shut_down: bool,
    recordings: Vec<Py<PyRecording>>,
}

impl Settings {
    fn read(settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        let get = |name: &str| settings.get_item(name);
        Ok(Self {
            max_workers: get("max_workers")?.extract()?,
            min_workers: get("min_workers")?.extract()?,
            keep_alive: get("keep_alive")?.extract()?,
            queue_capacity: get("queue_capacity")?.extract()?,
            when_full: get("when_full")?.extract()?,
            prefix: get("prefix")?.extract()?,
            threads: get("threads")?.unbind(),
            initializer: get("initializer")?.extract()?,
            initargs: get("initargs")?.unbind(),
            executor: get("executor")?.unbind(),
            queue: get("queue")?.extract()?,
            submitter_context: get("submitter_context")?.extract()?,
            shut_down: get("shut_down")?.extract()?,
            recordings: get("recordings")?.extract()?,
        })
    }
}

impl Executor {
    /// The engine; nothing if the standard library's methods serve.
    #[inline]
    fn engine(this: &Bound<'_, Self>) -> PyResult<Option<Arc<Engine>>> {
        doomed::attend();
        match Self::decision(this) {
            Decision::Native(engine) => Ok(Some(engine)),
            Decision::Standard => Ok(None),
            Decision::Open => Self::decide(this),
        }
    }

    #[inline]
    fn decision(this: &Bound<'_, Self>) -> Decision {
        this.get()
            .decision
            .with(this.as_any(), |decision| decision.clone())
    }

    #[cold]
    fn decide(this: &Bound<'_, Self>) -> PyResult<Option<Arc<Engine>>> {
        let py = this.py();
        let settings = this.call_method0("_settings")?;
        let decision = if settings.is_none() {
            Decision::Standard
        } else {
            Decision::Native(start(py, Settings::read(&settings)?)?)
        };
        // Another thread may have been faster; then its decision holds.
        let (decision, unused) = this.get().decision.with(this.as_any(), |known| {
            if matches!(known, Decision::Open) {
                *known = decision;
                (known.clone(), None)
            } else {
                (known.clone(), Some(decision))
            }
        });
        drop(unused);
        let Decision::Native(engine) = decision else {
            return Ok(None);
        };
        engine.host.queue.get().attach(&engine);
        Ok(Some(engine))
    }

    /// Why the closed pool refuses a task.
    #[cold]
    fn refusal(this: &Bound<'_, Self>) -> PyErr {
        let py = this.py();
        let broken = this.getattr("_broken");
        match broken.and_then(|broken| Ok((broken.is_truthy()?, broken.str()?.to_string()))) {
            Ok((true, message)) => errors::broken(py, message),
            Ok((false, _)) if lifecycle::is_exiting() => match this.getattr("_shutdown") {
                Ok(shutdown) if shutdown.is_truthy().unwrap_or(true) => errors::shut_down(),
                _ => errors::exiting(),
            },
            Ok((false, _)) => errors::shut_down(),
            Err(error) => error,
        }
    }

    /// Queues a call, on an engine of ours.
    #[inline]
    pub(crate) fn push<'py>(
        this: &Bound<'py, Self>,
        engine: &Engine,
        function: Bound<'py, PyAny>,
        args: Bound<'py, PyTuple>,
        kwargs: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Future>> {
        if engine.profiled {
            return Self::push_profiled(this, engine, function, args, kwargs);
        }
        let (function, args) = engine.context.apply(function, args)?;
        Self::push_call(this, engine, function, args, kwargs)
    }

    /// The same for an executor with a profile.
    #[cold]
    fn push_profiled<'py>(
        this: &Bound<'py, Self>,
        engine: &Engine,
        function: Bound<'py, PyAny>,
        args: Bound<'py, PyTuple>,
        kwargs: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Future>> {
        let shown = function.clone();
        let (function, args) = engine.context.apply(function, args)?;
        let profiled = Profiled::around(&engine.pool, function, &shown)?;
        let function = profiled.clone().into_any();
        let future = Self::push_call(this, engine, function, args, kwargs)?;
        profiled.get().ends_otherwise_as(TaskOutcome::Cancelled);
        Ok(future)
    }

    /// Queues a call with all that goes with it.
    #[inline]
    fn push_call<'py>(
        this: &Bound<'py, Self>,
        engine: &Engine,
        function: Bound<'py, PyAny>,
        args: Bound<'py, PyTuple>,
        kwargs: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Future>> {
        if engine.bounded {
            return Self::push_bounded(this, engine, function, args, kwargs);
        }
        let py = this.py();
        let future = Future::of_task(py, engine.host.pool, function, args, kwargs, None)?;
        Self::queue(this, engine, &future)?;
        Ok(future)
    }

    /// The same for a queue with a bound.
    fn push_bounded<'py>(
        this: &Bound<'py, Self>,
        engine: &Engine,
        function: Bound<'py, PyAny>,
        args: Bound<'py, PyTuple>,
        kwargs: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, Future>> {
        let py = this.py();
        let pool = engine.host.pool;
        let make = |room| Future::of_task(py, pool, function, args, kwargs, room);
        match admission::admit(py, engine)? {
            Admission::Enter(room) => {
                let future = make(room)?;
                Self::queue(this, engine, &future)?;
                Ok(future)
            }
            Admission::Displace(room) => {
                let future = make(room)?;
                let submitted = Self::queue(this, engine, &future)?;
                engine.pool.make_room(&submitted);
                Ok(future)
            }
            Admission::RunHere if lifecycle::is_exiting() => Err(Self::refusal(this)),
            Admission::RunHere => {
                let future = make(None)?;
                engine.tally.come_unqueued();
                running::run_as_worker(&future, || nested::run_beside_queue(&future, pool));
                raw::show_to_collector(&future);
                Ok(future)
            }
        }
    }

    #[inline]
    fn queue(
        this: &Bound<'_, Self>,
        engine: &Engine,
        future: &Bound<'_, Future>,
    ) -> PyResult<rim::Submitted> {
        // A worker that starts another one, for no submit, may have left something there.
        drop(worker::take_start_error());
        let submitted = if lifecycle::is_exiting() {
            None
        } else {
            engine.push(future)
        };
        let Some(submitted) = submitted else {
            engine.tally.reject();
            return Err(Self::refusal(this));
        };
        match worker::take_start_error() {
            Some(StartError::Refused(error)) if has_failed_with(future, &error) => Err(error),
            // The original, too, may have queued the task by then.
            Some(StartError::Interrupted(error)) => Err(error),
            _ => Ok(submitted),
        }
    }

    /// The engine, if `submit` was not overridden either.
    pub(crate) fn engine_for_map(this: &Bound<'_, Self>) -> PyResult<Option<Arc<Engine>>> {
        let py = this.py();
        let name = "submit";
        let native = py.get_type::<Self>().getattr(name)?;
        let overridden = !this.get_type().getattr(name)?.is(&native)
            || this.getattr("__dict__")?.contains(name)?;
        if overridden {
            return Ok(None);
        }
        Self::engine(this)
    }
}

fn start(py: Python<'_>, settings: Settings) -> PyResult<Arc<Engine>> {
    let when_full = WhenFull::from_name(&settings.when_full)?;
    let number = Engine::next_number();
    let host = PythonHost::new(
        number,
        settings.threads,
        settings.initializer,
        settings.initargs,
        settings.executor,
        settings.queue.clone_ref(py),
    );
    let context = if settings.submitter_context {
        ContextRule::Submitter
    } else {
        ContextRule::Worker
    };
    let sizes = rim::Settings {
        max_workers: settings.max_workers,
        min_workers: settings.min_workers,
        keep_alive: settings.keep_alive.map(seconds),
        prefix: settings.prefix,
        queue_capacity: settings.queue_capacity,
    };
    let recordings = settings.recordings.iter();
    let recordings = recordings.map(|it| it.get().shared()).collect();
    let engine = Engine::new(sizes, when_full, context, host, recordings);
    if settings.shut_down || lifecycle::is_exiting() {
        engine.pool.close();
    }
    Ok(engine)
}

/// Too many are for ever, or as good as that.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

impl ContextRule {
    /// The call as it is to be made on the worker.
    #[inline]
    fn apply<'py>(
        self,
        function: Bound<'py, PyAny>,
        args: Bound<'py, PyTuple>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        match self {
            Self::Worker => Ok((function, args)),
            Self::Submitter => in_own_context(function, &args),
        }
    }
}

/// `copy_context().run(function, *args)`, as a function and its arguments.
fn in_own_context<'py>(
    function: Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
    let py = function.py();
    let context = names(py).copy_context.bind(py).call0()?;
    let args = std::iter::once(function).chain(args.iter());
    let args = PyTuple::new(py, args.collect::<Vec<_>>())?;
    Ok((context.getattr("run")?, args))
}

/// Whether it is the end of the task that a thread could not be started. Then its submitter hears of it at
/// once, and the task is not queued; else a worker that lives will come to it.
#[cold]
fn has_failed_with(future: &Bound<'_, Future>, error: &PyErr) -> bool {
    Future::outcome(future)
        .1
        .is_some_and(|exception| exception.is(error.value(future.py())))
}

#[pymethods]
impl Executor {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self {
            decision: Guarded::new(Decision::Open),
        }
    }

    #[pyo3(signature = (r#fn, /, *args, **kwargs))]
    fn submit<'py>(
        slf: &Bound<'py, Self>,
        r#fn: Bound<'py, PyAny>,
        args: Bound<'py, PyTuple>,
        kwargs: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Some(engine) = Self::engine(slf)? {
            return Self::push(slf, &engine, r#fn, args, kwargs).map(Bound::into_any);
        }
        let py = slf.py();
        let in_context = slf.getattr("_context")?.is_truthy()?;
        let (function, args) = if in_context {
            in_own_context(r#fn, &args)?
        } else {
            (r#fn, args)
        };
        let all = std::iter::once(slf.clone().into_any())
            .chain([function])
            .chain(args.iter());
        let all = PyTuple::new(py, all.collect::<Vec<_>>())?;
        let standard = names(py).standard_executor.bind(py);
        let submit = standard.getattr("submit")?;
        submit.call(all, kwargs.as_ref())
    }

    #[pyo3(signature = (r#fn, *iterables, timeout = None, chunksize = None, buffersize = None))]
    fn map<'py>(
        slf: &Bound<'py, Self>,
        r#fn: Bound<'py, PyAny>,
        iterables: &Bound<'py, PyTuple>,
        timeout: Option<&Bound<'py, PyAny>>,
        chunksize: Option<&Bound<'py, PyAny>>,
        buffersize: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Map> {
        // Of use to pools of processes only.
        let _ = chunksize;
        Map::start(slf, r#fn, iterables, timeout, buffersize)
    }

    /// Whether our engine serves. Decides it.
    fn _is_native(slf: &Bound<'_, Self>) -> PyResult<bool> {
        Ok(Self::engine(slf)?.is_some())
    }

    /// Refuses new tasks; with `cancel_futures`, cancels those that are queued.
    fn _close(slf: &Bound<'_, Self>, cancel_futures: bool) -> PyResult<()> {
        if let Some(engine) = Self::engine(slf)? {
            engine.pool.close();
            if cancel_futures {
                return callbacks::gather(|| engine.pool.cancel_queued());
            }
        }
        Ok(())
    }

    /// Workers, those that are being started included, and queued tasks.
    fn _load(slf: &Bound<'_, Self>) -> (usize, usize) {
        match Self::decision(slf) {
            // In this order: who takes a task from the queue is a worker before that.
            Decision::Native(engine) => {
                let queued = engine.pool.queued();
                (engine.pool.workers(), queued)
            }
            _ => (0, 0),
        }
    }

    /// The numbers of `stats`, as the fields of that class in their order.
    fn _numbers(slf: &Bound<'_, Self>) -> PyResult<Option<[u64; 10]>> {
        let Some(engine) = Self::engine(slf)? else {
            return Ok(None);
        };
        let stats = engine.tally.correct(engine.pool.stats());
        Ok(Some([
            stats.max_workers as u64,
            stats.workers as u64,
            stats.idle as u64,
            stats.submitted,
            stats.queued,
            stats.running,
            stats.completed,
            stats.failed,
            stats.cancelled,
            stats.rejected,
        ]))
    }

    fn _resize(slf: &Bound<'_, Self>, max_workers: usize) -> PyResult<()> {
        if let Some(engine) = Self::engine(slf)? {
            engine.pool.set_max_workers(max_workers);
            // Those that were not started are started when a task needs them.
            drop(worker::take_start_error());
        }
        Ok(())
    }

    fn _prestart(slf: &Bound<'_, Self>, workers: usize) -> PyResult<usize> {
        let Some(engine) = Self::engine(slf)? else {
            return Ok(0);
        };
        drop(worker::take_start_error());
        let started = engine.pool.prestart(workers);
        match worker::take_start_error() {
            None => Ok(started),
            Some(StartError::Refused(error) | StartError::Interrupted(error)) => Err(error),
        }
    }

    /// In the child of a fork: the workers are gone. What they had and what was queued fails; the
    /// next task starts afresh.
    fn _after_fork(slf: &Bound<'_, Self>) {
        let decision = slf.get().decision.with(slf.as_any(), |known| match known {
            Decision::Native(_) => std::mem::take(known),
            other => other.clone(),
        });
        if let Decision::Native(engine) = decision {
            lifecycle::abandon(slf.py(), &engine);
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.decision.peek(|decision| match decision {
            // While a worker lives, its thread owns them as well, and they are no garbage.
            Decision::Native(engine) if engine.pool.workers() == 0 => engine.host.traverse(&visit),
            _ => Ok(()),
        })
    }

    fn __clear__(slf: &Bound<'_, Self>) {
        let gone = slf.get().decision.with(slf.as_any(), std::mem::take);
        drop(gone);
    }
}

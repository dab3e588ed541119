//! The future: a Python object with a state, an outcome, and whoever waits for it.
//!
//! Until a worker takes the task, the object also holds what is to be called, so that a task is one
//! object and cancelling it frees its arguments at once.

use crate::{
    census::{self, Counted},
    dress::Dress,
    errors,
    guarded::Guarded,
    nested,
    phase::Phase,
    raw,
    signal::Signal,
    timeout::Limit,
    wait::sleep_until_done,
    watch::Registration,
    worker,
};
use concurrent_futures::{CancelToken, rim::Room};
use pyo3::{
    PyTraverseError, PyVisit,
    prelude::*,
    types::{PyDict, PyList, PyTuple},
};
use std::sync::{
    Arc,
    atomic::{
        AtomicBool, AtomicU8, AtomicU32,
        Ordering::{Acquire, Relaxed, Release},
    },
};

/// The base of the future that the package's users see.
#[pyclass(
    frozen,
    subclass,
    name = "Future",
    module = "concurrent_futures._native"
)]
pub(crate) struct Future {
    /// A [`Phase`]. Changed only inside of `inner.with`; read by anybody.
    phase: AtomicU8,
    /// A [`Load`]. Touched only inside of `inner.with`.
    load: AtomicU8,
    /// The task is asked to stop. Changed only inside of `inner.with`; read by anybody.
    asked: AtomicBool,
    /// The pool that the task was submitted to; 0 for none.
    pool: AtomicU32,
    inner: Guarded<Inner>,
}

/// What the two objects of a future are.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Load {
    /// Result and exception, either of which may be missing.
    Outcome,
    /// A callable, and its arguments as a tuple.
    Call,
    /// A callable, and a pair of tuple and dictionary.
    KeywordCall,
    /// A callable, and a [`Dress`].
    DressedCall,
}

#[derive(Default)]
pub(crate) struct Inner {
    first: Option<Py<PyAny>>,
    second: Option<Py<PyAny>>,
    /// Made when somebody waits for the future, or takes its condition.
    pub(crate) cold: Option<Box<Cold>>,
}

/// What few futures need.
#[derive(Default)]
pub(crate) struct Cold {
    pub(crate) callbacks: Vec<Py<PyAny>>,
    /// The callbacks as a Python list, once somebody has asked for it. Then `callbacks` is empty.
    pub(crate) callback_list: Option<Py<PyList>>,
    /// Waiters of the standard library's `wait` and `as_completed`.
    pub(crate) waiters: Option<Py<PyList>>,
    /// Waiters of our own.
    pub(crate) watches: Vec<Registration>,
    /// Threads in `result`, `exception` and the condition's `wait`.
    pub(crate) sleepers: Vec<Arc<Signal>>,
    /// The thread that holds the condition, and how often; 0 for none.
    pub(crate) owner: usize,
    pub(crate) depth: usize,
    /// Threads that want the condition.
    pub(crate) lockers: Vec<Arc<Signal>>,
    /// While the task runs, if it has asked for it.
    pub(crate) token: Option<CancelToken>,
    _counted: Counted<{ census::COLD }>,
}

/// What is to be called.
pub(crate) struct Call<'py> {
    pub(crate) function: Bound<'py, PyAny>,
    pub(crate) args: Bound<'py, PyTuple>,
    pub(crate) kwargs: Option<Bound<'py, PyDict>>,
}

/// Objects taken out of a future, to be dropped where Python code may run.
pub(crate) type Dropped = (Option<Py<PyAny>>, Option<Py<PyAny>>);

impl Cold {
    fn is_vacant(&self) -> bool {
        self.callbacks.is_empty()
            && self.callback_list.is_none()
            && self.waiters.is_none()
            && self.watches.is_empty()
            && self.sleepers.is_empty()
            && self.owner == 0
            && self.token.is_none()
            && self.lockers.is_empty()
    }
}

impl Inner {
    pub(crate) fn cold(&mut self) -> &mut Cold {
        self.cold.get_or_insert_default()
    }

    /// Gives the memory back if nobody waits any more.
    pub(crate) fn chill(&mut self) {
        if self.cold.as_ref().is_some_and(|cold| cold.is_vacant()) {
            self.cold = None;
        }
    }
}

impl Future {
    #[inline]
    pub(crate) fn phase(&self) -> Phase {
        Phase::from_u8(self.phase.load(Acquire))
    }

    /// Only inside of [`with`](Self::with).
    #[inline]
    pub(crate) fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Release);
    }

    fn load(&self) -> u8 {
        self.load.load(Relaxed)
    }

    pub(crate) fn is_asked_to_stop(&self) -> bool {
        self.asked.load(Relaxed)
    }

    /// Only inside of [`with`](Self::with).
    pub(crate) fn ask_to_stop(&self) {
        self.asked.store(true, Relaxed);
    }

    pub(crate) fn pool(&self) -> u32 {
        self.pool.load(Relaxed)
    }

    /// Whether what is to be called is still here.
    pub(crate) fn has_call(&self) -> bool {
        self.load() != Load::Outcome as u8
    }

    #[inline]
    pub(crate) fn with<R>(this: &Bound<'_, Self>, f: impl FnOnce(&Self, &mut Inner) -> R) -> R {
        let future = this.get();
        future.inner.with(this.as_any(), |inner| f(future, inner))
    }

    /// A pending future of a pool's task.
    #[inline]
    pub(crate) fn of_task<'py>(
        py: Python<'py>,
        pool: u32,
        function: Bound<'py, PyAny>,
        args: Bound<'py, PyTuple>,
        kwargs: Option<Bound<'py, PyDict>>,
        room: Option<Room>,
    ) -> PyResult<Bound<'py, Self>> {
        let (second, load) = match (room, kwargs) {
            (Some(room), kwargs) => (Dress::of(args, kwargs, room)?, Load::DressedCall),
            (None, None) => (args.into_any(), Load::Call),
            (None, Some(kwargs)) => (
                PyTuple::new(py, [args.into_any(), kwargs.into_any()])?.into_any(),
                Load::KeywordCall,
            ),
        };
        let this = raw::new_future(py)?;
        Self::with(&this, |future, inner| {
            future.load.store(load as u8, Relaxed);
            future.pool.store(pool, Relaxed);
            inner.first = Some(function.unbind());
            inner.second = Some(second.unbind());
        });
        Ok(this)
    }

    /// Takes out the objects of the call. Only inside of [`with`](Self::with).
    pub(crate) fn take_objects(&self, inner: &mut Inner) -> Dropped {
        self.load.store(Load::Outcome as u8, Relaxed);
        (inner.first.take(), inner.second.take())
    }

    /// What is to be called, if that is still here.
    pub(crate) fn callable<'py>(this: &Bound<'py, Self>) -> Option<Bound<'py, PyAny>> {
        Self::with(this, |future, inner| {
            let function = inner.first.as_ref().filter(|_| future.has_call())?;
            Some(function.bind(this.py()).clone())
        })
    }

    /// Takes out what is to be called. Only inside of [`with`](Self::with).
    #[inline]
    pub(crate) fn take_call(&self, inner: &mut Inner) -> Option<(Load, Py<PyAny>, Py<PyAny>)> {
        let load = match self.load() {
            1 => Load::Call,
            2 => Load::KeywordCall,
            3 => Load::DressedCall,
            _ => return None,
        };
        let (function, args) = self.take_objects(inner);
        Some((load, function?, args?))
    }

    /// Stores an outcome. Only inside of [`with`](Self::with).
    #[inline]
    pub(crate) fn put_outcome(
        &self,
        inner: &mut Inner,
        result: Option<Py<PyAny>>,
        exception: Option<Py<PyAny>>,
    ) -> Dropped {
        self.load.store(Load::Outcome as u8, Relaxed);
        (
            std::mem::replace(&mut inner.first, result),
            std::mem::replace(&mut inner.second, exception),
        )
    }

    /// Result and exception, as far as they are there.
    #[inline]
    pub(crate) fn outcome<'py>(
        this: &Bound<'py, Self>,
    ) -> (Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>) {
        let py = this.py();
        Self::with(this, |future, inner| {
            if future.has_call() {
                return (None, None);
            }
            let get = |place: &Option<Py<PyAny>>| place.as_ref().map(|it| it.bind(py).clone());
            (get(&inner.first), get(&inner.second))
        })
    }

    /// The exception, if it counts as one.
    pub(crate) fn raised<'py>(this: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        Self::counting(this.py(), Self::outcome(this).1)
    }

    /// Up to 3.13, an exception that says it is false is no exception.
    fn counting<'py>(
        py: Python<'py>,
        exception: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match exception {
            Some(exception) if py.version_info() < (3, 14) && !exception.is_truthy()? => Ok(None),
            other => Ok(other),
        }
    }

    /// What `result` answers once the future is done.
    #[inline]
    pub(crate) fn answer<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = this.py();
        if this.get().phase() != Phase::Finished {
            return Err(errors::cancelled(py));
        }
        let (result, exception) = Self::outcome(this);
        if exception.is_some() {
            if let Some(exception) = Self::counting(py, exception)? {
                return Err(raw::raise(&exception));
            }
        }
        Ok(result.unwrap_or_else(|| py.None().into_bound(py)))
    }

    /// Blocks until the future is done, whatever that takes: on a worker of the same pool, running
    /// the task here if nobody has begun it.
    #[inline]
    pub(crate) fn wait(this: &Bound<'_, Self>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        if this.get().phase().is_done() {
            return Ok(());
        }
        let limit = Limit::parse(timeout)?;
        if matches!(limit, Limit::Forever) && worker::current_pool() != 0 {
            return nested::wait(this);
        }
        if sleep_until_done(this, limit)? {
            Ok(())
        } else {
            Err(errors::timed_out())
        }
    }

    /// As somebody makes it by hand.
    pub(crate) const fn pending() -> Self {
        Self {
            phase: AtomicU8::new(Phase::Pending as u8),
            load: AtomicU8::new(Load::Outcome as u8),
            asked: AtomicBool::new(false),
            pool: AtomicU32::new(0),
            inner: Guarded::new(Inner {
                first: None,
                second: None,
                cold: None,
            }),
        }
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.inner.peek(|inner| {
            visit.call(&inner.first)?;
            visit.call(&inner.second)?;
            let Some(cold) = &inner.cold else {
                return Ok(());
            };
            for callback in &cold.callbacks {
                visit.call(callback)?;
            }
            visit.call(&cold.callback_list)?;
            visit.call(&cold.waiters)
        })
    }
}

//! `as_completed`: futures in the order in which they end.

use crate::{
    doomed,
    errors::{self, names},
    future::Future,
    guarded::Guarded,
    nested,
    signal::Signal,
    timeout::{Deadline, Limit},
    wait::ours,
    waits,
    watch::{Goal, Watch},
    worker,
};
use pyo3::{PyTraverseError, PyVisit, exceptions::PyTimeoutError, prelude::*, types::PySet};
use std::{collections::VecDeque, sync::Arc};

/// An iterator that lets go of each future when it gives it out.
#[pyclass(frozen, module = "concurrent_futures._native")]
pub(crate) struct AsCompleted {
    watch: Arc<Watch>,
    deadline: Deadline,
    total: usize,
    inner: Guarded<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Done when the iterator was made.
    done: Vec<Py<Future>>,
    /// The others, until they are given out.
    pending: Vec<Option<Py<Future>>>,
    left: usize,
    /// Up to here, somebody has begun all of them, or has ended them.
    begun: usize,
    /// Indices that have been taken from the watch.
    ended: VecDeque<u32>,
    running: bool,
}

enum Next {
    Future(Py<Future>),
    Finished,
    Running,
    Nothing,
}

#[pyfunction]
#[pyo3(signature = (fs, timeout = None))]
pub(crate) fn as_completed<'py>(
    fs: &Bound<'py, PyAny>,
    timeout: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    doomed::attend();
    let py = fs.py();
    let deadline = Deadline::parse(timeout)?;
    let set = py.get_type::<PySet>().call1((fs,))?.cast_into::<PySet>()?;
    let Some(futures) = ours(&set) else {
        let standard = names(py).standard_as_completed.bind(py);
        return standard.call1((set, timeout));
    };
    let iterator = AsCompleted::new(futures, deadline);
    Bound::new(py, iterator).map(Bound::into_any)
}

impl AsCompleted {
    fn new(futures: Vec<Bound<'_, Future>>, deadline: Deadline) -> Self {
        let total = futures.len();
        let (done, pending): (Vec<_>, Vec<_>) = futures
            .into_iter()
            .partition(|future| future.get().phase().is_final());
        let watch = Watch::new(Goal::Each, pending.len(), Signal::take());
        for (index, future) in (0..).zip(&pending) {
            watch.join(future, index);
        }
        Self {
            watch,
            deadline,
            total,
            inner: Guarded::new(Inner {
                done: done.into_iter().map(Bound::unbind).collect(),
                left: pending.len(),
                pending: pending
                    .into_iter()
                    .map(|future| Some(future.unbind()))
                    .collect(),
                begun: 0,
                ended: VecDeque::new(),
                running: false,
            }),
        }
    }

    fn with<R>(this: &Bound<'_, Self>, f: impl FnOnce(&mut Inner) -> R) -> R {
        this.get().inner.with(this.as_any(), f)
    }

    /// What is ready now. Marks the iterator as running if nothing is.
    fn poll(this: &Bound<'_, Self>) -> Next {
        let watch = &this.get().watch;
        Self::with(this, |inner| {
            if inner.running {
                return Next::Running;
            }
            if let Some(future) = inner.done.pop() {
                return Next::Future(future);
            }
            // Of what was forgotten, something may have ended.
            if inner.left == 0 {
                return Next::Finished;
            }
            if inner.ended.is_empty() {
                std::mem::swap(&mut inner.ended, &mut watch.ended());
            }
            if let Some(index) = inner.ended.pop_front() {
                inner.left -= 1;
                if let Some(future) = inner.pending[index as usize].take() {
                    return Next::Future(future);
                }
            }
            inner.running = true;
            Next::Nothing
        })
    }

    /// Sleeps until something has ended; `false` when the time is over.
    fn sleep(this: &Bound<'_, Self>) -> PyResult<bool> {
        let py = this.py();
        let watch = &this.get().watch;
        let limit = this.get().deadline.limit(py)?;
        let _asleep = if matches!(limit, Limit::Forever) && worker::current_pool() != 0 {
            if Self::run_one_here(this)? {
                return Ok(true);
            }
            Some(waits::fall_asleep(py, Self::last(this).iter())?)
        } else {
            None
        };
        watch.arm();
        let slept = if watch.ended().is_empty() {
            watch.signal().sleep(py, limit)
        } else {
            Ok(true)
        };
        let woken = !watch.disarm();
        match slept {
            // Somebody has the duty to wake us, so the wake-up is awaited: the signal must be clean.
            _ if woken && !matches!(slept, Ok(true)) => {
                watch.signal().sleep(py, Limit::Forever)?;
                slept
            }
            Ok(true) if woken => Ok(true),
            other => other,
        }
    }

    /// On a worker of the futures' own pool, a task that nobody has begun is run here.
    fn run_one_here(this: &Bound<'_, Self>) -> PyResult<bool> {
        loop {
            let next = Self::with(this, |inner| {
                let next = inner.pending.get(inner.begun)?;
                inner.begun += 1;
                Some(next.as_ref().map(|future| future.clone_ref(this.py())))
            });
            match next {
                None => return Ok(false),
                Some(Some(future)) if nested::run_here(future.bind(this.py()))? => return Ok(true),
                Some(_) => {}
            }
        }
    }

    /// The one that is left, if it is the only one.
    fn last<'py>(this: &Bound<'py, Self>) -> Option<Bound<'py, Future>> {
        let py = this.py();
        Self::with(this, |inner| {
            let mut left = inner.pending.iter().flatten();
            let last = left.next()?;
            left.next().is_none().then(|| last.bind(py).clone())
        })
    }

    /// Forgets what has not been given out, and takes the watch back from it.
    fn forget(this: &Bound<'_, Self>) {
        let gone = Self::with(this, std::mem::take);
        for future in gone.pending.iter().flatten() {
            this.get().watch.leave(future.bind(this.py()));
        }
    }

    fn out_of_time(this: &Bound<'_, Self>) -> PyErr {
        let left = Self::with(this, |inner| inner.left);
        let total = this.get().total;
        PyTimeoutError::new_err(format!("{left} (of {total}) futures unfinished"))
    }
}

#[pymethods]
impl AsCompleted {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Option<Py<Future>>> {
        loop {
            match Self::poll(slf) {
                Next::Future(future) => return Ok(Some(future)),
                Next::Finished => return Ok(None),
                Next::Running => {
                    return Err(errors::already_executing());
                }
                Next::Nothing => {}
            }
            let slept = Self::sleep(slf);
            Self::with(slf, |inner| inner.running = false);
            let in_time = match slept {
                Ok(in_time) => in_time,
                Err(error) => {
                    Self::forget(slf);
                    return Err(error);
                }
            };
            if !in_time && slf.get().watch.ended().is_empty() {
                let error = Self::out_of_time(slf);
                Self::forget(slf);
                return Err(error);
            }
        }
    }

    /// Ends the iteration. The tasks go on.
    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        // Whoever sleeps in it would not be woken any more.
        if Self::with(slf, |inner| inner.running) {
            return Err(errors::already_executing());
        }
        Self::forget(slf);
        Ok(())
    }

    fn __length_hint__(slf: &Bound<'_, Self>) -> usize {
        Self::with(slf, |inner| inner.done.len() + inner.left)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.inner.peek(|inner| {
            for future in inner.done.iter().chain(inner.pending.iter().flatten()) {
                visit.call(future)?;
            }
            Ok(())
        })
    }

    fn __clear__(slf: &Bound<'_, Self>) {
        Self::forget(slf);
    }
}

impl Drop for AsCompleted {
    fn drop(&mut self) {
        let inner = std::mem::take(self.inner.get_mut());
        if inner.left > 0 {
            Python::attach(|py| {
                for future in inner.pending.iter().flatten() {
                    self.watch.leave(future.bind(py));
                }
            });
        }
    }
}

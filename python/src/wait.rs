//! `wait`, and the sleep of `result` and `exception`.

use crate::{
    condition::forget,
    doomed,
    errors::names,
    future::Future,
    nested,
    signal::Signal,
    timeout::Limit,
    waits,
    watch::{Goal, Watch},
    worker,
};
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PySet, PyString},
};
use std::sync::Arc;

/// Sleeps until the future is done (`true`) or until the limit.
pub(crate) fn sleep_until_done(this: &Bound<'_, Future>, limit: Limit) -> PyResult<bool> {
    loop {
        let signal = Signal::take();
        let listed = Future::with(this, |future, inner| {
            let waits = !future.phase().is_done();
            if waits {
                inner.cold().sleepers.push(Arc::clone(&signal));
            }
            waits
        });
        if !listed {
            Signal::give_back(signal);
            return Ok(true);
        }
        let slept = signal.sleep(this.py(), limit);
        let woken = matches!(slept, Ok(true));
        let listed = !woken
            && Future::with(this, |_, inner| {
                let cold = inner.cold.as_mut();
                let listed = cold.is_some_and(|cold| forget(&mut cold.sleepers, &signal));
                inner.chill();
                listed
            });
        // Off the list and not woken: the wake-up is still to come, and this signal is not clean.
        if woken || listed {
            Signal::give_back(signal);
        }
        let in_time = slept?;
        // A notice may also come by hand, through the condition, and mean nothing.
        if this.get().phase().is_done() {
            return Ok(true);
        }
        if !in_time {
            return Ok(false);
        }
    }
}

/// The distinct futures, or nothing if one is not of ours.
pub(crate) fn ours<'py>(set: &Bound<'py, PySet>) -> Option<Vec<Bound<'py, Future>>> {
    set.iter()
        .map(|future| future.cast_into::<Future>().ok())
        .collect()
}

#[pyfunction]
#[pyo3(signature = (fs, timeout = None, return_when = None))]
pub(crate) fn wait<'py>(
    fs: &Bound<'py, PyAny>,
    timeout: Option<&Bound<'py, PyAny>>,
    return_when: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    doomed::attend();
    let py = fs.py();
    let all = PyString::intern(py, "ALL_COMPLETED").into_any();
    let return_when = return_when.unwrap_or(&all);
    let set = py.get_type::<PySet>().call1((fs,))?.cast_into::<PySet>()?;
    let Some(futures) = ours(&set) else {
        let standard = names(py).standard_wait.bind(py);
        return standard.call1((set, timeout, return_when));
    };
    let pending: Vec<_> = futures
        .iter()
        .filter(|future| !future.get().phase().is_final())
        .collect();
    let goal = goal(return_when)?;
    if !pending.is_empty() && !met(goal, &futures, pending.len()) {
        let goal = goal.ok_or_else(|| invalid_condition(return_when))?;
        let limit = Limit::parse(timeout)?;
        sleep(py, &pending, goal, limit)?;
    }
    partition(py, &futures)
}

fn goal(return_when: &Bound<'_, PyAny>) -> PyResult<Option<Goal>> {
    let Ok(name) = return_when.cast::<PyString>() else {
        return Ok(None);
    };
    Ok(match name.to_str()? {
        "FIRST_COMPLETED" => Some(Goal::First),
        "FIRST_EXCEPTION" => Some(Goal::FirstException),
        "ALL_COMPLETED" => Some(Goal::All),
        _ => None,
    })
}

fn invalid_condition(return_when: &Bound<'_, PyAny>) -> PyErr {
    match return_when.repr() {
        Ok(repr) => PyValueError::new_err(format!("Invalid return condition: {repr}")),
        Err(error) => error,
    }
}

/// Whether those that are done already are enough, though not all are.
fn met(goal: Option<Goal>, futures: &[Bound<'_, Future>], pending: usize) -> bool {
    match goal {
        Some(Goal::First) => pending < futures.len(),
        Some(Goal::FirstException) => futures.iter().any(has_raised),
        _ => false,
    }
}

fn has_raised(future: &Bound<'_, Future>) -> bool {
    future.get().phase().is_final() && Future::outcome(future).1.is_some()
}

fn sleep(py: Python<'_>, pending: &[&Bound<'_, Future>], goal: Goal, limit: Limit) -> PyResult<()> {
    let _asleep = if matches!(limit, Limit::Forever) && worker::current_pool() != 0 {
        if run_here(pending, goal)? {
            return Ok(());
        }
        // Of several, one is enough, and any of them may come.
        let needed = goal == Goal::All || pending.len() == 1;
        Some(waits::fall_asleep(
            py,
            pending.iter().copied().filter(|_| needed),
        )?)
    } else {
        None
    };
    let signal = Signal::take();
    let watch = Watch::new(goal, pending.len(), Arc::clone(&signal));
    for future in pending {
        watch.join(future, 0);
    }
    let slept = signal.sleep(py, limit);
    for future in pending {
        watch.leave(future);
    }
    // Nobody can be told any more, unless somebody has been.
    if matches!(slept, Ok(true)) || watch.disarm() {
        Signal::give_back(signal);
    }
    slept.map(|_| ())
}

/// On a worker of the futures' own pool: runs those that nobody has begun, one by one, until enough are
/// done. Whether enough are.
fn run_here(pending: &[&Bound<'_, Future>], goal: Goal) -> PyResult<bool> {
    let mut left = pending.len();
    for future in pending {
        if !nested::run_here(future)? {
            continue;
        }
        left -= 1;
        let met = match goal {
            Goal::First => true,
            Goal::FirstException => has_raised(future),
            Goal::All | Goal::Each => false,
        };
        if met {
            return Ok(true);
        }
    }
    Ok(left == 0)
}

fn partition<'py>(py: Python<'py>, futures: &[Bound<'py, Future>]) -> PyResult<Bound<'py, PyAny>> {
    let (done, not_done): (Vec<_>, Vec<_>) = futures
        .iter()
        .partition(|future| future.get().phase().is_final());
    let pair = (PySet::new(py, done)?, PySet::new(py, not_done)?);
    names(py).done_and_not_done.bind(py).call1(pair)
}

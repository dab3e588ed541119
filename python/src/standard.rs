//! A shortcut for the most usual waiter of the standard library, that of `wait` for all.

use crate::{errors::names, future::Future, raw, watch::End};
use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyList},
};

/// Does what `add_result` of `_AllCompletedWaiter` does, without calling Python code. `false` if this
/// is not that waiter, or its lock is taken, or more is to be done: then the method itself is called.
pub(crate) fn count_down(
    waiter: &Bound<'_, PyAny>,
    future: &Bound<'_, Future>,
    end: End,
) -> PyResult<bool> {
    let py = waiter.py();
    let class = names(py).all_completed_waiter.bind(py);
    if end != End::Value || !waiter.get_type().is(class) {
        return Ok(false);
    }
    let fields = raw::fields(waiter)?;
    let Some(lock) = fields.get_item(intern!(py, "lock"))? else {
        return Ok(false);
    };
    let acquired = lock.call_method1(intern!(py, "acquire"), (false,))?;
    if !acquired.is_truthy()? {
        return Ok(false);
    }
    let counted = count(&fields, future);
    lock.call_method0(intern!(py, "release"))?;
    counted
}

/// Under the waiter's lock.
fn count(waiter: &Bound<'_, PyDict>, future: &Bound<'_, Future>) -> PyResult<bool> {
    let py = waiter.py();
    let name = intern!(py, "num_pending_calls");
    let finished = waiter.get_item(intern!(py, "finished_futures"))?;
    let (Some(left), Some(finished)) = (waiter.get_item(name)?, finished) else {
        return Ok(false);
    };
    let left: isize = left.extract()?;
    // The last one wakes the sleeper: that is left to the method.
    if left <= 1 {
        return Ok(false);
    }
    finished.cast_into::<PyList>()?.append(future)?;
    waiter.set_item(name, left - 1)?;
    Ok(true)
}

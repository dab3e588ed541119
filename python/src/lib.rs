//! The native half of the Python package `concurrent_futures`.
//!
//! [ARCHITECTURE](../ARCHITECTURE.md) says who holds what and who may touch what. In short: a task
//! is a [`Future`](future::Future), a Python object; the queue that it goes through, the account of
//! idle workers and the workers' loop are those of the crate.

#![deny(unsafe_code)]

// In the order in which a task meets them.
mod executor;
mod admission;
mod dress;
mod engine;
mod host;
mod birth;
mod worker;
mod running;
mod work;
mod future;
mod methods;
mod ending;
mod standard;
mod callbacks;
mod token;
mod profile;

// Waiting.
mod condition;
mod nested;
mod waits;
mod wait;
mod watch;
mod as_completed;
mod map;

mod census;
mod tally;
mod errors;
mod lifecycle;
mod phase;
mod queue;
mod timeout;

#[allow(unsafe_code)] // the C library's list of clean-ups of a thread
mod doomed;
#[allow(unsafe_code)] // shares a cell under the interpreter's own lock
mod guarded;
#[allow(unsafe_code)] // calls the interpreter's functions that PyO3 does not wrap
mod raw;
#[allow(unsafe_code)] // the interpreter's own kind of semaphore
mod signal;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    errors::load(module.py())?;
    phase::Phase::load_names(module.py());
    // Not among the names of the module, but made with it, for the same reason.
    module.py().get_type::<birth::Birth>();
    module.py().get_type::<dress::Dress>();
    module.py().get_type::<profile::Profiled>();
    module.add_class::<executor::Executor>()?;
    module.add_class::<future::Future>()?;
    module.add_class::<condition::Condition>()?;
    module.add_class::<queue::WorkQueue>()?;
    module.add_class::<as_completed::AsCompleted>()?;
    module.add_class::<map::Map>()?;
    module.add_class::<worker::Worker>()?;
    module.add_class::<token::Token>()?;
    module.add_class::<profile::PyRecording>()?;
    module.add_class::<profile::Snapshot>()?;
    module.add_function(wrap_pyfunction!(token::current_token, module)?)?;
    module.add_function(wrap_pyfunction!(token::check_cancelled, module)?)?;
    module.add_function(wrap_pyfunction!(wait::wait, module)?)?;
    module.add_function(wrap_pyfunction!(as_completed::as_completed, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::begin_exit, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::forget_starts, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::counts, module)?)?;
    module.add_function(wrap_pyfunction!(census::census, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::future_class, module)?)?;
    Ok(())
}

//! What becomes of a task at the door of a bounded pool.
//!
//! A worker that submits to its own pool is never held back, refused or made to run the task: if all
//! workers waited for room, nobody would make any. Its task counts, though.

use crate::{engine::Engine, errors, signal::Signal, timeout::Limit, worker};
use concurrent_futures::rim::{Answer, Room};
use pyo3::{exceptions::PyValueError, prelude::*};
use std::sync::Arc;

/// What a submit does that finds no room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    Block,
    Reject,
    CallerRuns,
    DiscardOldest,
}

impl WhenFull {
    pub(crate) fn from_name(name: &str) -> PyResult<Self> {
        Ok(match name {
            "block" => Self::Block,
            "reject" => Self::Reject,
            "caller_runs" => Self::CallerRuns,
            "discard_oldest" => Self::DiscardOldest,
            _ => {
                let message = format!("when_full cannot be {name:?}");
                return Err(PyValueError::new_err(message));
            }
        })
    }
}

#[must_use]
pub(crate) enum Admission {
    /// It may be queued, and takes this room, if the pool is bounded and open.
    Enter(Option<Room>),
    /// It may be queued, and then older ones give way.
    Displace(Option<Room>),
    /// The submitting thread runs it.
    RunHere,
}

/// Decides on a task of a bounded pool; may wait for room, detached from the interpreter.
pub(crate) fn admit(py: Python<'_>, engine: &Engine) -> PyResult<Admission> {
    let pool = &engine.pool;
    // A closed pool will refuse the task, and say why.
    if pool.is_closed() {
        return Ok(Admission::Enter(None));
    }
    if let Some(room) = pool.try_room() {
        return Ok(Admission::Enter(Some(room)));
    }
    match engine.when_full {
        WhenFull::DiscardOldest => Ok(Admission::Displace(pool.force_room())),
        _ if worker::current_pool() == engine.host.pool => Ok(Admission::Enter(pool.force_room())),
        WhenFull::Block => wait_for_room(py, engine).map(Admission::Enter),
        WhenFull::Reject => {
            engine.tally.reject();
            Err(errors::queue_full(py))
        }
        WhenFull::CallerRuns => Ok(Admission::RunHere),
    }
}

/// No room, if the pool was closed meanwhile.
fn wait_for_room(py: Python<'_>, engine: &Engine) -> PyResult<Option<Room>> {
    let signal = Signal::take();
    let waking = Arc::clone(&signal);
    let Some(mut guest) = engine.pool.line_up(move || waking.wake()) else {
        return Ok(None);
    };
    loop {
        let room = match guest.ask() {
            Answer::Enter(room) => Some(room),
            Answer::Closed => None,
            Answer::Wait => {
                // An exception of a signal handler leaves the line.
                signal.sleep(py, Limit::Forever)?;
                continue;
            }
        };
        return Ok(room);
    }
}

//! A worker that waits, with no limit in time, for a task of its own pool never waits for want of a
//! worker.
//!
//! - A task that nobody has begun is run in place, above the one that waits, by the transition that
//!   every worker uses. Its place in the queue stays, and is passed over.
//! - If it runs elsewhere, the waiter sleeps. Then a worker is at work at the end of each chain of
//!   waits, or the chain is a circle, and whoever closes it is told; see [`waits`].
//!
//! Only what is waited for is run so, never another task of the queue. Where a good part of the stack
//! is used up, the task goes to a thread of its own, for which the waiter sleeps: no more threads are
//! at work then than before.

use crate::{
    ending::Teller,
    errors::names,
    future::Future,
    running, tally,
    timeout::Limit,
    wait::sleep_until_done,
    waits,
    work::{self, Awaited},
    worker,
};
use concurrent_futures::rim;
use pyo3::{prelude::*, types::PyString};
use std::cell::{Cell, RefCell};

/// Waits without a limit, on a worker.
pub(crate) fn wait(this: &Bound<'_, Future>) -> PyResult<()> {
    if !run_here(this)? {
        let _asleep = waits::fall_asleep(this.py(), [this])?;
        sleep_until_done(this, Limit::Forever)?;
    }
    Ok(())
}

/// Has a task run that the calling worker waits for, if it is of its own pool and nobody has begun it.
/// Whether it is done now.
pub(crate) fn run_here(future: &Bound<'_, Future>) -> PyResult<bool> {
    let pool = future.get().pool();
    if pool == 0 || pool != worker::current_pool() || !future.get().has_call() {
        return Ok(false);
    }
    let level = Level::here(future.py());
    if level.is_deep(future.py()) && rim::run_on_stand_in(Awaited::new(future)) {
        let _asleep = waits::fall_asleep(future.py(), [future])?;
        sleep_until_done(future, Limit::Forever)?;
    } else {
        // A thread that could not be started is no matter of whoever submits next.
        drop(worker::take_start_error());
        level.under(|| running::run_above(future, || run_beside_queue(future, pool)));
    }
    Ok(future.get().phase().is_done())
}

/// Runs a task whose place in the queue stays behind.
pub(crate) fn run_beside_queue(future: &Bound<'_, Future>, pool: u32) {
    let tally = tally::of(pool);
    let ended = work::run(future, Teller::Caller, || {
        if let Some(tally) = &tally {
            tally.begin();
        }
    });
    if let Some(tally) = &tally {
        tally.end(ended);
    }
}

/// How deep a worker's stack is where a task waits.
#[derive(Clone, Copy)]
struct Level {
    /// The frame that waits. It lives as long as the level, and is compared only.
    frame: usize,
    /// How many frames there are up to it.
    depth: usize,
}

thread_local! {
    static LEVELS: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
    /// Where the stack of this worker begins.
    static BASE: Cell<usize> = const { Cell::new(0) };
}

#[inline(never)]
fn stack_pointer() -> usize {
    let local = 0_u8;
    (&raw const local).addr()
}

/// The calling thread begins to be a worker.
pub(crate) fn mark_base() {
    BASE.set(stack_pointer());
}

impl Level {
    /// Of the native stack. Threads have eight megabytes as a rule, and hardly anywhere less than one.
    const MOST_BYTES: usize = 256 * 1024;
    /// The part of the recursion limit: in some versions each of our levels counts twice, and the task
    /// needs some for itself.
    const PART: usize = 4;

    fn here(py: Python<'_>) -> Self {
        let below = LEVELS.with_borrow(|levels| levels.last().copied());
        Self::above(py, below).unwrap_or(Self { frame: 0, depth: 0 })
    }

    /// Counts frames down to the level below, or to the bottom.
    fn above(py: Python<'_>, below: Option<Self>) -> PyResult<Self> {
        let mut frame = names(py).getframe.bind(py).call0()?;
        let here = frame.as_ptr() as usize;
        let f_back = PyString::intern(py, "f_back");
        let mut count = 0;
        while !frame.is_none() {
            if let Some(below) = below.filter(|below| below.frame == frame.as_ptr() as usize) {
                count += below.depth;
                break;
            }
            count += 1;
            frame = frame.getattr(&f_back)?;
        }
        Ok(Self {
            frame: here,
            depth: count,
        })
    }

    fn is_deep(self, py: Python<'_>) -> bool {
        if BASE.get().saturating_sub(stack_pointer()) > Self::MOST_BYTES {
            return true;
        }
        let limit = names(py).recursion_limit.bind(py).call0();
        let limit = limit.and_then(|limit| limit.extract::<usize>());
        self.depth >= limit.unwrap_or(1000) / Self::PART
    }

    fn under<R>(self, run: impl FnOnce() -> R) -> R {
        LEVELS.with_borrow_mut(|levels| levels.push(self));
        let result = run();
        LEVELS.with_borrow_mut(Vec::pop);
        result
    }
}

//! How a thread that uses Python sleeps: on the interpreter's own kind of lock, because that one
//! comes back when a signal (Ctrl-C) arrives.

use crate::{
    census::{self, Counted},
    timeout::Limit,
};
use pyo3::prelude::*;
use std::{
    cell::Cell,
    ffi::{c_int, c_longlong, c_void},
    sync::Arc,
    time::{Duration, Instant},
};

type RawLock = *mut c_void;

unsafe extern "C" {
    fn PyThread_allocate_lock() -> RawLock;
    fn PyThread_free_lock(lock: RawLock);
    fn PyThread_acquire_lock_timed(
        lock: RawLock,
        micros: c_longlong,
        interruptible: c_int,
    ) -> c_int;
    fn PyThread_release_lock(lock: RawLock);
}

const ACQUIRED: c_int = 1;
const INTERRUPTED: c_int = 2;

/// A place to sleep for one thread. Whoever takes it off the list where the sleeper left it wakes
/// it, once.
pub(crate) struct Signal {
    lock: RawLock,
    _counted: Counted<{ census::SIGNAL }>,
}

// SAFETY: such a lock may be acquired and released by any thread.
unsafe impl Send for Signal {}
// SAFETY: the same.
unsafe impl Sync for Signal {}

thread_local! {
    /// The one this thread used last, if it was left clean. Taken out while in use, because a signal
    /// handler that runs during a sleep may sleep itself.
    static SPARE: Cell<Option<Arc<Signal>>> = const { Cell::new(None) };
}

impl Signal {
    pub(crate) fn take() -> Arc<Self> {
        SPARE.take().unwrap_or_else(|| {
            // SAFETY: the function has no precondition; the new lock is free, so it is acquired.
            let lock = unsafe {
                let lock = PyThread_allocate_lock();
                assert!(!lock.is_null(), "no memory for a lock");
                PyThread_acquire_lock_timed(lock, 0, 0);
                lock
            };
            Arc::new(Self {
                lock,
                _counted: Counted::default(),
            })
        })
    }

    /// Keeps a signal for the next sleep of this thread: it was woken and has slept, or is on no list
    /// any more and was not woken.
    pub(crate) fn give_back(signal: Arc<Self>) {
        let _ = SPARE.try_with(|spare| spare.set(Some(signal)));
    }

    /// Wakes the sleeper, now or when it comes to sleeping. At most once per sleep.
    pub(crate) fn wake(&self) {
        // SAFETY: the lock is held, by the sleeper that took the signal.
        unsafe { PyThread_release_lock(self.lock) };
    }

    /// Sleeps, detached from the interpreter, until woken (`true`) or until the limit. Signal
    /// handlers run in between, and what they raise ends the sleep.
    pub(crate) fn sleep(&self, py: Python<'_>, limit: Limit) -> PyResult<bool> {
        loop {
            // As a number: a pointer does not go into a detached section.
            let lock = self.lock as usize;
            let acquire = |micros, interruptible| {
                // SAFETY: the lock lives as long as `self`.
                unsafe { PyThread_acquire_lock_timed(lock as RawLock, micros, interruptible) }
            };
            if !limit.is_over() {
                if py.detach(|| linger(|| acquire(0, 0) == ACQUIRED)) {
                    return Ok(true);
                }
                // What has come until now would not interrupt the sleep.
                py.check_signals()?;
            }
            let micros = match limit {
                Limit::Forever => -1,
                Limit::Poll => 0,
                Limit::Until(deadline) => micros_until(deadline),
            };
            let state = py.detach(|| acquire(micros, 1));
            match state {
                ACQUIRED => return Ok(true),
                INTERRUPTED => py.check_signals()?,
                _ if limit.is_over() => return Ok(false),
                _ => {}
            }
        }
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        // SAFETY: nobody else knows the lock any more.
        unsafe { PyThread_free_lock(self.lock) };
    }
}

thread_local! {
    /// Lingers of this thread that did not pay, since the last one that did.
    static MISSES: Cell<u32> = const { Cell::new(0) };
}

/// Gives way for a moment before sleeping, without the interpreter: to wake a processor that has
/// gone to sleep takes longer than a short task. A thread for which that does not pay stops it, and
/// tries again now and then. Whether `come` came true.
fn linger(come: impl Fn() -> bool) -> bool {
    const MOMENT: Duration = Duration::from_micros(50);
    const GIVE_UP: u32 = 4;
    const TRY_AGAIN: u32 = 32;
    let misses = MISSES.get();
    if misses >= GIVE_UP && misses % TRY_AGAIN != 0 {
        MISSES.set(misses.wrapping_add(1));
        return false;
    }
    let start = Instant::now();
    while start.elapsed() < MOMENT {
        std::thread::yield_now();
        if come() {
            MISSES.set(0);
            return true;
        }
    }
    MISSES.set(misses.wrapping_add(1));
    false
}

/// At most a day at a time, which is below every system's limit.
fn micros_until(deadline: Instant) -> c_longlong {
    const DAY: Duration = Duration::from_secs(86_400);
    let left = deadline.saturating_duration_since(Instant::now()).min(DAY);
    // Rounded up, so that a sleep is never too short.
    c_longlong::try_from(left.as_nanos().div_ceil(1000)).unwrap_or(c_longlong::MAX)
}

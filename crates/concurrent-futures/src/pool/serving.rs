//! Which pool the calling thread is at work for without being its worker: it starts a thread, or ends
//! what was queued.
//!
//! User code that runs meanwhile (a thread factory, a callback, a destructor) must not wait for room
//! in the queue of that pool, since it is this thread that has to make some; and a thread factory must
//! not wait for the end of the workers of which it is to start one.

use crate::sync::thread_local;
use std::cell::Cell;

thread_local! {
    /// The pool's id, and what is done for it.
    static SERVED: Cell<(u64, Service)> = const { Cell::new((0, Service::Ending)) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// A worker is started.
    Starting,
    /// What was queued is ended.
    Ending,
}

/// As long as this lives.
#[must_use]
pub(super) struct Serving {
    before: (u64, Service),
}

impl Serving {
    pub(super) fn begin(pool: u64, service: Service) -> Self {
        Self {
            before: SERVED.with(|served| served.replace((pool, service))),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        SERVED.with(|served| served.set(self.before));
    }
}

pub(super) fn is_served_here(pool: u64) -> bool {
    SERVED.with(Cell::get).0 == pool
}

pub(super) fn is_started_here(pool: u64) -> bool {
    SERVED.with(Cell::get) == (pool, Service::Starting)
}

//! Which pool the calling thread is at work for without being its worker: it starts a thread, or ends
//! what was queued.
//!
//! User code that runs meanwhile (a thread factory, a callback, a destructor) must not wait for room
//! in the queue of that pool, since it is this thread that has to make some.

use crate::sync::thread_local;
use std::cell::Cell;

thread_local! {
    /// The pool's id.
    static SERVED: Cell<u64> = const { Cell::new(0) };
}

/// As long as this lives.
#[must_use]
pub(super) struct Serving {
    before: u64,
}

impl Serving {
    pub(super) fn begin(pool: u64) -> Self {
        Self {
            before: SERVED.with(|served| served.replace(pool)),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        SERVED.with(|served| served.set(self.before));
    }
}

pub(super) fn is_served_here(pool: u64) -> bool {
    SERVED.with(Cell::get) == pool
}

//! A worker's place to sleep.

use crate::sync::{Acquire, AtomicU32, Relaxed, Release, Thread, current, park_until};
use std::{sync::Arc, time::Instant};

const ASLEEP: u32 = 0;
const WOKEN: u32 = 1;
const DISMISSED: u32 = 2;

/// How a sleep ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waking {
    /// There may be work: the worker counts as searching.
    Woken,
    /// There is one worker too many: this one does not count any more, and ends.
    Dismissed,
    /// The time is over. Where the worker is counted has not changed.
    Expired,
}

pub(crate) struct Sleeper {
    thread: Thread,
    state: AtomicU32,
}

impl Sleeper {
    /// For the calling thread.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            thread: current(),
            state: AtomicU32::new(ASLEEP),
        })
    }

    /// Sleeps until told or until the deadline. User code of the same thread may have left a wake-up
    /// behind or taken one away before, so the state decides.
    pub(crate) fn sleep(&self, deadline: Option<Instant>) -> Waking {
        loop {
            match self.state.load(Acquire) {
                ASLEEP => {}
                DISMISSED => return Waking::Dismissed,
                _ => {
                    // Whoever wakes next finds this thread on the stack again, and so comes after this.
                    self.state.store(ASLEEP, Relaxed);
                    return Waking::Woken;
                }
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Waking::Expired;
            }
            park_until(deadline);
        }
    }

    pub(crate) fn wake(&self) {
        self.tell(WOKEN);
    }

    /// The worker is off the stack and off the word.
    pub(crate) fn dismiss(&self) {
        self.tell(DISMISSED);
    }

    fn tell(&self, state: u32) {
        self.state.store(state, Release);
        self.thread.unpark();
    }
}

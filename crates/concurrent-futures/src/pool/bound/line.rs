//! The line of those who wait for room.

use super::{Bound, CLOSED, WAITED};
use crate::{
    sync::{
        AcqRel, Acquire, AtomicU32, MutexGuard, Relaxed, Release, Thread, current, lock,
        park_until, spin_until,
    },
    time::Limit,
};
use std::{collections::VecDeque, sync::Arc};

/// What whoever waits is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing yet.
    None,
    /// Its weight was counted as taken.
    Served,
    /// The bound was closed.
    Closed,
}

const NONE: u32 = 0;
const SERVED: u32 = 1;
const CLOSED_DOWN: u32 = 2;

/// Somebody in line. Told under the lock of the line, when taken off it.
pub(super) struct Waiter {
    weight: usize,
    answer: AtomicU32,
    call: Call,
}

/// How to wake whoever waits. Called outside the lock, once, after the answer was written.
pub(super) enum Call {
    Thread(Thread),
    #[cfg(feature = "rim")]
    Function(Box<dyn Fn() + Send + Sync>),
}

impl Call {
    fn wake(&self) {
        match self {
            Self::Thread(thread) => thread.unpark(),
            #[cfg(feature = "rim")]
            Self::Function(wake) => wake(),
        }
    }
}

type Line<'a> = MutexGuard<'a, VecDeque<Arc<Waiter>>>;

impl Waiter {
    fn new(weight: usize, call: Call) -> Arc<Self> {
        Arc::new(Self {
            weight,
            answer: AtomicU32::new(NONE),
            call,
        })
    }

    pub(super) fn answer(&self) -> Answer {
        match self.answer.load(Acquire) {
            NONE => Answer::None,
            SERVED => Answer::Served,
            _ => Answer::Closed,
        }
    }

    fn sleep(&self, limit: Limit) {
        let is_answered = || self.answer() != Answer::None;
        if spin_until(is_answered) {
            return;
        }
        while !is_answered() && !limit.is_over() {
            park_until(limit.deadline());
        }
    }
}

impl Bound {
    /// Waits in line until there is room for `weight`. `Answer::None` if the time is over first.
    pub(super) fn wait(&self, weight: usize, limit: Limit) -> Answer {
        let waiter = match self.enlist(weight, Call::Thread(current())) {
            Ok(waiter) => waiter,
            Err(answer) => return answer,
        };
        waiter.sleep(limit);
        match waiter.answer() {
            Answer::None => self.leave(&waiter),
            answer => answer,
        }
    }

    /// Joins the line, unless there is an answer at once.
    pub(super) fn enlist(&self, weight: usize, call: Call) -> Result<Arc<Waiter>, Answer> {
        let mut line = lock(&self.line);
        let before = self.taken.fetch_or(WAITED, AcqRel);
        if before & CLOSED != 0 {
            self.unlock(line);
            return Err(Answer::Closed);
        }
        if line.is_empty() && self.fits(weight, 0) {
            self.unlock(line);
            return Err(Answer::Served);
        }
        let waiter = Waiter::new(weight, call);
        line.push_back(Arc::clone(&waiter));
        Ok(waiter)
    }

    /// The time of a waiter is over, unless it was told something just now.
    pub(super) fn leave(&self, waiter: &Arc<Waiter>) -> Answer {
        let mut line = lock(&self.line);
        line.retain(|other| !Arc::ptr_eq(other, waiter));
        self.unlock(line);
        // Those behind may fit where this one did not.
        self.serve();
        waiter.answer()
    }

    /// Lets in who fits, in order.
    #[cold]
    pub(super) fn serve(&self) {
        self.tell(SERVED, |waiter| self.fits(waiter.weight, 0));
    }

    /// Lets in who waits, without a permit.
    pub(super) fn dismiss(&self) {
        self.tell(CLOSED_DOWN, |_| true);
    }

    /// Tells those at the front of the line, as far as `whom` says. Each is woken outside the lock.
    fn tell(&self, answer: u32, whom: impl Fn(&Waiter) -> bool) {
        loop {
            let mut line = lock(&self.line);
            let next = line.front().is_some_and(|waiter| whom(waiter));
            let told = if next { line.pop_front() } else { None };
            if let Some(waiter) = &told {
                waiter.answer.store(answer, Release);
            }
            self.unlock(line);
            match told {
                Some(waiter) => waiter.call.wake(),
                None => return,
            }
        }
    }

    /// Leaves the line to others, with the flag as it must be.
    fn unlock(&self, line: Line<'_>) {
        if line.is_empty() {
            self.taken.fetch_and(!WAITED, Relaxed);
        }
        drop(line);
    }
}

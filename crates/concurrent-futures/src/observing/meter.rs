//! The clocks of a thread: how long it used a processor, and how long it waited for one.
//!
//! To read a clock is a system call, and the short task of a busy worker takes less than that. So a clock
//! is read at the end of a task if some time has passed since the last reading, and the tasks between are
//! given their part. At the start of a task it is read if the thread did something else before, which is
//! no task's; a short step from task to task is taken as work.

use super::account::Account;
use crate::{schedstat::waited_by_thread, task::clock::used_by_thread};

/// Between two readings at the ends of tasks, in nanoseconds: a reading costs about a hundredth of that.
const USED_EVERY: u64 = 50_000;
/// The same for the other clock, which is a file.
const WAITED_EVERY: u64 = 1_000_000;
/// A longer one between two tasks is a rest.
const STEP: u64 = 20_000;

/// What a thread has spent its time with, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    pub(super) time: u64,
    pub(super) cpu: u64,
    pub(super) contended: u64,
}

/// All moments are in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    /// Up to when the thread's time is accounted for.
    until: u64,
    used: Account,
    used_read: u64,
    waited: Account,
    waited_read: u64,
}

impl Meter {
    /// For a thread that begins with a task.
    pub(super) fn new(now: u64) -> Self {
        let mut meter = Self {
            until: now,
            used: Account::new(true),
            used_read: now,
            waited: Account::new(false),
            waited_read: now,
        };
        meter.used.restart(used_by_thread().unwrap_or(0));
        meter.waited.restart(waited_by_thread().unwrap_or(0));
        meter
    }

    /// How long the thread did something since it was last asked.
    fn advance(&mut self, now: u64) -> u64 {
        let before = self.until;
        self.until = now.max(before);
        self.until - before
    }

    /// A task begins, and before it there was none.
    pub(super) fn begin(&mut self, now: u64) {
        let step = self.advance(now);
        if step < STEP {
            self.used.add_beside(step);
            return;
        }
        if let Some(reading) = used_by_thread() {
            self.used.restart(reading);
            self.used_read = self.until;
        }
        if self.until - self.waited_read >= WAITED_EVERY {
            if let Some(reading) = waited_by_thread() {
                self.waited.restart(reading);
            }
            self.waited_read = self.until;
        }
    }

    /// A task has had the thread's time up to now.
    pub(super) fn charge(&mut self, now: u64) -> Spent {
        let time = self.advance(now);
        let cpu = match self.read_used() {
            Some(reading) => self.used.settle(reading, time),
            None => self.used.estimate(time),
        };
        let idle = time - cpu;
        let contended = match self.read_waited() {
            Some(reading) => self.waited.settle(reading, idle),
            None => self.waited.estimate(idle),
        };
        Spent {
            time,
            cpu,
            contended,
        }
    }

    fn read_used(&mut self) -> Option<u64> {
        if self.until - self.used_read < USED_EVERY {
            return None;
        }
        self.used_read = self.until;
        used_by_thread()
    }

    fn read_waited(&mut self) -> Option<u64> {
        if self.until - self.waited_read < WAITED_EVERY {
            return None;
        }
        self.waited_read = self.until;
        waited_by_thread()
    }
}

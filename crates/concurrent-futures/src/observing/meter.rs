//! The clocks of a thread: how long it used a processor, and how long it waited for one.
//!
//! To read a clock is a system call, and the short task of a busy worker takes less than that. So a clock
//! is read at the end of a task if some time has passed since the last reading, and the tasks between are
//! given their part. At the start of a task it is read if the thread did something else before, which is
//! no task's; a short step from task to task is taken as work.

use super::account::Account;
use crate::{schedstat::waited_by_thread, task::clock::used_by_thread};
use std::time::{Duration, Instant};

/// Between two readings at the ends of tasks: a reading costs about a hundredth of that.
const USED_EVERY: Duration = Duration::from_micros(50);
/// The same for the other clock, which is a file.
const WAITED_EVERY: Duration = Duration::from_millis(1);
/// A longer one between two tasks is a rest.
const STEP: Duration = Duration::from_micros(20);

/// What a thread has spent its time with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    pub(super) cpu: Duration,
    pub(super) contended: Duration,
    /// With tasks above the one at hand.
    pub(super) nested: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    /// Up to when the thread's time is accounted for.
    until: Instant,
    used: Account,
    used_read: Instant,
    waited: Account,
    waited_read: Instant,
}

impl Meter {
    /// For a thread that begins with a task.
    pub(super) fn new(now: Instant) -> Self {
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

    /// A task begins, and before it there was none.
    pub(super) fn begin(&mut self, now: Instant) {
        let step = now.saturating_duration_since(self.until);
        self.until = now;
        if step < STEP {
            self.used.add_beside(nanos(step));
            return;
        }
        if let Some(reading) = used_by_thread() {
            self.used.restart(reading);
            self.used_read = now;
        }
        if now.saturating_duration_since(self.waited_read) >= WAITED_EVERY {
            if let Some(reading) = waited_by_thread() {
                self.waited.restart(reading);
            }
            self.waited_read = now;
        }
    }

    /// A task has had the thread's time up to now.
    pub(super) fn charge(&mut self, now: Instant) -> Spent {
        let time = nanos(now.saturating_duration_since(self.until));
        self.until = now;
        let cpu = match self.read_used(now) {
            Some(reading) => self.used.settle(reading, time),
            None => self.used.estimate(time),
        };
        let idle = time - cpu;
        let contended = match self.read_waited(now) {
            Some(reading) => self.waited.settle(reading, idle),
            None => self.waited.estimate(idle),
        };
        Spent {
            cpu: Duration::from_nanos(cpu),
            contended: Duration::from_nanos(contended),
            nested: Duration::ZERO,
        }
    }

    fn read_used(&mut self, now: Instant) -> Option<u64> {
        if now.saturating_duration_since(self.used_read) < USED_EVERY {
            return None;
        }
        self.used_read = now;
        used_by_thread()
    }

    fn read_waited(&mut self, now: Instant) -> Option<u64> {
        if now.saturating_duration_since(self.waited_read) < WAITED_EVERY {
            return None;
        }
        self.waited_read = now;
        waited_by_thread()
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

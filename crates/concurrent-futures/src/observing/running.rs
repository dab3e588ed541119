//! Which observed task the calling thread runs.
//!
//! A task that waits for another one may run it in place. Then the thread's time is the inner task's until
//! that ends, and of the outer one only how long that took is written down.

use super::meter::{Meter, Spent};
use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

thread_local! {
    static THREAD: RefCell<Thread> = const { RefCell::new(Thread { top: None, meter: None }) };
}

struct Thread {
    /// The innermost task.
    top: Option<Frame>,
    /// From the first task on.
    meter: Option<Meter>,
}

#[derive(Clone, Copy)]
struct Frame {
    id: u64,
    /// Itself.
    own: Spent,
    /// The time of those above it, in nanoseconds.
    nested: u64,
}

impl Frame {
    fn charge(&mut self, meter: &mut Meter, now: Instant) {
        let spent = meter.charge(now);
        self.own.time += spent.time;
        self.own.cpu += spent.cpu;
        self.own.contended += spent.contended;
    }
}

/// How a task has spent its time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spending {
    pub(super) time: Duration,
    pub(super) nested: Duration,
    pub(super) cpu: Duration,
    pub(super) contended: Duration,
}

/// The innermost observed task that the calling thread runs.
pub(crate) fn current_task() -> Option<u64> {
    THREAD.with_borrow(|thread| Some(thread.top.as_ref()?.id))
}

/// A task that runs.
#[must_use]
pub(super) struct Running {
    /// That on which it lies.
    outer: Option<Frame>,
}

impl Running {
    pub(super) fn begin(id: u64, now: Instant) -> Self {
        THREAD.with_borrow_mut(|thread| {
            let meter = thread.meter.get_or_insert_with(|| Meter::new(now));
            let mut outer = thread.top.take();
            match &mut outer {
                Some(outer) => outer.charge(meter, now),
                None => meter.begin(now),
            }
            thread.top = Some(Frame {
                id,
                own: Spent::default(),
                nested: 0,
            });
            Self { outer }
        })
    }

    /// It has ended, on the same thread.
    pub(super) fn end(self, now: Instant) -> Spending {
        THREAD.with_borrow_mut(|thread| {
            let mut outer = self.outer;
            let (Some(mut frame), Some(meter)) = (thread.top.take(), &mut thread.meter) else {
                return Spending::default();
            };
            frame.charge(meter, now);
            let time = frame.own.time + frame.nested;
            if let Some(outer) = &mut outer {
                outer.nested += time;
            }
            thread.top = outer;
            Spending {
                time: Duration::from_nanos(time),
                nested: Duration::from_nanos(frame.nested),
                cpu: Duration::from_nanos(frame.own.cpu),
                contended: Duration::from_nanos(frame.own.contended),
            }
        })
    }
}

//! Which observed task the calling thread runs.
//!
//! A task that waits for another one may run it in place. Then the thread's time is the inner task's until
//! that ends, and of the outer one only how long that took is written down.

use super::{
    meter::{Meter, Spent},
    moment::duration_of,
};
use std::{cell::RefCell, time::Duration};

thread_local! {
    static THREAD: RefCell<Thread> = const { RefCell::new(Thread { tasks: Vec::new(), meter: None }) };
}

struct Thread {
    /// The innermost last.
    tasks: Vec<Frame>,
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
    #[inline]
    fn charge(&mut self, meter: &mut Meter, now: u64) {
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
    THREAD.with_borrow(|thread| Some(thread.tasks.last()?.id))
}

/// The calling thread begins to run a task.
pub(super) fn begin(id: u64, now: u64) {
    THREAD.with_borrow_mut(|thread| {
        let meter = thread.meter.get_or_insert_with(|| Meter::new(now));
        match thread.tasks.last_mut() {
            Some(outer) => outer.charge(meter, now),
            None => meter.begin(now),
        }
        thread.tasks.push(Frame {
            id,
            own: Spent::default(),
            nested: 0,
        });
    });
}

/// The innermost one has ended.
pub(super) fn end(now: u64) -> Spending {
    THREAD.with_borrow_mut(|thread| {
        let (Some(mut frame), Some(meter)) = (thread.tasks.pop(), &mut thread.meter) else {
            return Spending::default();
        };
        frame.charge(meter, now);
        let time = frame.own.time + frame.nested;
        if let Some(outer) = thread.tasks.last_mut() {
            outer.nested += time;
        }
        Spending {
            time: duration_of(time),
            nested: duration_of(frame.nested),
            cpu: duration_of(frame.own.cpu),
            contended: duration_of(frame.own.contended),
        }
    })
}

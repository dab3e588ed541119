//! Which observed task the calling thread runs.
//!
//! A task that waits for another one may run it in place. Then the thread's time is the inner task's until
//! that ends, and of the outer one only how long that took is written down.

use super::meter::{Meter, Spent};
use std::{cell::RefCell, time::Instant};

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
    began: Instant,
    spent: Spent,
}

impl Frame {
    fn charge(&mut self, meter: &mut Meter, now: Instant) {
        let spent = meter.charge(now);
        self.spent.cpu += spent.cpu;
        self.spent.contended += spent.contended;
    }
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
                began: now,
                spent: Spent::default(),
            });
            Self { outer }
        })
    }

    /// It has ended, on the same thread.
    pub(super) fn end(self, now: Instant) -> Spent {
        THREAD.with_borrow_mut(|thread| {
            let mut outer = self.outer;
            let (Some(mut own), Some(meter)) = (thread.top.take(), &mut thread.meter) else {
                return Spent::default();
            };
            own.charge(meter, now);
            if let Some(outer) = &mut outer {
                outer.spent.nested += now.saturating_duration_since(own.began);
            }
            thread.top = outer;
            own.spent
        })
    }
}

//! Which task the calling thread runs.
//!
//! Known from just before its closure is called until just after, whoever calls it. A task that
//! runs above another one, because that one waits for it, hides it for as long.

use super::slot::SlotRef;
use crate::sync::thread_local;
use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<Option<SlotRef>> = const { Cell::new(None) };
}

/// As long as this lives, the calling thread runs the task of a slot.
#[must_use]
pub(super) struct Running {
    above: Option<SlotRef>,
}

impl Running {
    /// The caller has claimed the slot, and so keeps it alive.
    #[inline]
    pub(super) fn begin(slot: SlotRef) -> Self {
        Self {
            above: CURRENT.with(|current| current.replace(Some(slot))),
        }
    }
}

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        CURRENT.with(|current| current.set(self.above));
    }
}

/// The slot whose task the calling thread runs, if it runs one. Not to be kept beyond the task.
#[inline]
pub(crate) fn current() -> Option<SlotRef> {
    CURRENT.with(Cell::get)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use crate::{ThreadPoolExecutor, task::slot::SlotRef};

    fn current() -> usize {
        super::current().map_or(0, SlotRef::address)
    }

    #[test]
    fn a_task_knows_its_slot_and_a_thread_without_a_task_has_none() {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .build()
            .unwrap();
        assert_eq!(current(), 0);
        let future = pool.submit(current);
        let id = future.id();
        let other = pool.submit(current);
        let (first, second) = (future.result().unwrap(), other.result().unwrap());
        assert_ne!(first, 0);
        assert_ne!(first, second);
        assert_eq!(format!("{id:?}"), format!("FutureId({first})"));
        assert_eq!(current(), 0);
    }
}

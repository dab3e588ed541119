//! Which task the calling thread runs.
//!
//! Known from just before its closure is called until just after, whoever calls it. A task that
//! runs above another one, because that one waits for it, hides it for as long.

use super::slot::{Slot, SlotRef};
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

#[allow(dead_code)] // not yet asked for
/// Looks at the slot whose task the calling thread runs, if it runs one.
pub(crate) fn with_current<R>(look: impl FnOnce(Option<&Slot>) -> R) -> R {
    let current = CURRENT.with(Cell::get);
    look(current.as_deref())
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::with_current;
    use crate::ThreadPoolExecutor;
    use std::ptr;

    fn current() -> *const super::Slot {
        with_current(|slot| slot.map_or(ptr::null(), ptr::from_ref))
    }

    #[test]
    fn a_task_knows_its_slot_and_a_thread_without_a_task_has_none() {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .build()
            .unwrap();
        assert!(current().is_null());
        let future = pool.submit(|| current().addr());
        let id = future.id();
        let other = pool.submit(|| current().addr());
        let (first, second) = (future.result().unwrap(), other.result().unwrap());
        assert_ne!(first, 0);
        assert_ne!(first, second);
        assert_eq!(format!("{id:?}"), format!("FutureId({first})"));
        assert!(current().is_null());
    }
}

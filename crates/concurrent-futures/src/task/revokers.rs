//! Who is asked to cancel a task that is decided elsewhere.
//!
//! Few tasks are, so none has room for it in its slot: a flag there says that there is an entry here,
//! from before the caller's end is given out until just before the task ends.

use super::slot::SlotRef;
use crate::{
    sync::{Mutex, lock},
    unwind::{Contained, catch, report},
};
use std::{collections::BTreeMap, sync::Arc};

/// Called without a lock. It sees to it, if it can, that the task has ended as cancelled when it
/// returns.
pub(crate) type Revoker = dyn Fn() + Send + Sync;

/// Those of the tasks of one source, by the addresses of the slots.
pub(crate) struct Revokers(Mutex<BTreeMap<usize, Arc<Contained<Box<Revoker>>>>>);

impl Revokers {
    pub(super) fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    pub(super) fn enter(&self, slot: SlotRef, revoker: Box<Revoker>) {
        let revoker = Arc::new(Contained::new("what cancels a promise", revoker));
        lock(&self.0).insert(slot.address(), revoker);
    }

    /// The task is about to end: nobody is asked any more. Who has been asked already may not have
    /// answered yet.
    pub(super) fn leave(&self, slot: SlotRef) {
        let revoker = lock(&self.0).remove(&slot.address());
        drop(revoker);
    }

    /// Asks for the task to be cancelled, and waits for the answer, which is the state of the task.
    pub(super) fn ask(&self, slot: SlotRef) {
        let revoker = lock(&self.0).get(&slot.address()).cloned();
        let Some(revoker) = revoker else { return };
        if let Err(panic) = catch(|| (**revoker)()) {
            report(
                log::Level::Error,
                format_args!("what cancels a promise panicked: {panic}"),
            );
        }
    }
}

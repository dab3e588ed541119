//! How a running task hears that it is to stop.
//!
//! A request sets a flag: in the task's slot, or for all tasks of a pool in [`Stops`]. A task that
//! only asks from time to time looks at the flags. One that wants to be woken, or to hand its token
//! on, enters a node here, and whoever sets a flag looks for nodes afterwards. The task looks at the
//! flags again when its node is in; so one of the two sees the other, by the order of the lock.
//!
//! A node leaves before the end of its task can be seen: the slot may be another task's then.

use super::slot::SlotRef;
use crate::{
    error::Cause,
    sync::{Acquire, AtomicBool, Mutex, Release, lock},
    token::node::Node,
};
use std::{collections::BTreeMap, sync::Arc};

/// The requests to the tasks of one pool.
pub(crate) struct Stops {
    /// All are to stop, and all that start from now on.
    stopping: AtomicBool,
    /// The nodes of running tasks that have one, by their slots.
    entered: Mutex<BTreeMap<usize, Arc<Node>>>,
}

impl Stops {
    pub(super) fn new() -> Self {
        Self {
            stopping: AtomicBool::new(false),
            entered: Mutex::new(BTreeMap::new()),
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Acquire)
    }

    /// The node of the task that the calling thread runs in this slot.
    pub(crate) fn enter(&self, slot: SlotRef) -> Arc<Node> {
        let mut entered = lock(&self.entered);
        if let Some(node) = entered.get(&slot.address()) {
            return Arc::clone(node);
        }
        let node = Node::root();
        entered.insert(slot.address(), Arc::clone(&node));
        drop(entered);
        let seen = slot.state.mark_entered();
        if seen.is_stop_requested() {
            node.cancel(Cause::Requested);
        }
        if self.is_stopping() {
            node.cancel(Cause::Shutdown);
        }
        node
    }

    /// The task of this slot ends, on the calling thread.
    pub(crate) fn leave(&self, slot: SlotRef) {
        let node = lock(&self.entered).remove(&slot.address());
        drop(node);
    }

    /// The flag in the slot was set: wakes its task.
    pub(super) fn request(&self, slot: SlotRef) {
        let node = lock(&self.entered).get(&slot.address()).cloned();
        if let Some(node) = node {
            node.cancel(Cause::Requested);
        }
    }

    /// Asks all tasks of the pool to stop.
    pub(crate) fn stop_all(&self) {
        self.stopping.store(true, Release);
        let entered: Vec<_> = lock(&self.entered).values().cloned().collect();
        for node in entered {
            node.cancel(Cause::Shutdown);
        }
    }
}

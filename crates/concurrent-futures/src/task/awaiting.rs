//! An async task that waits for a slot.

use super::{
    slot::Slot,
    state::{Done, Seen},
    waiters::{Node, Wake, Watcher},
};
use crate::{sync::UnsafeCell, unwind::drop_contained};
use std::{
    ptr::NonNull,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// A waker's place on the list of one slot. Whoever has one must call [`forget`](Self::forget)
/// before it goes, and before the slot does.
#[derive(Default)]
pub(crate) struct Awaiting {
    /// Made by the first poll that has to wait.
    ///
    /// Shared only with the slot's list, which has no count of it; an `Arc` and not a `Box`, because a
    /// box claims to be the only way to its content when it is moved.
    node: Option<Arc<WakerNode>>,
}

#[repr(C)]
struct WakerNode {
    node: Node,
    /// Guarded by the lock of the slot.
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: the waker is touched only under the slot's lock.
unsafe impl Sync for WakerNode {}

/// The waker is found by its node, so the watcher needs no memory of its own.
struct WakerWatch;

static WATCH: WakerWatch = WakerWatch;

impl Watcher for WakerWatch {
    unsafe fn tell(_: *const Self, node: NonNull<Node>, _: Done) -> Option<Wake> {
        // SAFETY: this watcher's nodes are the first field of a `WakerNode`, alive and locked.
        let node = unsafe { node.cast::<WakerNode>().as_ref() };
        // SAFETY: as above.
        node.waker
            .with_mut(|waker| unsafe { (*waker).take() })
            .map(Wake::Waker)
    }
}

/// The node, by a pointer that reaches all of the `WakerNode`.
fn node_of(node: &Arc<WakerNode>) -> NonNull<Node> {
    // SAFETY: an `Arc` is not null.
    unsafe { NonNull::new_unchecked(Arc::as_ptr(node).cast_mut().cast()) }
}

impl Awaiting {
    /// Whether `until` holds for the slot; if not, the context's waker is called when it may.
    pub(crate) fn poll(
        &mut self,
        slot: &Slot,
        until: fn(Seen) -> bool,
        context: &Context<'_>,
    ) -> Poll<()> {
        if until(slot.state.look()) {
            return Poll::Ready(());
        }
        self.forget(slot);
        let node = self.node.insert(Arc::new(WakerNode {
            node: Node::watch(&raw const WATCH),
            waker: UnsafeCell::new(Some(context.waker().clone())),
        }));
        // SAFETY: the node stays in place, and `forget` unlinks it before it goes.
        if unsafe { slot.link(node_of(node), until) } {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Unlinks and drops the waker.
    pub(crate) fn forget(&mut self, slot: &Slot) {
        if let Some(node) = self.node.take() {
            // SAFETY: linked by `poll`, in this slot.
            unsafe { slot.unlink(node_of(&node)) };
            drop_contained("a waker", node);
        }
    }
}

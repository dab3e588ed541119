//! An async task that waits for a slot.
//!
//! Its waker lies in a node that the slot's list owns, and is found again by its key: when the async
//! task is polled with another waker, and when it goes away. So a future need not carry it.

use super::{
    slot::Slot,
    state::{Done, Seen},
    waiters::{Node, Wake, Watch, Watcher},
};
use crate::{sync::UnsafeCell, unwind::drop_contained};
use std::{
    ptr::{self, NonNull},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    task::{Context, Poll, Waker},
};

/// Whose waker it is, among those of one slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(u64);

impl Key {
    /// The caller's end of the slot itself.
    pub(crate) const HANDLE: Self = Self(0);

    /// One that nobody else has.
    pub(crate) fn new() -> Self {
        static KEYS: AtomicU64 = AtomicU64::new(1);
        Self(KEYS.fetch_add(1, Relaxed))
    }
}

#[repr(C)]
struct WakerNode {
    node: Node,
    key: Key,
    /// Guarded by the lock of the slot.
    waker: UnsafeCell<Waker>,
}

/// The waker is found by its node, so the watcher needs no memory of its own.
struct WakerWatch;

static WATCH: Watch<WakerWatch> = Watch::new(WakerWatch);

impl Watcher for WakerWatch {
    unsafe fn tell(_: *const Watch<Self>, node: NonNull<Node>, _: Done) -> Option<Wake> {
        // SAFETY: this watcher's nodes are boxed by `link`, and owned by the list that tells them.
        let node = unsafe { Box::from_raw(node.cast::<WakerNode>().as_ptr()) };
        Some(Wake::Waker(node.waker.into_inner()))
    }
}

/// # Safety
///
/// The slot whose list the node is in is locked.
unsafe fn has_key(node: NonNull<Node>, key: Key) -> bool {
    // SAFETY: linked nodes are alive; those of this watcher are the first field of a `WakerNode`.
    unsafe { node.as_ref().tells(&raw const WATCH) && node.cast::<WakerNode>().as_ref().key == key }
}

/// Whether `until` holds for the slot; if not, the context's waker is called when it may.
///
/// Whoever has polled with a key must [`forget`] it before the slot goes.
pub(crate) fn poll(
    slot: &Slot,
    key: Key,
    until: fn(Seen) -> bool,
    context: &Context<'_>,
) -> Poll<()> {
    if until(slot.state.look()) {
        return Poll::Ready(());
    }
    let mut waker = context.waker().clone();
    // SAFETY: the list is locked, and a node with this key a `WakerNode`.
    let replaced = slot.with_list(|_, list| unsafe {
        let node = list.find(|node| has_key(node, key))?.cast::<WakerNode>();
        node.as_ref()
            .waker
            .with_mut(|old| ptr::swap(old, &raw mut waker));
        Some(())
    });
    if replaced.is_some() {
        drop_contained("a waker", waker);
        return Poll::Pending;
    }
    if key == Key::HANDLE {
        slot.state.mark_awaited();
    }
    let node = NonNull::from(Box::leak(Box::new(WakerNode {
        node: Node::watch(&raw const WATCH),
        key,
        waker: UnsafeCell::new(waker),
    })));
    // SAFETY: boxed, so it stays where it is; the list owns it from here on.
    if unsafe { slot.link(node.cast(), until) } {
        return Poll::Pending;
    }
    // SAFETY: it was not linked.
    drop_contained("a waker", unsafe { Box::from_raw(node.as_ptr()) });
    Poll::Ready(())
}

/// Takes the waker off the list and drops it.
pub(crate) fn forget(slot: &Slot, key: Key) {
    if !slot.state.look().may_be_waited() {
        return;
    }
    // SAFETY: the list is locked; a node with this key was boxed by `poll`.
    let node = slot.with_list(|_, list| unsafe {
        let node = list.unlink(|node| has_key(node, key))?;
        Some(Box::from_raw(node.cast::<WakerNode>().as_ptr()))
    });
    drop_contained("a waker", node);
}

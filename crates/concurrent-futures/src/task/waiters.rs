//! Who is told when a task is done: a list of nodes on the slot, guarded by its `LOCKED` flag.
//!
//! Two kinds of node:
//!
//! - A *watcher's* node lies in the memory of whoever waits, and is told under the lock. Telling
//!   is our own code, a few instructions, and touches the node and the watcher for the last time
//!   before the lock is released; so a waiter that has got the lock afterwards, or has seen itself
//!   told, may free them. Threads are woken after the lock is released, by handles cloned under it.
//! - A *hook* is owned by the list and holds user code, a callback or a follow-up task. Hooks are
//!   taken out under the lock and fire after it is released, in the order they were added.

use super::{
    runner::Cascade,
    slot::SlotRef,
    state::{Done, Seen},
};
use crate::{
    sync::{Thread, UnsafeCell, thread_local},
    unwind::{catch, report},
};
use log::Level;
use std::{
    cell::Cell,
    ptr::{self, NonNull},
    task::Waker,
};

/// Somebody to wake once no lock is held.
pub(crate) enum Wake {
    Thread(Thread),
    Waker(Waker),
}

/// Those to wake. One is the rule, so one needs no allocation.
#[derive(Default)]
pub(crate) struct Wakes {
    first: Option<Wake>,
    more: Vec<Wake>,
}

impl Wakes {
    fn add(&mut self, wake: Wake) {
        match self.first {
            None => self.first = Some(wake),
            Some(_) => self.more.push(wake),
        }
    }

    #[inline]
    pub(crate) fn wake(self, cascade: &mut Cascade<'_>) {
        for wake in self.first.into_iter().chain(self.more) {
            match wake {
                Wake::Thread(thread) => thread.unpark(),
                Wake::Waker(waker) => {
                    cascade.leave_search();
                    if let Err(panic) = catch(|| waker.wake()) {
                        report(Level::Error, format_args!("a waker panicked: {panic}"));
                    }
                }
            }
        }
    }
}

/// One that waits for slots in its own memory.
pub(crate) trait Watcher: Sync + Sized + 'static {
    /// Called under the lock of the slot, once for each linked node. Watcher and node may be gone as
    /// soon as this has made the telling visible, so that must be its last access to both; by
    /// pointers, because a reference would claim them to the end of the call.
    ///
    /// # Safety
    ///
    /// The node was linked for this watcher and is told for the first time; both are alive.
    unsafe fn tell(this: *const Watch<Self>, node: NonNull<Node>, done: Done) -> Option<Wake>;
}

/// A watcher, behind the way to tell it: what a node points to.
#[repr(C)]
pub(crate) struct Watch<W> {
    kind: Kind,
    pub(crate) watcher: W,
}

impl<W: Watcher> Watch<W> {
    pub(crate) const fn new(watcher: W) -> Self {
        Self {
            // SAFETY: called with the `Watch` that this lies in, and with its own promise.
            kind: Kind::Watch(|kind, node, done| unsafe { W::tell(kind.cast(), node, done) }),
            watcher,
        }
    }
}

/// The same for a hook, for which there is no more than the way to fire it.
enum Kind {
    Watch(unsafe fn(*const Kind, NonNull<Node>, Done) -> Option<Wake>),
    Hook(unsafe fn(NonNull<Node>, SlotRef, &mut Cascade<'_>)),
}

/// A place on a slot's list. Pinned while linked, by the promise of `Slot::link`'s caller.
pub(crate) struct Node {
    /// The one that was linked before. Guarded by the lock of the slot while linked; then it is
    /// the watcher's.
    pub(crate) next: UnsafeCell<Option<NonNull<Node>>>,
    kind: *const Kind,
}

// SAFETY: `next` is touched only under the lock of one slot, or by the only owner; the watcher is a
// `Sync` thing of ours, by the bound of `Watcher`.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

impl Node {
    /// A node that tells `watch`, which outlives its being linked. The pointer may reach all of it.
    pub(crate) fn watch<W: Watcher>(watch: *const Watch<W>) -> Self {
        Self {
            next: UnsafeCell::new(None),
            kind: watch.cast(),
        }
    }

    /// Whether this is a node of that watcher.
    pub(crate) fn tells<W: Watcher>(&self, watch: *const Watch<W>) -> bool {
        ptr::eq(self.kind, watch.cast())
    }
}

/// User code that is to run when the task is done.
pub(crate) trait Hook: Send {
    /// The slot is done and not yet settled, or it is settled and its handle borrowed: the outcome
    /// is in place.
    fn fire(self, slot: SlotRef, cascade: &mut Cascade<'_>);
}

#[repr(C)]
struct HookNode<H> {
    node: Node,
    hook: H,
}

/// Boxes a hook as a node, for `Slot::link`; the list owns it from then on.
pub(crate) fn hook_node<H: Hook>(hook: H) -> NonNull<Node> {
    let node = Box::new(HookNode {
        node: Node {
            next: UnsafeCell::new(None),
            kind: const { &Kind::Hook(fire::<H>) },
        },
        hook,
    });
    NonNull::from(Box::leak(node)).cast()
}

/// Takes back a hook that could not be linked.
///
/// # Safety
///
/// The node came from `hook_node::<H>` and is in no list.
pub(crate) unsafe fn unbox_hook<H: Hook>(node: NonNull<Node>) -> H {
    // SAFETY: `HookNode` begins with its node; the promise is the caller's.
    unsafe { Box::from_raw(node.cast::<HookNode<H>>().as_ptr()) }.hook
}

unsafe fn fire<H: Hook>(node: NonNull<Node>, slot: SlotRef, cascade: &mut Cascade<'_>) {
    // SAFETY: called once for a node that `hook_node::<H>` made and the list gave up.
    let hook = unsafe { unbox_hook::<H>(node) };
    hook.fire(slot, cascade);
}

/// The list of a slot: its newest node.
pub(crate) struct List {
    newest: Option<NonNull<Node>>,
}

impl List {
    pub(crate) const fn new() -> Self {
        Self { newest: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.newest.is_none()
    }

    /// # Safety
    ///
    /// The slot is locked; the node is alive, unlinked and stays in place while linked.
    pub(crate) unsafe fn link(&mut self, node: NonNull<Node>) {
        // SAFETY: an unlinked node is the caller's.
        unsafe { set_next(node, self.newest) };
        self.newest = Some(node);
    }

    /// Takes the newest node out for which `wanted` holds. Costs a step for each that is newer.
    ///
    /// # Safety
    ///
    /// The slot is locked.
    pub(crate) unsafe fn unlink(
        &mut self,
        wanted: impl Fn(NonNull<Node>) -> bool,
    ) -> Option<NonNull<Node>> {
        let mut newer = None;
        let mut node = self.newest?;
        // SAFETY: linked nodes are alive, and their links are ours under the lock.
        unsafe {
            while !wanted(node) {
                newer = Some(node);
                node = next(node)?;
            }
            match newer {
                Some(newer) => set_next(newer, next(node)),
                None => self.newest = next(node),
            }
        }
        Some(node)
    }

    /// The newest node for which `wanted` holds.
    ///
    /// # Safety
    ///
    /// The slot is locked.
    pub(crate) unsafe fn find(
        &self,
        wanted: impl Fn(NonNull<Node>) -> bool,
    ) -> Option<NonNull<Node>> {
        let mut node = self.newest?;
        while !wanted(node) {
            // SAFETY: linked nodes are alive, and their links are ours under the lock.
            node = unsafe { next(node) }?;
        }
        Some(node)
    }

    /// Empties the list: tells the watchers, and gives out whom to wake and what to fire. All in
    /// the order they came.
    ///
    /// # Safety
    ///
    /// The slot is locked.
    #[inline]
    pub(crate) unsafe fn tell_all(&mut self, done: Done) -> (Wakes, Hooks) {
        let mut wakes = Wakes::default();
        let mut hooks = Hooks::default();
        let mut nodes = self.newest.take();
        // SAFETY: linked nodes are alive, and their links are ours under the lock; a watcher's
        // node is not touched after it was told.
        unsafe {
            let mut oldest = None;
            while let Some(node) = nodes {
                nodes = next(node);
                set_next(node, oldest);
                oldest = Some(node);
            }
            while let Some(node) = oldest {
                oldest = next(node);
                let kind = node.as_ref().kind;
                match *kind {
                    Kind::Watch(tell) => {
                        if let Some(wake) = tell(kind, node, done) {
                            wakes.add(wake);
                        }
                    }
                    Kind::Hook(_) => hooks.push(node),
                }
            }
        }
        (wakes, hooks)
    }
}

/// # Safety
///
/// The node is alive, and its link the caller's to touch.
pub(crate) unsafe fn next(node: NonNull<Node>) -> Option<NonNull<Node>> {
    // SAFETY: the caller's promise.
    unsafe { node.as_ref().next.with(|next| *next) }
}

/// # Safety
///
/// As for [`next`].
pub(crate) unsafe fn set_next(node: NonNull<Node>, to: Option<NonNull<Node>>) {
    // SAFETY: the caller's promise.
    unsafe { node.as_ref().next.with_mut(|next| *next = to) };
}

/// Hooks taken out of a list, oldest first.
#[derive(Default)]
pub(crate) struct Hooks {
    first: Option<NonNull<Node>>,
    last: Option<NonNull<Node>>,
}

impl Hooks {
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// # Safety
    ///
    /// A hook that was taken out of its list.
    unsafe fn push(&mut self, node: NonNull<Node>) {
        // SAFETY: hooks here are owned by this chain alone.
        unsafe {
            set_next(node, None);
            match self.last {
                Some(last) => set_next(last, Some(node)),
                None => self.first = Some(node),
            }
        }
        self.last = Some(node);
    }

    /// Runs them, with no lock held.
    pub(crate) fn fire(self, slot: SlotRef, cascade: &mut Cascade<'_>) {
        let frame = Frame {
            slot: slot.address(),
            outer: FIRING.with(Cell::get),
        };
        FIRING.with(|firing| firing.set(&raw const frame));
        let mut nodes = self.first;
        while let Some(node) = nodes {
            // SAFETY: the chain owns its nodes; `fire` takes this one, after its successor is read.
            unsafe {
                nodes = next(node);
                if let Kind::Hook(fire) = *node.as_ref().kind {
                    fire(node, slot, cascade);
                }
            }
        }
        FIRING.with(|firing| firing.set(frame.outer));
    }
}

/// One call of `Hooks::fire` that has not returned.
struct Frame {
    slot: usize,
    outer: *const Frame,
}

thread_local! {
    /// The innermost frame of this thread.
    static FIRING: Cell<*const Frame> = const { Cell::new(ptr::null()) };
}

/// Whether this thread is in a callback of that slot, for which waiting for the callbacks to end
/// would be waiting for itself.
pub(crate) fn is_firing(slot: SlotRef) -> bool {
    let mut frame = FIRING.with(Cell::get);
    // SAFETY: frames lie further up on this thread's stack.
    while let Some(Frame { slot: fires, outer }) = unsafe { frame.as_ref() } {
        if *fires == slot.address() {
            return true;
        }
        frame = *outer;
    }
    false
}

/// Whether there is nothing left to wait for, for one who wants to see the task done.
pub(crate) fn until_done(seen: Seen) -> bool {
    seen.is_done()
}

/// The same for one who wants to move the outcome out.
pub(crate) fn until_settled(seen: Seen) -> bool {
    seen.is_settled()
}

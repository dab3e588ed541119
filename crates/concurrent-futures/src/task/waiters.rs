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
pub(crate) trait Watcher: Sync + 'static {
    /// Called under the lock of the slot, once for each linked node. Watcher and node may be gone as
    /// soon as this has made the telling visible, so that must be its last access to both; by
    /// pointers, because a reference would claim them to the end of the call.
    ///
    /// # Safety
    ///
    /// The node was linked for this watcher and is told for the first time; both are alive.
    unsafe fn tell(this: *const Self, node: NonNull<Node>, done: Done) -> Option<Wake>;
}

enum Kind {
    Watch {
        watcher: *const (),
        tell: unsafe fn(*const (), NonNull<Node>, Done) -> Option<Wake>,
    },
    Hook(unsafe fn(NonNull<Node>, SlotRef, &mut Cascade<'_>)),
}

#[derive(Clone, Copy)]
struct Links {
    older: Option<NonNull<Node>>,
    newer: Option<NonNull<Node>>,
    linked: bool,
}

/// A place on a slot's list. Pinned while linked, by the promise of `Slot::link`'s caller.
pub(crate) struct Node {
    links: UnsafeCell<Links>,
    kind: Kind,
}

// SAFETY: links are touched only under the lock of one slot, or by the only owner; the watcher is
// a `Sync` thing of ours, by the bound of `watch`.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

impl Node {
    const UNLINKED: Links = Links {
        older: None,
        newer: None,
        linked: false,
    };

    /// A node that tells `watcher`, which outlives its being linked.
    pub(crate) fn watch<W: Watcher>(watcher: *const W) -> Self {
        Self {
            links: UnsafeCell::new(Self::UNLINKED),
            kind: Kind::Watch {
                watcher: watcher.cast(),
                // SAFETY: the pointer is the one above, and the rest is promised by the caller.
                tell: |watcher, node, done| unsafe { W::tell(watcher.cast(), node, done) },
            },
        }
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
            links: UnsafeCell::new(Node::UNLINKED),
            kind: Kind::Hook(fire::<H>),
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
        // SAFETY: linked nodes are alive, and their links are ours under the lock.
        unsafe {
            node.as_ref().links.with_mut(|links| {
                *links = Links {
                    older: self.newest,
                    newer: None,
                    linked: true,
                };
            });
            if let Some(older) = self.newest {
                older
                    .as_ref()
                    .links
                    .with_mut(|links| (*links).newer = Some(node));
            }
        }
        self.newest = Some(node);
    }

    /// # Safety
    ///
    /// The slot is locked, and the node is alive and in this list or in none.
    pub(crate) unsafe fn unlink(&mut self, node: NonNull<Node>) {
        // SAFETY: as for `link`.
        unsafe {
            let links = node
                .as_ref()
                .links
                .with_mut(|links| std::mem::replace(&mut *links, Node::UNLINKED));
            if !links.linked {
                return;
            }
            match links.newer {
                Some(newer) => newer.as_ref().links.with_mut(|l| (*l).older = links.older),
                None => self.newest = links.older,
            }
            if let Some(older) = links.older {
                older.as_ref().links.with_mut(|l| (*l).newer = links.newer);
            }
        }
    }

    /// Empties the list: tells the watchers, and gives out whom to wake and what to fire.
    ///
    /// # Safety
    ///
    /// The slot is locked.
    pub(crate) unsafe fn tell_all(&mut self, done: Done) -> (Wakes, Hooks) {
        let mut wakes = Wakes::default();
        let mut hooks = Hooks::default();
        let mut next = self.newest.take();
        // To the oldest first: they are told in the order they came.
        let mut oldest = None;
        while let Some(node) = next {
            oldest = Some(node);
            // SAFETY: linked nodes are alive, and their links are ours under the lock.
            next = unsafe { node.as_ref().links.with(|links| (*links).older) };
        }
        next = oldest;
        while let Some(node) = next {
            // SAFETY: as above; a watcher's node is not touched after it was told.
            unsafe {
                next = node
                    .as_ref()
                    .links
                    .with_mut(|links| std::mem::replace(&mut *links, Node::UNLINKED))
                    .newer;
                match node.as_ref().kind {
                    Kind::Watch { watcher, tell } => {
                        if let Some(wake) = tell(watcher, node, done) {
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

    fn push(&mut self, node: NonNull<Node>) {
        match self.last {
            // SAFETY: hooks here are owned by this chain alone.
            Some(last) => unsafe {
                last.as_ref()
                    .links
                    .with_mut(|links| (*links).newer = Some(node));
            },
            None => self.first = Some(node),
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
        let mut next = self.first;
        while let Some(node) = next {
            // SAFETY: the chain owns its nodes; `fire` takes this one, after its successor is read.
            unsafe {
                next = node.as_ref().links.with(|links| (*links).newer);
                if let Kind::Hook(fire) = node.as_ref().kind {
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

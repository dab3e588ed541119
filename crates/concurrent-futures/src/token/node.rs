//! The tree of cancellation.
//!
//! - A node is cancelled once, for one cause, and for ever. It is set under the lock of the node's
//!   listeners and in the same step as they are taken out; so whoever comes to listen after that
//!   finds the node cancelled, and nobody is forgotten or told twice.
//! - A child listens to its parents, who do not keep it alive; it keeps them alive. A request goes
//!   down the tree in a loop: flags first, and threads are woken; when every node below is
//!   cancelled, the callbacks run. No lock is held then, and never two at a time.
//! - A deadline needs nobody who watches the clock. It is the earliest of the node's own and those
//!   of its parents, fixed at birth; who asks compares it with the clock, and who sleeps does not
//!   sleep beyond it.

use crate::{
    error::Cause,
    sync::{Acquire, AtomicU32, Mutex, Release, Thread, current, lock, park_until},
    time::Limit,
    unwind::{catch, report},
};
use log::Level;
use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, OnceLock, Weak},
    time::Instant,
};

pub(crate) type Callback = Box<dyn FnOnce() + Send>;

pub(crate) struct Node {
    /// None yet, or the code of a [`Cause`]. Set with `listeners` locked.
    cause: AtomicU32,
    deadline: Option<Instant>,
    listeners: Mutex<Listeners>,
    parents: OnceLock<Vec<Member>>,
}

/// Not cancelled. The codes of causes are above.
const NONE: u32 = 0;

#[derive(Default)]
struct Listeners {
    next: u64,
    /// In the order in which they came.
    all: BTreeMap<u64, Listener>,
}

pub(crate) enum Listener {
    Child(Weak<Node>),
    Thread(Thread),
    Callback(Callback),
}

/// A listener's place at a node.
struct Member {
    node: Arc<Node>,
    /// None if the node was cancelled when the listener came.
    key: Option<u64>,
}

impl Node {
    pub(crate) fn root() -> Arc<Self> {
        Self::below(&[], None)
    }

    /// A node that is cancelled when one of its parents is, or at the deadline.
    pub(crate) fn below(parents: &[&Arc<Self>], deadline: Option<Instant>) -> Arc<Self> {
        let deadlines = parents.iter().filter_map(|parent| parent.deadline);
        let node = Arc::new(Self {
            cause: AtomicU32::new(NONE),
            deadline: deadlines.chain(deadline).min(),
            listeners: Mutex::new(Listeners::default()),
            parents: OnceLock::new(),
        });
        // It listens only now that it is whole: a parent that is cancelled meanwhile finds it alive.
        let members = parents.iter().map(|&parent| {
            let child = Listener::Child(Arc::downgrade(&node));
            let key = parent
                .listen(child)
                .map_err(|(cause, _)| node.cancel(cause));
            Member {
                node: Arc::clone(parent),
                key: key.ok(),
            }
        });
        let _ = node.parents.set(members.collect());
        node
    }

    /// Cancels this node and all below it. Whether this call was the first.
    pub(crate) fn cancel(self: &Arc<Self>, cause: Cause) -> bool {
        let Some(listeners) = self.begin_cancel(cause) else {
            return false;
        };
        let mut callbacks = Vec::new();
        let mut due = vec![listeners];
        while let Some(listeners) = due.pop() {
            for listener in listeners.into_values() {
                match listener {
                    Listener::Child(child) => {
                        due.extend(child.upgrade().and_then(|child| child.begin_cancel(cause)));
                    }
                    Listener::Thread(thread) => thread.unpark(),
                    Listener::Callback(callback) => callbacks.push(callback),
                }
            }
        }
        for callback in callbacks {
            if let Err(panic) = catch(callback) {
                report(
                    Level::Error,
                    format_args!("a callback of a token panicked: {panic}"),
                );
            }
        }
        true
    }

    /// Sets the flag, and gives out who is to hear of it.
    fn begin_cancel(&self, cause: Cause) -> Option<BTreeMap<u64, Listener>> {
        let mut listeners = lock(&self.listeners);
        if self.requested().is_some() {
            return None;
        }
        self.cause.store(cause as u32, Release);
        Some(mem::take(&mut listeners.all))
    }

    /// Why somebody cancelled it, if anybody did.
    #[inline]
    pub(crate) fn requested(&self) -> Option<Cause> {
        match self.cause.load(Acquire) {
            NONE => None,
            code => Some(Cause::of_code(code)),
        }
    }

    /// Why it is cancelled, if it is.
    #[inline]
    pub(crate) fn cause(&self) -> Option<Cause> {
        self.requested().or_else(|| {
            self.deadline
                .is_some_and(|deadline| Instant::now() >= deadline)
                .then_some(Cause::Deadline)
        })
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Blocks until it is cancelled, and says why; or nothing, if the time is over first.
    pub(crate) fn wait(&self, limit: Limit) -> Option<Cause> {
        if let Some(cause) = self.cause() {
            return Some(cause);
        }
        if limit.is_over() {
            return None;
        }
        let key = match self.listen(Listener::Thread(current())) {
            Ok(key) => key,
            Err((cause, _)) => return Some(cause),
        };
        let until = match (limit.deadline(), self.deadline) {
            (Some(limit), Some(deadline)) => Some(limit.min(deadline)),
            (limit, deadline) => limit.or(deadline),
        };
        let cause = loop {
            let cause = self.cause();
            if cause.is_some() || limit.is_over() {
                break cause;
            }
            park_until(until);
        };
        drop(self.forget(key));
        cause
    }

    /// Has `callback` called when somebody cancels this node. If somebody has, gives it back.
    pub(crate) fn call(&self, callback: Callback) -> Result<u64, Callback> {
        match self.listen(Listener::Callback(callback)) {
            Ok(key) => Ok(key),
            Err((_, Listener::Callback(callback))) => Err(callback),
            Err(_) => unreachable!("what is given back is what came"),
        }
    }

    /// Puts a listener on the list, unless there is nothing to listen for any more.
    fn listen(&self, listener: Listener) -> Result<u64, (Cause, Listener)> {
        let mut listeners = lock(&self.listeners);
        match self.requested() {
            None => Ok(listeners.add(listener)),
            Some(cause) => Err((cause, listener)),
        }
    }

    /// Takes a listener out that has not been told. It may hold user code, to be dropped by the caller.
    #[must_use]
    pub(crate) fn forget(&self, key: u64) -> Option<Listener> {
        lock(&self.listeners).all.remove(&key)
    }
}

impl Listeners {
    fn add(&mut self, listener: Listener) -> u64 {
        let key = self.next;
        self.next += 1;
        self.all.insert(key, listener);
        key
    }
}

/// Leaves the parents, and goes up the tree in a loop where nobody else holds it: the line may be
/// long.
impl Drop for Node {
    fn drop(&mut self) {
        let mut members = self.parents.take().unwrap_or_default();
        while let Some(Member { node, key }) = members.pop() {
            drop(key.and_then(|key| node.forget(key)));
            if let Some(mut node) = Arc::into_inner(node) {
                members.extend(node.parents.take().unwrap_or_default());
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

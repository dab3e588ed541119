//! What runs when a task is done: callbacks, and tasks that follow it.

use super::{
    names::Names,
    repr::Repr,
    runner::{Cascade, Due, Task},
    slot::SlotRef,
    source::Source,
    waiters::{Hook, hook_node, unbox_hook, until_settled},
};
use crate::{
    error::TaskError,
    observing::{Promise, Site},
    submission::Ambience,
    unwind::{catch, report},
};
use log::Level;
use std::{marker::PhantomData, sync::Arc};

/// Calls `callback` when the task of the slot is done: at once if it is, else by whoever ends it.
pub(super) fn call_back<F, T, E>(slot: SlotRef, callback: F)
where
    F: FnOnce(Result<&T, &TaskError<E>>) + Send + 'static,
{
    hook(
        slot,
        Callback {
            callback,
            types: PhantomData::<fn(&T, &E)>,
        },
    );
}

/// Hangs a hook on a slot, or fires it at once if the slot is settled.
///
/// While callbacks run elsewhere, they borrow the outcome there: a new hook queues up behind them,
/// so that only one thread at a time calls.
fn hook<H: Hook>(slot: SlotRef, hook: H) {
    let node = hook_node(hook);
    // SAFETY: a boxed node stays where it is, and the list owns it from here on.
    if !unsafe { slot.link(node, until_settled) } {
        // SAFETY: it was not linked.
        let hook = unsafe { unbox_hook::<H>(node) };
        Cascade::outside(|cascade| hook.fire(slot, cascade));
    }
}

struct Callback<F, T, E> {
    callback: F,
    types: PhantomData<fn(&T, &E)>,
}

impl<F, T, E> Hook for Callback<F, T, E>
where
    F: FnOnce(Result<&T, &TaskError<E>>) + Send,
{
    fn fire(self, slot: SlotRef, cascade: &mut Cascade<'_>) {
        cascade.leave_search();
        // SAFETY: a hook fires while the outcome is in place.
        let outcome = unsafe { slot.peek::<T, E>() };
        if let Err(panic) = catch(|| (self.callback)(outcome)) {
            let repr = Repr::new(slot.address(), false, Some(outcome)).named(Names::of(slot));
            report(
                Level::Error,
                format_args!("a callback of {repr:?} panicked: {panic}"),
            );
        }
    }
}

/// A task that another one follows. The handle of it lies in the follow-up's closure, and so lives
/// at least until [`follow_up`](Self::follow_up) has linked the two.
pub(crate) struct Parent(SlotRef);

impl Parent {
    pub(super) fn new(slot: SlotRef) -> Self {
        Self(slot)
    }

    pub(crate) fn source(&self) -> Arc<Source> {
        Arc::clone(self.0.source())
    }

    /// What a follow-up takes over that is asked for now, if anything, and its facts, if its pool is
    /// observed.
    pub(crate) fn dress(&self, site: Site) -> (Option<Ambience>, Option<Arc<Promise>>) {
        let Some(home) = self.0.source().home.upgrade() else {
            return (None, None);
        };
        let promise = home.audience().map(|all| Promise::new(all, site));
        (home.ambience(), promise)
    }

    /// Sees to `task` when the parent is done: it runs, or passes on what the parent ended with.
    pub(crate) fn follow_up(self, task: Task, promise: Option<Arc<Promise>>) {
        hook(self.0, FollowUp { task, promise });
    }
}

struct FollowUp {
    task: Task,
    promise: Option<Arc<Promise>>,
}

impl Hook for FollowUp {
    fn fire(self, slot: SlotRef, cascade: &mut Cascade<'_>) {
        let Self { task, promise } = self;
        let seen = slot.state.look();
        let home = slot.source().home.upgrade();
        let runs = !(seen.is_failed() || seen.is_cancelled());
        if let Some(promise) = promise {
            cascade.leave_search();
            promise.fall_due(runs && home.is_some());
        }
        let due = match home {
            _ if !runs => Due::Inline(task),
            Some(home) => Due::Adopt(home, task),
            None => Due::Orphan(task),
        };
        cascade.due(due);
    }
}

//! What a slot can run.
//!
//! [`Work`] is a closure with its way of ending; [`Table`] is the same with the types erased, one
//! constant per kind of work.

use super::{
    current::Running,
    runner::{Cascade, Ending, Turn},
    slot::{Outcome, SlotRef},
    state::{Done, End},
};
use crate::{
    error::TaskError,
    unwind::{catch, drop_contained},
};
use std::{convert::Infallible, mem::needs_drop};

/// Something that can be run once.
pub(crate) trait Work: Sized {
    /// Whether it is no task of its own, but stands in the queue for others that are counted.
    const STANDS_IN: bool = false;

    /// Whether it is for a worker to run, and so on the pool's account.
    const IS_RUN: bool = true;

    type Value;
    type Error;
    /// What may go only when nothing of the task is left on this thread.
    type After;

    /// For work that only the pool's end ever claims, because its handle goes at birth: whether it
    /// has come to nothing, and never will be anything again.
    const IS_VOID: Option<fn(&Self) -> bool> = None;

    /// For a follow-up: waits until what it follows has ended. Whether there is something to be run then.
    fn is_due(&self) -> bool {
        true
    }

    /// Runs it. A panic of user code is part of the outcome; captures are dropped before it.
    fn perform(self, turn: &mut dyn Turn) -> (Outcome<Self::Value, Self::Error>, Self::After);

    /// It will not run. Drops it, with panics contained.
    fn refuse(self, ending: &Ending) -> Self::After;
}

/// A slot's functions. All of them belong to the claimer of the slot, or to its last owner.
pub(crate) struct Table {
    pub(crate) run: unsafe fn(SlotRef, &mut Cascade<'_>),
    /// The same for a waiter, who holds the caller's end and keeps it.
    pub(crate) run_awaited: unsafe fn(SlotRef, &mut Cascade<'_>),
    pub(crate) end: unsafe fn(SlotRef, &Ending, End, &mut Cascade<'_>),
    pub(crate) drop_work: unsafe fn(SlotRef),
    pub(crate) is_void: unsafe fn(SlotRef) -> bool,
    pub(crate) stands_in: bool,
    /// Whether there is nothing in a slot with a good value that has to be dropped or freed.
    pub(crate) leaves_nothing: bool,
    /// Whether a good value has anything to drop.
    pub(crate) drops_values: bool,
    pub(crate) drop_outcome: unsafe fn(SlotRef),
    pub(crate) free_box: unsafe fn(SlotRef),
}

impl Table {
    pub(crate) const fn of<W: Work>() -> Self {
        Self {
            run: run::<W>,
            run_awaited: run_awaited::<W>,
            end: end::<W>,
            drop_work: |slot| {
                // SAFETY: the promise of the table's caller.
                unsafe {
                    count_tombstone::<W>(slot);
                    drop(slot.take_work::<W>().refuse(&Ending::Cancelled));
                    slot.leave_box();
                }
            },
            is_void: |slot| match W::IS_VOID {
                None => false,
                // SAFETY: the caller holds the pool's end, and nobody else claims work of this kind.
                Some(is_void) => is_void(unsafe { slot.work::<W>() }),
            },
            stands_in: W::STANDS_IN,
            leaves_nothing: SlotRef::holds::<W>() && !needs_drop::<W::Value>(),
            drops_values: needs_drop::<W::Value>(),
            drop_outcome: |slot| {
                // SAFETY: the promise of the table's caller.
                unsafe { slot.drop_outcome::<W>() }
            },
            free_box: |slot| {
                // SAFETY: the promise of the table's caller.
                unsafe { slot.free_box::<W>() }
            },
        }
    }
}

/// # Safety
///
/// The caller claimed the slot to run it and held the pool's end, which is gone afterwards.
unsafe fn run<W: Work>(slot: SlotRef, cascade: &mut Cascade<'_>) {
    // SAFETY: the caller's promise.
    unsafe {
        let running = Running::begin(slot);
        let (outcome, after) = slot.take_work::<W>().perform(cascade.turn());
        drop(running);
        let done = slot.put_ending::<W>(outcome);
        cascade.about_to_publish::<W>(slot, done);
        slot.finish(done, End::Pool, cascade);
        drop(after);
    }
}

/// # Safety
///
/// The caller claimed the slot to run it, and keeps the caller's end alive until this returns.
#[cold]
#[inline(never)]
unsafe fn run_awaited<W: Work>(slot: SlotRef, cascade: &mut Cascade<'_>) {
    // SAFETY: the caller's promise.
    unsafe {
        let running = Running::begin(slot);
        let (outcome, after) = slot.take_work::<W>().perform(cascade.turn());
        drop(running);
        let done = slot.put_ending::<W>(outcome);
        cascade.about_to_publish::<W>(slot, done);
        slot.finish(done, End::Handle, cascade);
        drop(after);
    }
}

/// # Safety
///
/// The caller claimed the slot; with `End::Pool` it held the pool's end, which is gone afterwards.
unsafe fn end<W: Work>(slot: SlotRef, ending: &Ending, held: End, cascade: &mut Cascade<'_>) {
    // SAFETY: the caller's promise.
    unsafe {
        let after = slot.take_work::<W>().refuse(ending);
        let done = if let Some(error) = ending.error() {
            slot.put_outcome::<W>(Err(error));
            Done::Error
        } else {
            slot.leave_box();
            Done::Cancelled
        };
        match (held, done) {
            (End::Handle, Done::Cancelled) => count_tombstone::<W>(slot),
            _ => count_unrun::<W>(slot, done),
        }
        slot.finish(done, held, cascade);
        drop(after);
    }
}

fn count_unrun<W: Work>(slot: SlotRef, done: Done) {
    if !W::STANDS_IN && W::IS_RUN {
        slot.source().census.end_unrun(done);
    }
}

/// Cancelled by its caller's end: the pool's end stays in the queue.
fn count_tombstone<W: Work>(slot: SlotRef) {
    let tombstones = &slot.source().tombstones;
    if !W::IS_RUN {
        // It lies in no queue.
    } else if W::STANDS_IN {
        tombstones.add_others(1);
    } else {
        tombstones.add_cancelled();
    }
}

/// A task of `submit`: its value is the result.
pub(crate) struct Plain<F>(pub(crate) F);

impl<F: FnOnce() -> T, T> Work for Plain<F> {
    type Value = T;
    type Error = Infallible;
    type After = ();

    fn perform(self, _: &mut dyn Turn) -> (Outcome<T, Infallible>, ()) {
        (catch(self.0).map_err(TaskError::Panicked), ())
    }

    fn refuse(self, _: &Ending) {
        drop_contained("a task that did not run", self.0);
    }
}

/// A task of `try_submit`: its `Err` is the task's exception.
pub(crate) struct Fallible<F>(pub(crate) F);

impl<F: FnOnce() -> Result<T, E>, T, E> Work for Fallible<F> {
    type Value = T;
    type Error = E;
    type After = ();

    fn perform(self, _: &mut dyn Turn) -> (Outcome<T, E>, ()) {
        let outcome = match catch(self.0) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(TaskError::Failed(error)),
            Err(panic) => Err(TaskError::Panicked(panic)),
        };
        (outcome, ())
    }

    fn refuse(self, _: &Ending) {
        drop_contained("a task that did not run", self.0);
    }
}

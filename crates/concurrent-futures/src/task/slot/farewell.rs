//! The end of a task, and how its slot is emptied: who lets go last clears what is left, and gives the slot back
//! to its block.

use super::{Content, Slot, SlotRef};
use crate::{
    task::{
        block::Emptied,
        names::Names,
        runner::Cascade,
        state::{Done, End, Publish, Settled},
        work::Work,
    },
    token::ambient,
    unwind::drop_contained_by,
};
use std::mem::{ManuallyDrop, MaybeUninit};

impl SlotRef {
    /// The claimer ends the task: the one door of all endings. Waiting threads are woken first,
    /// then callbacks run, then the outcome is free to be taken.
    ///
    /// # Safety
    ///
    /// The caller claimed the task and wrote the outcome that `done` tells of. With
    /// [`End::Pool`] it held the pool's end, which is gone afterwards.
    #[inline]
    pub(crate) unsafe fn finish(self, done: Done, end: End, cascade: &mut Cascade<'_>) {
        match self.state.publish_unnoticed(done, end) {
            Some(Settled { last: false }) => {}
            // SAFETY: the last end has been let go, so the slot is ours alone.
            Some(Settled { last: true }) => unsafe { self.free_in(cascade) },
            // SAFETY: nothing was published, so the promise still holds.
            None => unsafe { self.finish_noticed(done, end, cascade) },
        }
    }

    /// As [`finish`](Self::finish), where somebody may wait or be about to.
    ///
    /// # Safety
    ///
    /// As for `finish`.
    #[cold]
    #[inline(never)]
    unsafe fn finish_noticed(self, done: Done, end: End, cascade: &mut Cascade<'_>) {
        let last = loop {
            match self.state.publish(done, end) {
                Publish::Settled(Settled { last }) => break last,
                // SAFETY: the caller's promise.
                Publish::Locked => break unsafe { self.tell(done, end, cascade) },
                // It can be woken to stop, which must not be possible once another task may have the
                // slot.
                Publish::Entered => {
                    ambient::forget(self);
                    self.state.unmark_entered();
                }
            }
        };
        if last {
            // SAFETY: the last end has been let go, so the slot is ours alone.
            unsafe { self.free_in(cascade) };
        }
    }

    /// Tells those who wait, and settles the task. Whether the slot's last end was let go.
    ///
    /// # Safety
    ///
    /// As for [`finish`](Self::finish), and [`State::publish`] has locked the list.
    #[cold]
    #[inline(never)]
    unsafe fn tell(self, done: Done, end: End, cascade: &mut Cascade<'_>) -> bool {
        loop {
            // SAFETY: the list is locked; its nodes are alive while they are linked.
            let (wakes, hooks) = self
                .waiters
                .with_mut(|list| unsafe { (*list).tell_all(done) });
            let settle = hooks.is_empty();
            let last = self.state.unlock_published(end, settle);
            // From here on the slot may be gone, if it is settled.
            wakes.wake(cascade);
            if settle {
                return last;
            }
            hooks.fire(self, cascade);
            match self.state.publish(done, end) {
                Publish::Settled(Settled { last }) => return last,
                Publish::Locked => {}
                Publish::Entered => unreachable!("only a running task enters"),
            }
        }
    }

    /// As [`free`](Self::free), where a task ends.
    ///
    /// # Safety
    ///
    /// As there; the outcome was not moved out.
    #[inline]
    unsafe fn free_in(self, cascade: &mut Cascade<'_>) {
        if self.state.look().is_mere_value() && self.table().leaves_nothing {
            // SAFETY: the caller's promise, and nothing is left in the slot.
            cascade.give_back(unsafe { Emptied::new(self.block()) });
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.clear_in(cascade) };
        }
    }

    /// As [`free_in`](Self::free_in), where something may be left in the slot.
    ///
    /// # Safety
    ///
    /// As there.
    #[inline(never)]
    unsafe fn clear_in(self, cascade: &mut Cascade<'_>) {
        if self.drops_outcome() {
            cascade.leave_search();
        }
        // SAFETY: the caller's promise.
        cascade.give_back(unsafe { self.free(true) });
    }

    /// The caller's end has moved the outcome out, and is the last one.
    ///
    /// # Safety
    ///
    /// The slot [is ready and alone](Seen::is_ready_and_alone), and this is its caller's end.
    #[inline]
    pub(in crate::task) unsafe fn free_taken(self) {
        // SAFETY: nobody else can reach the slot any more.
        unsafe {
            if self.is_boxed() {
                (self.table().free_box)(self);
            }
            drop(Emptied::new(self.block()));
        }
    }

    /// Whether an outcome lies here that has something to drop. Only for a done slot.
    #[inline]
    fn drops_outcome(self) -> bool {
        let seen = self.state.look();
        seen.is_finished() && (seen.is_failed() || self.table().drops_values)
    }

    /// Empties the slot, on its way back to its block.
    ///
    /// # Safety
    ///
    /// Both ends are gone, and the caller let the last one go. `outcome`: the slot is done, and
    /// its outcome was not moved out.
    #[inline]
    pub(crate) unsafe fn free(self, outcome: bool) -> Emptied {
        if self.state.look().is_named() {
            Names::forget(self);
        }
        // SAFETY: nobody else can reach the slot any more.
        unsafe {
            if outcome && self.drops_outcome() {
                (self.table().drop_outcome)(self);
            }
            if self.is_boxed() {
                (self.table().free_box)(self);
            }
            Emptied::new(self.block())
        }
    }

    /// Drops the outcome in place.
    ///
    /// # Safety
    ///
    /// The slot is the caller's alone, it holds an outcome, and `W` is its closure's type.
    pub(crate) unsafe fn drop_outcome<W: Work>(self) {
        // In place: a large outcome is not moved just to be dropped.
        let outcome = self.storage.with_mut(|storage| {
            let content = Slot::content::<W>(storage);
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*content).outcome }
        });
        // SAFETY: the caller's promise; dropped once, here.
        drop_contained_by("the result of a task", || unsafe {
            ManuallyDrop::drop(&mut *outcome);
        });
    }

    /// Frees the box of a task that ends without an outcome, so that no more than the slot stays
    /// until the pool comes by.
    ///
    /// # Safety
    ///
    /// The caller claimed the task to cancel it and took the closure.
    pub(crate) unsafe fn leave_box(self) {
        if self.is_boxed() {
            // SAFETY: the claimer owns the storage. Of a cancelled task nobody else looks at `boxed`
            // before the claimer's end is gone.
            unsafe {
                (self.table().free_box)(self);
                self.boxed.with_mut(|boxed| *boxed = false);
            }
        }
    }

    /// The caller's end, which goes, empties a slot whose pool's end stays in the queue. With
    /// `outcome` there is one to be dropped.
    ///
    /// # Safety
    ///
    /// The slot [leaves a tombstone](Seen::leaves_tombstone), and the caller holds its caller's end.
    #[cold]
    pub(crate) unsafe fn leave_tombstone(self, outcome: bool) {
        let failed = self.state.look().is_failed();
        // SAFETY: the outcome of a settled slot is the caller's end's, and so is the box: the
        // pool's end looks at `boxed` only after this end is gone.
        unsafe {
            if outcome && (failed || self.table().drops_values) {
                (self.table().drop_outcome)(self);
            }
            self.leave_box();
        }
    }

    /// Frees the box of a closure that did not fit.
    ///
    /// # Safety
    ///
    /// The storage is the caller's alone, it is boxed and empty, and `W` is its closure's type.
    pub(crate) unsafe fn free_box<W: Work>(self) {
        self.storage.with_mut(|storage| {
            // SAFETY: the box was made by `Prepared::new` or `write_done` for this very type.
            drop(unsafe { Box::from_raw(storage.cast::<*mut MaybeUninit<Content<W>>>().read()) });
        });
    }
}

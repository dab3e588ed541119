//! The caller's end of a task.

use super::{
    awaiting::{self, Key},
    block::Block,
    hooks::{Parent, call_back},
    names::Names,
    post::Post,
    reclaim,
    repr::Repr,
    runner::{Cascade, Ending, Task},
    slot::{Outcome, Prepared, SlotRef},
    source::Source,
    state::{Cancel, End, Seen},
    waiters::{is_firing, until_done, until_settled},
    work::Work,
};
use crate::{
    error::{Deadlock, TaskError},
    time::Limit,
};
use std::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    sync::Arc,
    task::{Context, Poll},
};

/// An outcome that stays where it is.
pub(crate) type Peek<'a, T, E> = Result<&'a T, &'a TaskError<E>>;

/// The caller's end of a slot: exactly one exists until it lets go.
pub(crate) struct Handle<T, E> {
    slot: SlotRef,
    types: PhantomData<Outcome<T, E>>,
}

// SAFETY: a handle gives out the outcome by value and, to callbacks, by reference, one thread at
// a time as long as nobody shares the handle.
unsafe impl<T: Send, E: Send> Send for Handle<T, E> {}
// SAFETY: shared, it lends the outcome to several threads at once.
unsafe impl<T: Send + Sync, E: Send + Sync> Sync for Handle<T, E> {}

impl<T, E> Handle<T, E> {
    /// # Safety
    ///
    /// The slot's task was published, its types are `T` and `E`, and this is its only `Handle`.
    #[inline]
    pub(crate) unsafe fn new(slot: SlotRef) -> Self {
        Self {
            slot,
            types: PhantomData,
        }
    }

    /// A task in a slot of its own, outside of any queue: both ends of it.
    pub(crate) fn pending<W>(work: W, source: &Arc<Source>) -> (Task, Self)
    where
        W: Work<Value = T, Error = E> + Send + 'static,
    {
        // SAFETY: `'static` work outlives its task.
        unsafe { Self::pending_borrowing(work, source) }
    }

    /// As [`pending`](Self::pending), for work that borrows.
    ///
    /// # Safety
    ///
    /// What the work borrows lives until its `After` is dropped, and what its value borrows lives
    /// until the handle and the `After` are dropped.
    pub(crate) unsafe fn pending_borrowing<W>(work: W, source: &Arc<Source>) -> (Task, Self)
    where
        W: Work<Value = T, Error = E> + Send,
    {
        if !W::STANDS_IN && W::IS_RUN {
            source.census.come_beside_the_queue();
        }
        let slot = Block::single(source);
        // SAFETY: a new block's slot is empty and ours; these are its two ends.
        unsafe {
            slot.write(Prepared::new(work));
            (Task::new(slot), Self::new(slot))
        }
    }

    /// A task that is done already.
    pub(crate) fn done<W>(outcome: Outcome<T, E>, source: &Arc<Source>) -> Self
    where
        W: Work<Value = T, Error = E>,
    {
        let slot = Block::single(source);
        // SAFETY: a new block's slot is empty and ours; this is its only end.
        unsafe {
            slot.write_done::<W>(outcome);
            Self::new(slot)
        }
    }

    pub(crate) fn slot(&self) -> SlotRef {
        self.slot
    }

    pub(crate) fn id(&self) -> usize {
        self.slot.address()
    }

    pub(crate) fn seen(&self) -> Seen {
        self.slot.state.look()
    }

    /// Gives the task a name to be shown.
    #[cold]
    pub(crate) fn show(&self, name: Arc<str>) {
        Names::give(self.slot, name);
    }

    /// Cancels the task if it has not started. Whether it will never run.
    pub(crate) fn cancel(&self) -> bool {
        let slot = self.slot;
        let _audience = slot.source().hold_audience();
        match slot.state.cancel() {
            Cancel::Refused => return self.is_cancelled_elsewhere(),
            // SAFETY: claimed.
            Cancel::Settled => unsafe { (slot.table().drop_work)(slot) },
            // SAFETY: claimed, and the handle is kept.
            Cancel::Claimed => Cascade::outside(|cascade| unsafe {
                (slot.table().end)(slot, &Ending::Cancelled, End::Handle, cascade);
            }),
        }
        // The tombstone has been counted with the cancellation.
        slot.source().tidy_if_due();
        true
    }

    /// Whether it is cancelled, now that somebody was asked for it if it is not for this end to decide.
    #[cold]
    fn is_cancelled_elsewhere(&self) -> bool {
        let seen = self.seen();
        if seen.is_elsewhere() && !seen.is_done() {
            self.slot.source().revokers.ask(self.slot);
        }
        self.seen().is_cancelled()
    }

    /// Ends the task so, if it has not started.
    pub(crate) fn end_queued(&self, ending: &Ending) {
        let slot = self.slot;
        let _audience = slot.source().hold_audience();
        if let Ending::Cancelled = ending {
            self.cancel();
        } else if slot.state.reclaim() {
            Cascade::outside(|cascade| {
                // SAFETY: claimed, and the handle is kept.
                unsafe { (slot.table().end)(slot, ending, End::Handle, cascade) };
            });
        }
    }

    /// Cancels the task if it has not started, and asks it to stop if it runs. False if it is done.
    pub(crate) fn request_cancel(&self) -> bool {
        if self.cancel() {
            return true;
        }
        let running = self.slot.state.request_stop();
        if running {
            self.slot.source().stops.request(self.slot);
        }
        running
    }

    /// Blocks until the outcome can be seen.
    pub(crate) fn wait_done(&self, limit: Limit) -> Result<bool, Deadlock> {
        self.wait(until_done, limit)
    }

    /// Blocks until the outcome can be taken. Not in a callback of this very task, whose end the
    /// outcome waits for.
    pub(crate) fn wait_settled(&self, limit: Limit) -> Result<bool, Deadlock> {
        if until_settled(self.seen()) {
            return Ok(true);
        }
        let limit = if is_firing(self.slot) {
            Limit::Poll
        } else {
            limit
        };
        self.wait(until_settled, limit)
    }

    fn wait(&self, until: fn(Seen) -> bool, limit: Limit) -> Result<bool, Deadlock> {
        if until(self.seen()) {
            return Ok(true);
        }
        if limit.is_over() {
            return Ok(false);
        }
        if self.slot.source().is_inherited() {
            return Err(Deadlock::forked());
        }
        reclaim::wait(self.slot, until, limit)
    }

    /// Moves the outcome out. Waits for callbacks that are still being run with it.
    ///
    /// # Panics
    ///
    /// In one of those callbacks, which would wait for itself.
    #[inline]
    pub(crate) fn take(self) -> Outcome<T, E> {
        if !self.seen().is_ready_and_alone() {
            return self.take_shared();
        }
        let slot = ManuallyDrop::new(self).slot;
        // SAFETY: settled, and `self` is consumed; this is the last end.
        unsafe {
            let outcome = slot.take_outcome::<T, E>();
            slot.free_taken();
            outcome
        }
    }

    /// As [`take`](Self::take), where others may have something to do with the slot yet.
    #[inline(never)]
    fn take_shared(self) -> Outcome<T, E> {
        let mut seen = self.seen();
        if !seen.is_settled() {
            let settled = match self.wait_settled(Limit::Forever) {
                Ok(settled) => settled,
                Err(deadlock) => return Err(TaskError::Deadlock(deadlock)),
            };
            assert!(
                settled,
                "a callback waits for the result of its own future; use the outcome it is given"
            );
            seen = self.seen();
        }
        if seen.is_cancelled() {
            return Err(TaskError::Cancelled);
        }
        let slot = ManuallyDrop::new(self).slot;
        // SAFETY: settled, and `self` is consumed.
        unsafe {
            let outcome = slot.take_outcome::<T, E>();
            leave(slot, false);
            outcome
        }
    }

    /// Waits for the task. Whether a follow-up has something to take up.
    pub(crate) fn waits_for_value(&self) -> bool {
        let settled = self.wait_settled(Limit::Forever);
        let seen = self.seen();
        matches!(settled, Ok(true)) && !(seen.is_failed() || seen.is_cancelled())
    }

    /// As [`take`](Self::take), for a task that follows this one. If a callback of this task waits for
    /// that one, nobody else is to blame.
    pub(crate) fn take_for_follow_up(self) -> Outcome<T, E> {
        match Post::current() {
            Some(post) if !until_settled(self.seen()) && is_firing(self.slot) => {
                Err(TaskError::Deadlock(post.waits_for_itself()))
            }
            _ => self.take(),
        }
    }

    /// Waits until no other thread borrows the outcome, then borrows it.
    pub(crate) fn peek_within(&self, limit: Limit) -> Result<Option<Peek<'_, T, E>>, Deadlock> {
        // In one of its callbacks it is this thread that borrows it.
        let free = is_firing(self.slot) || self.wait_settled(limit)?;
        // SAFETY: done; it is not moved out while `self` is borrowed.
        Ok(free.then(|| unsafe { self.slot.peek() }))
    }

    /// Borrows the outcome if there is one. Callbacks may be borrowing it too on another thread.
    pub(crate) fn peek_done(&self) -> Option<Peek<'_, T, E>>
    where
        T: Sync,
        E: Sync,
    {
        // SAFETY: done; it is not moved out while `self` is borrowed.
        self.seen().is_done().then(|| unsafe { self.slot.peek() })
    }

    /// Calls `callback` when the task is done: at once if it is, else by whoever ends it.
    pub(crate) fn on_done<F>(&self, callback: F)
    where
        F: FnOnce(Result<&T, &TaskError<E>>) + Send + 'static,
    {
        call_back(self.slot, callback);
    }

    /// This task as the parent of another.
    pub(crate) fn as_parent(&self) -> Parent {
        Parent::new(self.slot)
    }

    /// Whether that does not hold and never will in this process, which was forked from the worker's.
    pub(crate) fn is_stranded(&self, until: fn(Seen) -> bool) -> bool {
        !until(self.seen()) && self.slot.source().is_inherited()
    }

    /// Whether the outcome can be taken, or why not; else the context's waker is called when it may.
    pub(crate) fn poll_settled(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.is_stranded(until_settled) {
            return Poll::Ready(());
        }
        awaiting::poll(&self.slot, Key::HANDLE, until_settled, context)
    }
}

/// The caller's end goes. With `outcome`, it was not moved out if there is one.
///
/// # Safety
///
/// This is the caller's end, and it is not used again.
#[inline(never)]
unsafe fn leave(slot: SlotRef, mut outcome: bool) {
    let seen = slot.state.look();
    if seen.is_awaited() {
        awaiting::forget(&slot, Key::HANDLE);
    }
    if seen.leaves_tombstone() {
        // SAFETY: this is the caller's end; the caller says whether the outcome is in.
        unsafe { slot.leave_tombstone(outcome) };
        outcome = false;
    }
    if slot.state.let_go(End::Handle) {
        // SAFETY: the last end was let go here; the caller says whether the outcome is in.
        drop(unsafe { slot.free(outcome) });
    }
}

impl<T, E> Drop for Handle<T, E> {
    #[inline]
    fn drop(&mut self) {
        if !self.slot.state.leave_early() {
            // SAFETY: it goes here.
            unsafe { leave(self.slot, true) };
        }
    }
}

impl<T, E> fmt::Debug for Handle<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self
            .seen()
            .is_done()
            // SAFETY: done; it is not moved out while `self` is borrowed. A callback may borrow it on
            // another thread, but no more is looked at than which kind it is.
            .then(|| unsafe { self.slot.peek() });
        Repr::<T, E>::new(self.slot.address(), self.seen().is_running(), outcome)
            .named(Names::of(self.slot))
            .fmt(f)
    }
}

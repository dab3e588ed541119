//! The pool's end of a task, and what happens after a task has ended.

use super::{
    block::Emptied,
    census::Count,
    notices::Notices,
    post::Pause,
    reclaim::Errand,
    slot::{Outcome, SlotRef},
    state::{Claim, Done, End},
    work::Work,
};
use crate::{
    error::{BrokenThreadPool, Rejected, TaskError},
    observing::Audience,
    queue::Mark,
    submission::{Ambience, Dress},
    sync::Padded,
    unwind::Contained,
};
use std::{io, sync::Arc};

/// How a task ends that does not run.
#[derive(Clone)]
pub(crate) enum Ending {
    Cancelled,
    DeadlineExceeded,
    Broken(BrokenThreadPool),
    Shutdown,
    NoThread(Arc<Contained<io::Error>>),
    QueueFull,
    Discarded,
    /// The pool's threads are in the process from which this one was forked.
    Forked,
}

impl Ending {
    /// The outcome to write; a cancelled task has none.
    pub(crate) fn error<E>(&self) -> Option<TaskError<E>> {
        match self {
            Self::Cancelled => None,
            Self::DeadlineExceeded => Some(TaskError::DeadlineExceeded),
            Self::Broken(error) => Some(TaskError::Broken(error.clone())),
            Self::Shutdown => Some(TaskError::Rejected(Rejected::shutdown())),
            Self::NoThread(error) => Some(TaskError::Rejected(Rejected::thread_start(error))),
            Self::QueueFull => Some(TaskError::Rejected(Rejected::queue_full())),
            Self::Discarded => Some(TaskError::Rejected(Rejected::discarded())),
            Self::Forked => Some(TaskError::Rejected(Rejected::forked())),
        }
    }
}

/// The pool that a slot belongs to, as far as tasks know it.
pub(crate) trait Home: Send + Sync {
    /// Runs a task that was accepted earlier, in its turn.
    fn adopt(self: Arc<Self>, task: Task);

    /// What a follow-up takes over that is asked for now, if anything.
    fn ambience(&self) -> Option<Ambience>;

    /// Those who are told of its tasks.
    fn audience(&self) -> Option<&Arc<Audience>>;

    /// Does an errand on a new thread, or gives it back.
    fn stand_in(self: Arc<Self>, errand: Errand) -> Result<(), Errand>;

    /// A worker pauses: another one may take its place.
    fn pause(self: Arc<Self>, pause: Pause);

    /// It goes on.
    fn resume(self: Arc<Self>, pause: Pause);

    /// Many tasks have been cancelled: throws away what is left of them, if it pays.
    fn tidy(&self);
}

/// The worker that runs a task, as far as tasks know it.
pub(crate) trait Turn {
    /// The outcome is about to be seen: whoever sees it may submit the next task at once, and this
    /// worker is as good as free for it. Says how the task ended, if it was one.
    fn about_to_publish(&mut self, ended: Option<Done>);

    /// User code is going to run: this worker must not count as free meanwhile.
    fn leave_search(&mut self);

    /// Nothing was run.
    fn nothing_ran(&mut self) {}

    /// Where this worker counts items that it runs.
    fn count(&self) -> Option<&Arc<Padded<Count>>> {
        None
    }

    /// Whether its pool wants to know how long tasks wait.
    fn measures_wait(&self) -> bool {
        false
    }

    /// Where this worker is told something between two tasks, and so between two items.
    fn notices(&self) -> Option<&Arc<Notices>> {
        None
    }

    /// Whether one worker is too many, and it may be this one.
    fn is_surplus(&self) -> bool {
        false
    }

    /// Those who are told of the tasks of its pool, if it has them at hand.
    fn audience(&self) -> Option<&Audience> {
        None
    }

    /// A task has taken off its dress, and nothing is left in it. A worker may keep some for their next use.
    fn put_away(&mut self, dress: Box<Dress>) {
        drop(dress);
    }

    /// Puts what is left of the work at hand back into the queue, where it stood.
    fn hand_over(&mut self, mark: Mark, task: Task) {
        let _ = mark;
        drop(task);
    }

    /// A slot was emptied. A worker may keep some before it gives them back together.
    fn give_back(&mut self, emptied: Emptied) {
        drop(emptied);
    }
}

/// Somebody who is no worker ends a task.
struct Outsider;

impl Turn for Outsider {
    fn about_to_publish(&mut self, _: Option<Done>) {}
    fn leave_search(&mut self) {}
}

/// The tasks that become due while one ends, so that a long chain of follow-ups is a loop and not a
/// recursion.
pub(crate) struct Cascade<'a> {
    turn: &'a mut dyn Turn,
    /// Whether the thread is no worker that is counted by itself.
    outside: bool,
    /// At most one: a future is followed by one task at most, and what is due is seen to before the
    /// next slot ends.
    due: Option<Due>,
}

/// A follow-up whose parent is done.
pub(crate) enum Due {
    /// To be run by its pool.
    Adopt(Arc<dyn Home>, Task),
    /// To be run here and now: it will not reach user code.
    Inline(Task),
    /// Its pool is gone.
    Orphan(Task),
}

impl Cascade<'_> {
    /// Runs `f`, then sees to every follow-up that became due by it, and by those, and so on.
    #[inline]
    fn run(turn: &mut dyn Turn, f: impl FnOnce(&mut Cascade<'_>)) {
        let cascade = Cascade {
            turn,
            outside: false,
            due: None,
        };
        cascade.go(f);
    }

    #[allow(
        clippy::inline_always,
        reason = "it saves an empty task some twenty instructions"
    )]
    #[inline(always)]
    fn go(mut self, f: impl FnOnce(&mut Self)) {
        f(&mut self);
        if self.due.is_some() {
            self.go_on();
        }
    }

    #[cold]
    #[inline(never)]
    fn go_on(&mut self) {
        while let Some(due) = self.due.take() {
            match due {
                Due::Adopt(home, task) => home.adopt(task),
                Due::Inline(task) => {
                    self.leave_search();
                    task.run_in(self);
                }
                Due::Orphan(task) => {
                    self.leave_search();
                    task.end_in(&Ending::Shutdown, self);
                }
            }
        }
    }

    /// As [`run`](Self::run), on a thread that is no worker of the pool.
    pub(crate) fn outside(f: impl FnOnce(&mut Cascade<'_>)) {
        let cascade = Cascade {
            turn: &mut Outsider,
            outside: true,
            due: None,
        };
        cascade.go(f);
    }

    pub(crate) fn turn(&mut self) -> &mut dyn Turn {
        self.turn
    }

    /// A worker counts what it runs when it takes it.
    #[inline]
    pub(super) fn about_to_run(&self, slot: SlotRef) {
        if self.outside && !slot.table().stands_in {
            slot.source().census.begin();
        }
    }

    #[inline]
    pub(crate) fn about_to_publish<W: Work>(&mut self, slot: SlotRef, done: Done) {
        if self.outside && !W::STANDS_IN {
            slot.source().census.end(done);
        }
        self.turn.about_to_publish((!W::STANDS_IN).then_some(done));
    }

    #[inline]
    pub(crate) fn leave_search(&mut self) {
        self.turn.leave_search();
    }

    #[inline]
    pub(super) fn give_back(&mut self, emptied: Emptied) {
        self.turn.give_back(emptied);
    }

    /// Sees to a follow-up once the slot at hand is settled.
    pub(crate) fn due(&mut self, due: Due) {
        debug_assert!(self.due.is_none(), "a slot has one follow-up at most");
        self.due = Some(due);
    }
}

/// The pool's end of a slot: exactly one exists from the moment the task is accepted until it has
/// ended. Dropped unused it cancels the task, so none is ever forgotten.
pub(crate) struct Task {
    slot: SlotRef,
}

// SAFETY: the work in the slot is `Send` (the queue asks for it), and so is everything shared.
unsafe impl Send for Task {}

impl Task {
    /// # Safety
    ///
    /// The slot's task was published, and this is its only `Task`.
    pub(crate) unsafe fn new(slot: SlotRef) -> Self {
        Self { slot }
    }

    /// Runs the task, unless it was cancelled.
    #[inline]
    pub(crate) fn run(self, turn: &mut dyn Turn) {
        Cascade::run(turn, |cascade| self.run_in(cascade));
    }

    #[inline]
    fn run_in(self, cascade: &mut Cascade<'_>) {
        if self.slot.state.claim(Claim::Run) {
            let slot = self.into_slot();
            cascade.about_to_run(slot);
            // SAFETY: claimed, and the pool's end passes into the call.
            unsafe { (slot.table().run)(slot, cascade) };
        } else {
            self.discard(cascade);
        }
    }

    /// As [`run`](Self::run), on a thread that is no worker of the pool, or waits for the end.
    pub(crate) fn run_outside(self) {
        Cascade::outside(|cascade| self.run_in(cascade));
    }

    /// Where the slot is: nobody else's is there as long as this lives.
    pub(crate) fn address(&self) -> usize {
        self.slot.address()
    }

    /// Ends the task without running it, unless it was cancelled already.
    pub(crate) fn end(self, ending: &Ending) {
        Cascade::outside(|cascade| self.end_in(ending, cascade));
    }

    /// As [`end`](Self::end), in somebody's turn.
    pub(crate) fn end_by(self, ending: &Ending, turn: &mut dyn Turn) {
        Cascade::run(turn, |cascade| self.end_in(ending, cascade));
    }

    /// Whether nothing is left to be run: it was cancelled, or run by somebody else, or what it
    /// was to do has come to nothing.
    pub(crate) fn is_over(&self) -> bool {
        // SAFETY: this is the pool's end.
        !self.slot.state.look().is_pending() || unsafe { (self.slot.table().is_void)(self.slot) }
    }

    fn end_in(self, ending: &Ending, cascade: &mut Cascade<'_>) {
        let claim = match ending {
            Ending::Cancelled => Claim::Cancel,
            _ => Claim::Run,
        };
        if self.slot.state.claim(claim) {
            let slot = self.into_slot();
            // SAFETY: claimed, and the pool's end passes into the call.
            unsafe { (slot.table().end)(slot, ending, End::Pool, cascade) };
        } else {
            self.discard(cascade);
        }
    }

    /// The task was cancelled by its handle, or run by a waiter: what is left is the slot.
    #[cold]
    fn discard(self, cascade: &mut Cascade<'_>) {
        cascade.turn.nothing_ran();
        let slot = self.into_slot();
        if slot.state.let_go(End::Pool) {
            cascade.leave_search();
            // SAFETY: the last end was let go here, and the other one has left no outcome.
            cascade.give_back(unsafe { slot.free(false) });
        }
    }

    /// For a task that nobody runs: says that it has begun. Whether it has, now or before.
    pub(super) fn begin(&self) -> bool {
        self.slot.state.claim(Claim::Run) || self.slot.state.look().is_running()
    }

    pub(super) fn is_done(&self) -> bool {
        self.slot.state.look().is_done()
    }

    /// Ends a task that nobody runs, or gives the outcome back if it was cancelled by its handle.
    ///
    /// # Safety
    ///
    /// The task is one of `W`, and only this end of it ever claims it to run it.
    pub(super) unsafe fn finish_with<W: Work>(
        self,
        outcome: Outcome<W::Value, W::Error>,
    ) -> Result<(), Outcome<W::Value, W::Error>> {
        let slot = self.slot;
        slot.source().revokers.leave(slot);
        if !self.begin() {
            Cascade::outside(|cascade| self.discard(cascade));
            return Err(outcome);
        }
        let slot = self.into_slot();
        Cascade::outside(|cascade| {
            // SAFETY: claimed, by this end, which passes into the call.
            unsafe {
                drop(slot.take_work::<W>());
                let done = slot.put_ending::<W>(outcome);
                slot.finish(done, End::Pool, cascade);
            }
        });
        Ok(())
    }

    fn into_slot(self) -> SlotRef {
        std::mem::ManuallyDrop::new(self).slot
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // SAFETY: this `Task` is not used again.
        unsafe { Task::new(self.slot) }.end(&Ending::Cancelled);
    }
}

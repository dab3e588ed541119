//! A task that nobody here runs: what it ends with is said from outside, by who holds the pool's end.
//!
//! Its slot is like any other, so whoever waits for it knows no difference. There are two kinds:
//!
//! - One that is decided here. It is pending until its holder says that it has started, or ends it; until
//!   then the caller's end may cancel it, by the same transition as any task, and the holder finds that
//!   out when it comes.
//! - One that is decided elsewhere. Only its holder moves it on. A cancel asks somebody who can find out,
//!   and who then has the holder end it; see [`revokers`](super::revokers).

use super::{
    Handle, Home, Turn, Work,
    reclaim::Errand,
    revokers::Revoker,
    runner::{Ending, Task},
    slot::Outcome,
    source::Source,
};
use crate::{error::TaskError, observing::Audience, submission::Ambience, task::post::Pause};
use std::{
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

/// What lies in the slot of such a task.
pub(super) struct Promised<T, E>(PhantomData<fn() -> (T, E)>);

impl<T, E> Work for Promised<T, E> {
    const IS_RUN: bool = false;

    type Value = T;
    type Error = E;
    type After = ();

    fn perform(self, _: &mut dyn Turn) -> (Outcome<T, E>, ()) {
        unreachable!("it is in no queue, and its source is no pool's, so nobody runs it")
    }

    fn refuse(self, _: &Ending) {}
}

/// The pool's end of such a task. Dropped, it cancels the task, also one that has started: nobody will
/// ever say more of it.
pub(crate) struct Holder<T, E> {
    /// Here until it is ended.
    task: Option<Task>,
    types: PhantomData<fn(Outcome<T, E>)>,
}

/// Makes both ends. With a revoker the task is decided elsewhere.
pub(crate) fn promise<T, E>(
    source: &Arc<Source>,
    revoker: Option<Box<Revoker>>,
) -> (Holder<T, E>, Handle<T, E>)
where
    T: Send + 'static,
    E: Send + 'static,
{
    let (task, handle) = Handle::pending(Promised(PhantomData), source);
    if let Some(revoker) = revoker {
        let slot = handle.slot();
        source.revokers.enter(slot, revoker);
        slot.state.mark_elsewhere();
    }
    let holder = Holder {
        task: Some(task),
        types: PhantomData,
    };
    (holder, handle)
}

impl<T, E> Holder<T, E> {
    /// The task runs from now on, and the caller's end cannot cancel it any more. False if it has done so;
    /// true also if the task was running already.
    pub(crate) fn start(&self) -> bool {
        self.task().begin()
    }

    /// Ends the task, or gives the outcome back if the caller's end has cancelled it.
    pub(crate) fn finish(mut self, outcome: Outcome<T, E>) -> Result<(), Outcome<T, E>> {
        match self.task.take() {
            // SAFETY: `promise` made the task for work of this type.
            Some(task) => unsafe { task.finish_with::<Promised<T, E>>(outcome) },
            None => Err(outcome),
        }
    }

    /// Whether the caller's end has cancelled the task.
    pub(crate) fn is_over(&self) -> bool {
        self.task().is_done()
    }

    fn task(&self) -> &Task {
        self.task.as_ref().expect("here until it is ended")
    }
}

impl<T, E> Drop for Holder<T, E> {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            // SAFETY: as in `finish`.
            let ended = unsafe { task.finish_with::<Promised<T, E>>(Err(TaskError::Cancelled)) };
            // Else it was cancelled by the other end, which comes to the same.
            drop(ended);
        }
    }
}

/// Where the follow-ups of promises go that have no pool: they run where the promise is kept.
struct Inline;

impl Home for Inline {
    fn adopt(self: Arc<Self>, task: Task) {
        task.run_outside();
    }

    fn ambience(&self) -> Option<Ambience> {
        None
    }

    fn audience(&self) -> Option<&Arc<Audience>> {
        None
    }

    fn stand_in(self: Arc<Self>, errand: Errand) -> Result<(), Errand> {
        Err(errand)
    }

    fn pause(self: Arc<Self>, _: Pause) {}

    fn resume(self: Arc<Self>, _: Pause) {}

    fn tidy(&self) {}
}

/// The source of promises without a pool.
pub(crate) fn source() -> Arc<Source> {
    static HOME: OnceLock<Arc<dyn Home>> = OnceLock::new();
    let home = HOME.get_or_init(|| Arc::new(Inline));
    Source::new(Arc::downgrade(home))
}

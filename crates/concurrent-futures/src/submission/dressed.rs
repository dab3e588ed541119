//! A task with what it has besides its closure.

use crate::pool::bound::Permit;
use crate::task::{Ending, Turn, Work, slot::Outcome};
use std::sync::Arc;

/// What a task has besides its closure. It goes with the closure: when the task starts, or when it
/// is decided that it will not run.
#[derive(Default)]
pub(crate) struct Extras {
    /// Its room in the queue.
    permit: Option<Permit>,
    /// Boxed, because few tasks have any of it.
    rest: Option<Box<Rest>>,
}

/// What few tasks have.
#[derive(Default)]
struct Rest {
    name: Option<Arc<str>>,
}

impl Extras {
    pub(crate) fn with(mut self, permit: Option<Permit>) -> Self {
        self.permit = permit;
        self
    }

    pub(crate) fn set_name(&mut self, name: Arc<str>) {
        self.rest().name = Some(name);
    }

    fn rest(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }
}

/// A task and its extras.
pub(crate) struct Dressed<W> {
    work: W,
    extras: Extras,
}

impl<W> Dressed<W> {
    pub(crate) fn new(work: W, extras: Extras) -> Self {
        Self { work, extras }
    }

    pub(crate) fn into_work(self) -> W {
        self.work
    }
}

impl<W: Work> Work for Dressed<W> {
    type Value = W::Value;
    type Error = W::Error;
    type After = W::After;

    fn perform(self, turn: &mut dyn Turn) -> (Outcome<W::Value, W::Error>, W::After) {
        let Self { work, extras } = self;
        drop(extras);
        work.perform(turn)
    }

    fn refuse(self, ending: &Ending) -> W::After {
        // The closure first: as long as it is there the task takes its place.
        let after = self.work.refuse(ending);
        drop(self.extras);
        after
    }
}

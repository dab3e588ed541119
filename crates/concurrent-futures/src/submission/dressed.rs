//! A task with what it has besides its closure.

use super::{
    ambience::{Ambience, unrun},
    dress::{Dress, Watch},
};
use crate::{
    observer::TaskOutcome,
    observing::{Promise, Site},
    pool::{Pool, bound::Permit},
    task::{Ending, Turn, Work, names::OnShow, slot::Outcome},
};
use std::sync::Arc;

/// What a task has besides its closure. It goes with the closure: when the task starts, or when it
/// is decided that it will not run.
#[derive(Default)]
pub(crate) struct Extras {
    /// Its room in the queue.
    permit: Option<Permit>,
    /// Boxed, because few tasks have one.
    dress: Option<Box<Dress>>,
}

impl Extras {
    pub(super) fn of(dress: Box<Dress>) -> Self {
        Self {
            permit: None,
            dress: Some(dress),
        }
    }

    pub(crate) fn with(mut self, permit: Option<Permit>) -> Self {
        self.permit = permit;
        self
    }

    pub(crate) fn name(&self) -> Option<Arc<str>> {
        self.dress.as_ref()?.name.clone()
    }

    /// For a follow-up.
    pub(crate) fn of_follow_up(ambience: Option<Ambience>, promise: Option<Arc<Promise>>) -> Self {
        if ambience.is_none() && promise.is_none() {
            return Self::default();
        }
        Self::of(Box::new(Dress {
            name: None,
            ambience: ambience.unwrap_or_default(),
            watch: promise.map_or(Watch::No, Watch::Due),
        }))
    }

    /// For a task that is not taken.
    pub(super) fn of_refused(pool: &Pool, site: Site) -> Self {
        let Some(audience) = pool.audience() else {
            return Self::default();
        };
        Self::of(Box::new(Dress {
            watch: Watch::Observed(audience.observe(None, site)),
            ..Dress::default()
        }))
    }

    /// The task was given back.
    pub(super) fn rejected(mut self) {
        if let Some(dress) = &mut self.dress {
            dress.end_observed(TaskOutcome::Rejected);
        }
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
    const STANDS_IN: bool = W::STANDS_IN;
    const IS_VOID: Option<fn(&Self) -> bool> = match W::IS_VOID {
        Some(_) => Some(|this| W::IS_VOID.is_some_and(|is_void| is_void(&this.work))),
        None => None,
    };

    type Value = W::Value;
    type Error = W::Error;
    type After = W::After;

    fn perform(self, turn: &mut dyn Turn) -> (Outcome<W::Value, W::Error>, W::After) {
        let Self { work, extras } = self;
        let Extras { permit, dress } = extras;
        drop(permit);
        let Some(mut dress) = dress else {
            return work.perform(turn);
        };
        if turn.measures_wait() {
            if let (Some(submitted), Some(count)) = (dress.submitted(), turn.count()) {
                count.waited(submitted.elapsed());
            }
        }
        if let Some(ending) = dress.ambience.ending() {
            let after = work.refuse(&ending);
            dress.end_observed(&ending);
            return (Err(unrun(&ending)), after);
        }
        let shown = dress.name.take().map(OnShow::begin);
        let runs = dress.redeem(|| work.is_due());
        let Dress {
            ambience, watch, ..
        } = &mut *dress;
        let ended = match watch {
            Watch::Observed(observed) if runs => {
                let run = observed.start(turn.audience());
                let ended = ambience.perform(work, turn);
                observed.finish(&run, TaskOutcome::of(&ended.0), turn.audience());
                ended
            }
            Watch::Observed(observed) => {
                let ended = ambience.perform(work, turn);
                observed.end(TaskOutcome::of(&ended.0));
                ended
            }
            Watch::No | Watch::Timed(_) | Watch::Due(_) => ambience.perform(work, turn),
        };
        drop(shown);
        turn.put_away(dress);
        ended
    }

    fn refuse(self, ending: &Ending) -> W::After {
        let Self { work, extras } = self;
        let Extras { permit, dress } = extras;
        // The room first: what the closure drops may submit to this pool, and wait for it.
        drop(permit);
        let after = work.refuse(ending);
        if let Some(mut dress) = dress {
            dress.end_observed(ending);
        }
        after
    }
}

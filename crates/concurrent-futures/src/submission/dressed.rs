//! A task with what it has besides its closure.

use super::ambience::{Ambience, unrun};
use crate::{
    observer::TaskOutcome,
    observing::{Observation, Promise, Site},
    pool::{Pool, bound::Permit},
    task::{Ending, Turn, Work, names::OnShow, slot::Outcome},
    token::CancelToken,
};
use std::{sync::Arc, time::Instant};

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
    token: Option<CancelToken>,
    deadline: Option<Instant>,
    /// When it was submitted, if somebody wants to know how long it waits.
    submitted: Option<Instant>,
    ambience: Ambience,
    /// If its pool is observed.
    observed: Option<Observation>,
    /// The same for a follow-up.
    promise: Option<Arc<Promise>>,
}

impl Rest {
    /// The task is about to run, or to end. Whether its own code runs; of a follow-up that falls due only
    /// now, since its waiter runs it in place, that is what `is_due` says.
    fn redeem(&mut self, is_due: impl FnOnce() -> bool) -> bool {
        let Some(promise) = self.promise.take() else {
            return true;
        };
        let (observed, runs) = promise.redeem(is_due());
        self.observed = Some(observed);
        runs
    }

    fn end_observed(&mut self, outcome: impl Into<TaskOutcome>) {
        self.redeem(|| false);
        if let Some(observed) = self.observed.take() {
            observed.end(outcome.into());
        }
    }
}

impl Extras {
    pub(crate) fn with(mut self, permit: Option<Permit>) -> Self {
        self.permit = permit;
        self
    }

    pub(crate) fn set_name(&mut self, name: Arc<str>) {
        self.rest().name = Some(name);
    }

    pub(crate) fn name(&self) -> Option<Arc<str>> {
        self.rest.as_ref()?.name.clone()
    }

    pub(crate) fn set_token(&mut self, token: CancelToken) {
        self.rest().token = Some(token);
    }

    pub(crate) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.rest().deadline = deadline;
    }

    /// For a follow-up.
    pub(crate) fn of(ambience: Option<Ambience>, promise: Option<Arc<Promise>>) -> Self {
        let mut extras = Self::default();
        if ambience.is_some() || promise.is_some() {
            let rest = extras.rest();
            rest.ambience = ambience.unwrap_or_default();
            rest.promise = promise;
        }
        extras
    }

    /// The task has come: tells those who observe the pool.
    pub(crate) fn observed(mut self, pool: &Pool, site: Site) -> Self {
        if let Some(audience) = pool.audience() {
            let rest = self.rest();
            rest.observed = Some(audience.observe(rest.name.clone(), site));
        }
        self
    }

    /// The task was given back.
    pub(super) fn rejected(mut self) {
        if let Some(rest) = &mut self.rest {
            rest.end_observed(TaskOutcome::Rejected);
        }
    }

    /// Takes over what the task inherits from the calling thread, and what its pool gives to it.
    pub(crate) fn with_ambience(mut self, pool: &Pool) -> Self {
        if self.rest.is_some() || !Ambience::is_empty(pool) {
            let rest = self.rest();
            let token = rest.token.take();
            rest.ambience = Ambience::with(token, rest.deadline, rest.name.as_ref(), pool);
        }
        if pool.measures_wait() {
            self.rest().submitted = Some(Instant::now());
        }
        self
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
        let Extras { permit, rest } = extras;
        drop(permit);
        let Some(mut rest) = rest else {
            return work.perform(turn);
        };
        if let (Some(submitted), Some(count)) = (rest.submitted, turn.count()) {
            count.waited(submitted.elapsed());
        }
        if let Some(ending) = rest.ambience.ending() {
            let after = work.refuse(&ending);
            rest.end_observed(&ending);
            return (Err(unrun(&ending)), after);
        }
        let shown = rest.name.take().map(OnShow::begin);
        let runs = rest.redeem(|| work.is_due());
        let run = rest.observed.as_ref().filter(|_| runs);
        let run = run.map(|observed| observed.start(turn.audience()));
        let (outcome, after) = rest.ambience.perform(work, turn);
        if let Some(observed) = rest.observed.take() {
            match run {
                Some(run) => {
                    observed.finish(run, TaskOutcome::of(&outcome), turn.audience());
                }
                None => observed.end(TaskOutcome::of(&outcome)),
            }
        }
        drop(shown);
        (outcome, after)
    }

    fn refuse(self, ending: &Ending) -> W::After {
        let Self { work, extras } = self;
        let Extras { permit, rest } = extras;
        // The room first: what the closure drops may submit to this pool, and wait for it.
        drop(permit);
        let after = work.refuse(ending);
        if let Some(mut rest) = rest {
            rest.end_observed(ending);
        }
        after
    }
}

//! What a task takes over from where it is submitted: the token that it inherits, and the context
//! that its pool asks for. And how it runs with them.

use super::context::Contexts;
use crate::{
    error::{Cause, Panic, TaskError},
    pool::Pool,
    task::{Ending, Turn, Work, slot::Outcome},
    token::{CancelToken, ambient},
    unwind::drop_contained,
};
use std::{mem, sync::Arc, time::Instant};

#[derive(Default)]
pub(crate) struct Ambience {
    pub(super) token: Option<CancelToken>,
    contexts: Option<Contexts>,
}

impl Ambience {
    /// Whether a task that is submitted now to that pool takes over nothing.
    #[inline]
    pub(crate) fn is_empty(pool: &Pool) -> bool {
        ambient::is_empty() && pool.contexts().is_empty()
    }

    /// That of the calling thread.
    pub(crate) fn take(pool: &Pool) -> Self {
        Self::with(None, None, None, pool)
    }

    /// The same, with another token than the inherited one, and with a deadline, for a task of that
    /// name.
    pub(super) fn with(
        token: Option<CancelToken>,
        deadline: Option<Instant>,
        name: Option<&Arc<str>>,
        pool: &Pool,
    ) -> Self {
        let token = token.or_else(ambient::inherited);
        Self {
            token: match deadline {
                None => token,
                Some(_) => Some(CancelToken::below(token.as_ref(), deadline)),
            },
            contexts: Contexts::capture(pool.contexts(), name),
        }
    }

    #[inline]
    pub(super) fn is_none(&self) -> bool {
        self.token.is_none() && self.contexts.is_none()
    }

    /// How a task ends whose turn has come too late.
    #[inline]
    pub(super) fn ending(&self) -> Option<Ending> {
        match self.token.as_ref()?.node().cause()? {
            Cause::Deadline => Some(Ending::DeadlineExceeded),
            Cause::Requested | Cause::Shutdown => Some(Ending::Cancelled),
        }
    }

    /// Runs a task.
    #[inline]
    pub(super) fn perform<W: Work>(
        &self,
        work: W,
        turn: &mut dyn Turn,
    ) -> (Outcome<W::Value, W::Error>, W::After) {
        if self.is_none() {
            return work.perform(turn);
        }
        self.perform_inside(work, turn)
    }

    #[inline(never)]
    fn perform_inside<W: Work>(
        &self,
        work: W,
        turn: &mut dyn Turn,
    ) -> (Outcome<W::Value, W::Error>, W::After) {
        let mut stage = Stage::Waiting(work);
        let entered = self.enter(&mut || {
            stage = match mem::replace(&mut stage, Stage::Performing) {
                Stage::Waiting(work) => {
                    let (outcome, after) = work.perform(turn);
                    Stage::Over(outcome, after)
                }
                // A second call.
                later => later,
            };
        });
        match stage {
            Stage::Over(outcome, after) => (settle(Some(outcome), entered), after),
            Stage::Waiting(work) => (settle(None, entered), work.refuse(&Ending::Cancelled)),
            Stage::Performing => unreachable!("a task that is performed does not unwind"),
        }
    }

    /// Calls `f`, which catches its panics, with an input; unless it is too late for that.
    pub(crate) fn call<I, T, E>(
        &self,
        f: impl FnOnce(I) -> Outcome<T, E>,
        input: I,
    ) -> Outcome<T, E> {
        if let Some(ending) = self.ending() {
            drop_contained("a task that did not run", input);
            return Err(unrun(&ending));
        }
        let mut parts = Some((f, input));
        let mut outcome = None;
        let entered = self.enter(&mut || {
            if let Some((f, input)) = parts.take() {
                outcome = Some(f(input));
            }
        });
        drop_contained("a task that did not run", parts.map(|(_, input)| input));
        settle(outcome, entered)
    }

    fn enter(&self, task: &mut dyn FnMut()) -> Result<(), Panic> {
        let mut in_contexts = || {
            if let Some(contexts) = &self.contexts {
                return contexts.enter(task);
            }
            task();
            Ok(())
        };
        match &self.token {
            Some(token) => token.enter(in_contexts),
            None => in_contexts(),
        }
    }
}

/// How far a task has come that its context is to run.
enum Stage<W: Work> {
    Waiting(W),
    Performing,
    Over(Outcome<W::Value, W::Error>, W::After),
}

pub(super) fn unrun<E>(ending: &Ending) -> TaskError<E> {
    ending.error().unwrap_or(TaskError::Cancelled)
}

/// What a task has ended with. A context that panics, or does not run its task, fails it.
fn settle<T, E>(outcome: Option<Outcome<T, E>>, entered: Result<(), Panic>) -> Outcome<T, E> {
    match (outcome, entered) {
        (Some(outcome), Ok(())) => outcome,
        (None, Ok(())) => {
            let message = "the context of the pool did not run its task";
            Err(TaskError::Panicked(Panic::new(Box::new(message))))
        }
        (outcome, Err(panic)) => {
            drop_contained("the result of a task", outcome);
            Err(TaskError::Panicked(panic))
        }
    }
}

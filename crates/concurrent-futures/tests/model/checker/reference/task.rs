//! A task of the reference.

use crate::checker::command::{End, Id};
use crate::checker::program::{Action, Brake, Item, Plan, Policy, Spec};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Running,
    Ended(End),
}

#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each can be true without the others"
)]
pub(crate) struct Task {
    pub(crate) state: State,
    pub(crate) plan: Plan,
    pub(crate) weight: usize,
    pub(crate) brake: Brake,
    pub(crate) body: Action,
    pub(crate) callbacks: Vec<Action>,
    /// How many of these have been called.
    pub(crate) called: usize,
    /// Nothing holds it up once it has started.
    pub(crate) runs_through: bool,
    pub(crate) ran: bool,
    /// It was asked to stop.
    pub(crate) asked: bool,
    /// What is to run with its value.
    pub(super) follower: Option<Id>,
    /// The task whose value it is to run with.
    pub(super) parent: Option<Id>,
    /// The group that it belongs to.
    pub(super) group: Option<usize>,
    /// Who may read the outcome.
    pub(crate) readers: usize,
    pub(crate) is_shared: bool,
    /// The task whose value, error or payload its outcome is.
    pub(super) origin: Option<Id>,
    /// The value, error or payload that it has made is gone.
    pub(crate) made_is_gone: bool,
    /// How many tasks have ended before it.
    pub(super) rank: usize,
    /// When it ends, others may do something, too: so it does nothing that others could be disturbed by.
    pub(crate) is_quiet: bool,
}

impl Task {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            state: State::Pending,
            plan,
            weight: 1,
            brake: Brake::None,
            body: Action::Nothing,
            callbacks: Vec::new(),
            called: 0,
            runs_through: false,
            ran: false,
            asked: false,
            follower: None,
            parent: None,
            group: None,
            readers: 0,
            is_shared: false,
            origin: None,
            made_is_gone: false,
            rank: 0,
            is_quiet: false,
        }
    }

    pub(super) fn of(spec: Spec, policy: Option<Policy>) -> Self {
        // It may end at its turn, on any worker, while others start; or its submitter waits.
        let is_quiet = spec.brake != Brake::None || policy == Some(Policy::Block);
        Self {
            weight: spec.weight,
            brake: spec.brake,
            body: Self::quieted(is_quiet, spec.body),
            callbacks: (spec.callbacks.into_iter())
                .map(|callback| Self::quieted(is_quiet, callback))
                .collect(),
            is_quiet,
            ..Self::new(spec.plan)
        }
    }

    /// With one who reads it.
    pub(super) fn of_item(item: Item) -> Self {
        Self {
            body: item.body,
            readers: 1,
            ..Self::new(item.plan)
        }
    }

    pub(super) fn quiet(&self, action: Action) -> Action {
        Self::quieted(self.is_quiet, action)
    }

    pub(super) fn make_quiet(&mut self) {
        self.is_quiet = true;
        self.body = self.quiet(self.body);
    }

    fn quieted(is_quiet: bool, action: Action) -> Action {
        match action {
            Action::Check | Action::Panic => action,
            _ if is_quiet => Action::Nothing,
            _ => action,
        }
    }

    pub(super) fn running_through(plan: Plan) -> Self {
        Self {
            runs_through: true,
            ..Self::new(plan)
        }
    }

    pub(crate) fn end(&self) -> Option<End> {
        match self.state {
            State::Ended(end) => Some(end),
            State::Pending | State::Running => None,
        }
    }

    pub(crate) fn planned_end(&self) -> End {
        match self.plan {
            Plan::Value => End::Value,
            Plan::Error => End::Error,
            Plan::Panic => End::Panic,
        }
    }
}

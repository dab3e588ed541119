//! Groups of tasks, of which one may end the work of all.

use super::{Place, Reference, State, Task};
use crate::checker::command::{Command, Conclusion, Delivery, End, Id, Submission};
use crate::checker::program::{Action, Brake, GroupPolicy, Item, Policy, Verb};

#[derive(Debug)]
pub(super) struct Group {
    policy: GroupPolicy,
    brake: Brake,
    /// In the order of the submits.
    members: Vec<Id>,
    /// The first whose end has decided about the others.
    decisive: Option<Id>,
    /// Somebody has stopped it.
    stopped: bool,
    holder: Holder,
    /// The futures of its tasks are gone.
    is_over: bool,
}

/// Who can submit to a group, and waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Program,
    Task,
    Nobody,
}

impl Reference {
    pub(super) fn open_group(&mut self, policy: GroupPolicy, brake: Brake) -> Command {
        let group = self.add_group(policy, brake, Holder::Program);
        Command::OpenGroup(group, policy, brake)
    }

    /// One that is over when the task is that has opened it.
    pub(super) fn open_group_inside(&mut self, policy: GroupPolicy) -> usize {
        self.add_group(policy, Brake::None, Holder::Task)
    }

    fn add_group(&mut self, policy: GroupPolicy, brake: Brake, holder: Holder) -> usize {
        self.groups.push(Group {
            policy,
            brake,
            members: Vec::new(),
            decisive: None,
            stopped: false,
            holder,
            is_over: false,
        });
        self.groups.len() - 1
    }

    pub(super) fn open_groups(&self) -> impl Iterator<Item = usize> {
        let all = self.groups.iter().enumerate();
        all.filter(|(_, group)| group.holder == Holder::Program)
            .map(|(place, _)| place)
    }

    fn pick_group(&self, number: usize) -> Option<usize> {
        let place = number.checked_rem(self.open_groups().count())?;
        self.open_groups().nth(place)
    }

    /// How its tasks end that have not started, if there is no need of them any more.
    pub(super) fn group_ending(&self, group: usize) -> Option<End> {
        let group = &self.groups[group];
        match group.brake {
            _ if group.stopped => Some(End::Cancelled),
            Brake::Token(token) if self.tokens[token] => Some(End::Cancelled),
            Brake::DeadlineOver => Some(End::Late),
            _ => None,
        }
    }

    pub(super) fn submit_to_group(&mut self, number: usize, item: Item) -> Command {
        let waits = self.policy() == Some(Policy::Block) && !self.closed && !self.fits(1);
        let Some(group) = self.pick_group(number).filter(|_| !waits) else {
            return Command::Nothing;
        };
        let mut task = Task::of_item(item);
        // What it submitted would take over the token of the group.
        if matches!(task.body, Action::FollowAndRead(_) | Action::Map(..)) {
            task.body = Action::Check;
        }
        let submission = self.submit_member(group, task, Place::Outside);
        Command::SubmitToGroup(group, submission)
    }

    pub(super) fn submit_member(
        &mut self,
        group: usize,
        mut task: Task,
        place: Place,
    ) -> Submission {
        task.group = Some(group);
        let submission = if let Some(end) = self.group_ending(group) {
            let id = self.tasks.len();
            self.tasks.push(task);
            self.refuse(id, end);
            self.submission(id, Verb::Submit, false)
        } else {
            self.submit(task, place)
        };
        self.groups[group].members.push(submission.id);
        // Who stopped the others has missed this one.
        if self.tasks[submission.id].end().is_none() {
            self.end_queued_members(group, None, place);
        }
        submission
    }

    /// Before its end is seen, a task of a group may stop the others; and it does not hold their outcomes
    /// any more.
    pub(super) fn tell_group(&mut self, id: Id, end: End, place: Place) {
        let Some(group) = self.tasks[id].group else {
            return;
        };
        let decides = match self.groups[group].policy {
            GroupPolicy::FailFast => !matches!(end, End::Value | End::Cancelled),
            GroupPolicy::CollectAll => false,
            GroupPolicy::FirstSuccess => end == End::Value,
        };
        if decides && self.groups[group].decisive.is_none() {
            self.groups[group].decisive = Some(id);
            self.stop_group(group, Some(id), place);
        }
        self.drop_outcomes(group, Some(id));
    }

    fn stop_group(&mut self, group: usize, besides: Option<Id>, place: Place) {
        self.groups[group].stopped = true;
        self.end_queued_members(group, besides, place);
    }

    fn end_queued_members(&mut self, group: usize, besides: Option<Id>, place: Place) {
        let Some(end) = self.group_ending(group) else {
            return;
        };
        for id in self.groups[group].members.clone() {
            if self.tasks[id].state == State::Pending && besides != Some(id) {
                self.leave_queue(id);
                self.end_unrun(id, end, place);
            }
        }
    }

    /// Of a group that was dropped, when nothing of it runs any more.
    fn drop_outcomes(&mut self, group: usize, besides: Option<Id>) {
        let unfinished = |id: &Id| besides != Some(*id) && self.tasks[*id].end().is_none();
        let held = &self.groups[group];
        let is_held = held.holder != Holder::Nobody || held.is_over;
        if is_held || held.members.iter().any(unfinished) {
            return;
        }
        self.let_members_go(group);
    }

    fn let_members_go(&mut self, group: usize) {
        self.groups[group].is_over = true;
        for id in self.groups[group].members.clone() {
            self.let_go(id);
        }
    }

    pub(super) fn cancel_group(&mut self, number: usize, place: Place) -> Command {
        let Some(group) = self.pick_group(number) else {
            return Command::Nothing;
        };
        self.stop_group(group, None, place);
        Command::CancelGroup(group)
    }

    pub(super) fn join_group(&mut self, number: usize) -> Command {
        let Some(group) = self.pick_group(number) else {
            return Command::Nothing;
        };
        let ends = self.group_ending(group).is_some();
        let ended = |id: &Id| match self.tasks[*id].state {
            State::Pending => ends,
            State::Running => false,
            State::Ended(_) => true,
        };
        if !self.groups[group].members.iter().all(ended) {
            return Command::Nothing;
        }
        self.end_queued_members(group, None, Place::Outside);
        Command::JoinGroup(group, self.conclude(group))
    }

    pub(super) fn drop_group(&mut self, number: usize) -> Command {
        let Some(group) = self.pick_group(number) else {
            return Command::Nothing;
        };
        self.stop_group(group, None, Place::Outside);
        self.groups[group].holder = Holder::Nobody;
        self.drop_outcomes(group, None);
        Command::DropGroup(group)
    }

    /// What it gives. The outcomes that it has no need of go.
    pub(super) fn conclude(&mut self, group: usize) -> Conclusion {
        let Group {
            policy,
            members,
            decisive,
            ..
        } = &self.groups[group];
        let delivery = |id: &Id| self.delivery(*id).expect("all have ended");
        let outcomes: Vec<_> = members.iter().map(delivery).collect();
        let decisive = decisive.and_then(|id| members.iter().position(|other| *other == id));
        let first = |holds: fn(&Delivery) -> bool| outcomes.iter().position(holds);
        let is_value = |outcome: &Delivery| outcome.end == End::Value;
        let chosen = match policy {
            GroupPolicy::CollectAll => None,
            GroupPolicy::FailFast => decisive
                .or_else(|| first(|outcome| !matches!(outcome.end, End::Value | End::Cancelled)))
                .or_else(|| first(|outcome| outcome.end == End::Cancelled)),
            GroupPolicy::FirstSuccess => decisive.or_else(|| first(is_value)),
        };
        let conclusion = Conclusion {
            index: chosen.filter(|_| *policy == GroupPolicy::FailFast),
            outcomes: match chosen {
                Some(index) => vec![outcomes[index]],
                None => outcomes,
            },
        };
        self.groups[group].holder = Holder::Nobody;
        self.let_members_go(group);
        conclusion
    }
}

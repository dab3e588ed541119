//! Tasks of which a worker waits for each, and so runs those that have not started.

use std::collections::VecDeque;

use super::{Place, Reference, State, Task};
use crate::checker::command::{Command, Delivery, End, Id, Submission};
use crate::checker::program::{GroupPolicy, Order, Plan, Style};

impl Reference {
    pub(super) fn submit_and_read(&mut self, plan: Plan) -> Command {
        let item = self.submit_read_child(Task::running_through(plan));
        self.run_in_place(item.id);
        Command::SubmitAndRead(item, self.read_child(item.id))
    }

    fn submit_read_child(&mut self, mut task: Task) -> Submission {
        task.readers = 1;
        self.submit(task, Place::Worker)
    }

    fn read_child(&mut self, id: Id) -> Delivery {
        let delivery = self.delivery(id).expect("it was waited for");
        self.let_go(id);
        delivery
    }

    /// Whoever waits runs what has not started.
    fn run_in_place(&mut self, id: Id) {
        if self.tasks[id].state == State::Pending {
            self.leave_queue(id);
            self.start(id);
            self.run_through(id, Place::Worker);
        }
    }

    pub(super) fn follow_and_read(&mut self, plan: Plan) -> Command {
        let parent = self.submit_read_child(Task::running_through(plan));
        let next = self.chain(parent.id, Task::running_through(Plan::Value), Place::Worker);
        if self.tasks[parent.id].state == State::Pending {
            // Its waiter takes the follow-up and in it the parent, so it is never queued.
            self.tasks[parent.id].follower = None;
            self.run_in_place(parent.id);
            if self.end_of(parent.id) != Some(End::Value) {
                self.follow(parent.id, next.id, Place::Worker);
            }
        } else {
            // A worker that is free passes by its place, if its waiter takes it first.
            self.room_is_unsure |= self.setup.bound.is_some();
        }
        self.run_in_place(next.id);
        Command::FollowAndRead {
            parent,
            next,
            end: self.read_child(next.id),
        }
    }

    pub(super) fn scope(&mut self, tasks: usize) -> Command {
        let submit = |_| self.submit(Task::running_through(Plan::Value), Place::Worker);
        let items: Vec<_> = (0..tasks).map(submit).collect();
        for item in &items {
            self.run_in_place(item.id);
        }
        Command::Scope(items)
    }

    /// In whichever order they come, the results are the same.
    pub(super) fn map_and_read(&mut self, style: Style, inputs: usize) -> Command {
        let ahead = style.buffer.unwrap_or(inputs);
        let mut pending: VecDeque<Id> = VecDeque::new();
        let (mut items, mut results) = (Vec::new(), Vec::new());
        let mut is_open = true;
        loop {
            while is_open && items.len() < inputs && pending.len() < ahead {
                // A map that reads ahead reads no more than what is refused first.
                is_open = style.buffer.is_none() || !self.closed;
                let item = self.submit_read_child(Task::running_through(Plan::Value));
                pending.push_back(item.id);
                items.push(item);
            }
            let Some(id) = pending.pop_front() else { break };
            self.run_in_place(id);
            let result = self.read_child(id);
            results.push(result);
            if style.order == Order::Input && result.end != End::Value {
                for id in std::mem::take(&mut pending) {
                    self.cancel(id, Place::Worker);
                    self.let_go(id);
                }
                is_open = false;
            }
        }
        Command::MapAndRead {
            style,
            inputs,
            items,
            results,
        }
    }

    pub(super) fn group(&mut self, policy: GroupPolicy, plans: [Option<Plan>; 3]) -> Command {
        let group = self.open_group_inside(policy);
        let mut items = Vec::new();
        for plan in plans.into_iter().flatten() {
            let mut task = Task::running_through(plan);
            task.readers = 1;
            let item = self.submit_member(group, task, Place::Worker);
            items.push((item, self.census.ended()));
        }
        for (item, _) in &items {
            self.run_in_place(item.id);
        }
        let conclusion = self.conclude(group);
        Command::Group {
            policy,
            items,
            conclusion,
        }
    }
}

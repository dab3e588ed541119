//! How tasks come into the queue, and out of it.

use super::{Entry, Place, Reference, State, Task};
use crate::checker::command::{End, Id, Settled, Submission};
use crate::checker::program::{Brake, Initializer, Policy, Verb};

enum Door {
    Enter,
    /// And the oldest ones give way.
    Displace,
    Refuse,
    RunHere,
    Wait,
}

impl Reference {
    pub(super) fn submit(&mut self, task: Task, place: Place) -> Submission {
        self.submit_by(Verb::Submit, task, place)
    }

    /// Callbacks are added after the submit, and so are called then if the task has ended already.
    pub(super) fn submit_by(&mut self, verb: Verb, mut task: Task, place: Place) -> Submission {
        let id = self.tasks.len();
        let callbacks = std::mem::take(&mut task.callbacks);
        self.tasks.push(task);
        let runs_here = self.enter(id, verb, place);
        if self.end_of(id) != Some(End::GivenBack) {
            self.tasks[id].callbacks = callbacks;
        }
        let submission = self.submission(id, verb, runs_here);
        if submission.settled == Settled::Ended {
            self.call_back(id, place);
        }
        submission
    }

    /// Whether the submitter runs it.
    fn enter(&mut self, id: Id, verb: Verb, place: Place) -> bool {
        let weight = self.weight(self.tasks[id].weight);
        let door = self.door(verb, weight, place);
        let runs_here = matches!(door, Door::RunHere);
        match door {
            Door::Refuse if verb == Verb::Submit => self.refuse(id, End::Full),
            Door::Refuse => self.refuse(id, End::GivenBack),
            _ if self.broken => self.refuse(id, End::Broken),
            _ if self.closed => self.refuse(id, End::ShutDown),
            Door::Wait => self.blocked = Some(id),
            Door::RunHere => {
                self.census.submitted += 1;
                self.take_turn(id, Place::Outside);
            }
            Door::Enter | Door::Displace => {
                self.census.submitted += 1;
                self.push(Entry {
                    id,
                    weight,
                    follows: false,
                });
                if matches!(door, Door::Displace) {
                    while self.is_over() && self.discard_oldest(place) {}
                }
                self.dispatch();
            }
        }
        runs_here
    }

    pub(super) fn submission(&self, id: Id, verb: Verb, runs_here: bool) -> Submission {
        let task = &self.tasks[id];
        Submission {
            id,
            verb,
            plan: task.plan,
            weight: task.weight,
            brake: task.brake,
            callbacks: task.callbacks.len(),
            is_gated: !task.runs_through && !runs_here,
            is_blocked: self.blocked == Some(id),
            settled: self.settled(id),
            end: task.end(),
        }
    }

    pub(super) fn settled(&self, id: Id) -> Settled {
        match self.tasks[id].state {
            State::Pending => Settled::Waiting,
            State::Running => Settled::Started,
            State::Ended(_) => Settled::Ended,
        }
    }

    pub(super) fn weight(&self, weight: usize) -> usize {
        self.setup
            .bound
            .map_or(0, |(capacity, _)| weight.min(capacity))
    }

    fn door(&self, verb: Verb, weight: usize, place: Place) -> Door {
        let Some((_, policy)) = self.setup.bound else {
            return Door::Enter;
        };
        if self.fits(weight) || self.closed {
            return Door::Enter;
        }
        match policy {
            _ if verb != Verb::Submit => Door::Refuse,
            Policy::DiscardOldest => Door::Displace,
            _ if place == Place::Worker => Door::Enter,
            Policy::Block => Door::Wait,
            Policy::BlockForNoTime | Policy::Reject => Door::Refuse,
            Policy::CallerRuns => Door::RunHere,
        }
    }

    /// Whether there is room, and nobody waits for it already.
    pub(super) fn fits(&self, weight: usize) -> bool {
        let capacity = self
            .setup
            .bound
            .map_or(usize::MAX, |(capacity, _)| capacity);
        self.blocked.is_none() && self.taken + weight <= capacity
    }

    fn is_over(&self) -> bool {
        self.setup
            .bound
            .is_some_and(|(capacity, _)| self.taken > capacity)
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.taken += entry.weight;
        self.queue.push_back(entry);
    }

    /// A follow-up whose parent has given its value.
    pub(super) fn adopt(&mut self, id: Id) {
        self.push(Entry {
            id,
            weight: self.weight(1),
            follows: true,
        });
        self.dispatch();
    }

    /// Not taken.
    pub(super) fn refuse(&mut self, id: Id, end: End) {
        self.census.rejected += 1;
        self.tell_group(id, end, Place::Outside);
        self.tasks[id].state = State::Ended(end);
        self.rank(id);
        self.call_back(id, Place::Outside);
    }

    /// It will not run, so its room is free, unless it is a follow-up.
    pub(super) fn leave_queue(&mut self, id: Id) {
        for entry in &mut self.queue {
            if entry.id == id && !entry.follows {
                self.taken -= std::mem::take(&mut entry.weight);
            }
        }
        self.admit_blocked();
    }

    fn pop(&mut self) -> Option<Id> {
        let entry = self.queue.pop_front()?;
        self.taken -= entry.weight;
        Some(entry.id)
    }

    fn discard_oldest(&mut self, place: Place) -> bool {
        let Some(id) = self.pop() else { return false };
        self.end_unrun(id, End::Discarded, place);
        true
    }

    /// In the order of the queue: it is emptied first.
    pub(super) fn end_queued(&mut self, end: End, place: Place) {
        let queued: Vec<_> = std::iter::from_fn(|| self.pop()).collect();
        for id in queued {
            self.end_unrun(id, end, place);
        }
    }

    /// Workers that are free take what is queued.
    pub(super) fn dispatch(&mut self) {
        while self.busy < self.limit && !self.queue.is_empty() {
            if self.setup.initializer == Initializer::Fails {
                return self.break_down();
            }
            let holds_room = self.queue[0].weight > 0;
            let id = self.pop().expect("it is not empty");
            self.room_is_unsure |= holds_room && self.tasks[id].state != State::Pending;
            self.admit_blocked();
            self.take_turn(id, Place::Worker);
        }
    }

    pub(super) fn break_down(&mut self) {
        self.broken = true;
        self.closed = true;
        self.end_blocked();
        self.end_queued(End::Broken, Place::Worker);
    }

    pub(super) fn end_blocked(&mut self) {
        let end = if self.broken {
            End::Broken
        } else {
            End::ShutDown
        };
        if let Some(id) = self.blocked.take() {
            self.futures.insert(id);
            self.refuse(id, end);
        }
    }

    fn admit_blocked(&mut self) {
        let Some(id) = self.blocked.take() else {
            return;
        };
        let weight = self.weight(self.tasks[id].weight);
        if self.fits(weight) {
            self.census.submitted += 1;
            self.futures.insert(id);
            self.push(Entry {
                id,
                weight,
                follows: false,
            });
        } else {
            self.blocked = Some(id);
        }
    }

    /// It starts, or ends without having run.
    fn take_turn(&mut self, id: Id, place: Place) {
        if self.tasks[id].state != State::Pending {
            return;
        }
        match self.tasks[id].brake {
            Brake::DeadlineOver => return self.end_unrun(id, End::Late, place),
            Brake::Token(token) if self.tokens[token] => {
                return self.end_unrun(id, End::Cancelled, place);
            }
            _ => {}
        }
        let group = self.tasks[id].group;
        if let Some(end) = group.and_then(|group| self.group_ending(group)) {
            return self.end_unrun(id, end, place);
        }
        self.start(id);
        if place == Place::Outside {
            return self.run_through(id, Place::Outside);
        }
        self.busy += 1;
        if self.tasks[id].runs_through {
            self.run_through(id, Place::Worker);
            self.busy -= 1;
        }
    }
}

//! What is done with futures: read, shared, awaited, waited for.

use super::{Await, Completions, Place, Reference, State, Task};
use crate::checker::command::{Command, Delivery, End, Id, Submission};
use crate::checker::program::{Item, Limit, Verb, When};

impl Reference {
    /// A future goes, whatever has become of the task.
    pub(super) fn drop_future(&mut self, id: Id) {
        self.futures.remove(&id);
        self.let_go(id);
    }

    pub(super) fn then(&mut self, parent: Id, next: Item) -> Command {
        // Whether the pool is still there to be asked is chance.
        let unsure = self.gone && (self.busy > 0 || self.broken || self.cancels_follow_ups);
        if self.tasks[parent].is_shared || unsure {
            return Command::Nothing;
        }
        self.futures.remove(&parent);
        let next = self.chain(parent, Task::of_item(next), Place::Outside);
        self.futures.insert(next.id);
        Command::Then { parent, next }
    }

    /// A follow-up, with a future.
    pub(super) fn chain(&mut self, parent: Id, mut task: Task, place: Place) -> Submission {
        let next = self.tasks.len();
        task.readers = 1;
        task.parent = Some(parent);
        if self.tasks[parent].is_quiet {
            // It may end with that one.
            task.make_quiet();
        }
        self.tasks.push(task);
        self.census.submitted += 1;
        if self.end_of(parent).is_some() {
            self.follow(parent, next, place);
        } else {
            self.tasks[parent].follower = Some(next);
        }
        self.submission(next, Verb::Submit, false)
    }

    pub(super) fn share(&mut self, id: Id) -> Command {
        if self.tasks[id].is_shared {
            return Command::Nothing;
        }
        self.tasks[id].is_shared = true;
        Command::Share(id)
    }

    pub(super) fn read(&mut self, id: Id, limit: Limit) -> Command {
        let end = self.delivery(id);
        if end.is_none() && limit == Limit::Max {
            return Command::Nothing;
        }
        if end.is_some() && !self.tasks[id].is_shared {
            self.drop_future(id);
        }
        Command::Read { id, limit, end }
    }

    /// Of an owned future the handle, of a shared one a copy of it.
    pub(super) fn wait_async(&mut self, id: Id) -> Command {
        if self.tasks[id].is_shared {
            self.tasks[id].readers += 1;
        } else {
            self.futures.remove(&id);
        }
        self.awaits.push(Await {
            id,
            is_polled: false,
        });
        Command::Await(id)
    }

    pub(super) fn poll(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.awaits.len()) else {
            return Command::Nothing;
        };
        let id = self.awaits[place].id;
        let end: Option<Delivery> = self.delivery(id);
        if end.is_some() {
            self.awaits.remove(place);
            self.let_go(id);
        } else {
            self.awaits[place].is_polled = true;
        }
        Command::Poll { place, end }
    }

    pub(super) fn drop_await(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.awaits.len()) else {
            return Command::Nothing;
        };
        let id = self.awaits.remove(place).id;
        self.let_go(id);
        Command::DropAwait(place)
    }

    pub(super) fn wait(&self, mask: u8, when: When, limit: Limit) -> Command {
        let ids = self.masked(mask, |_| true);
        let ended = |id: &Id| self.end_of(*id).is_some();
        // A cancelled task is no exception.
        let failed = |id: &Id| {
            self.end_of(*id)
                .is_some_and(|end| !matches!(end, End::Value | End::Cancelled))
        };
        let enough = match when {
            When::All => ids.iter().all(ended),
            When::First => ids.is_empty() || ids.iter().any(ended),
            When::FirstException => ids.iter().all(ended) || ids.iter().any(failed),
        };
        if limit == Limit::Max && !enough {
            return Command::Nothing;
        }
        let done = ids.iter().map(ended).collect();
        Command::Wait {
            ids,
            when,
            limit,
            done,
        }
    }

    fn masked(&self, mask: u8, holds: impl Fn(&Task) -> bool) -> Vec<Id> {
        let chosen = |place: usize| mask >> (place % 8) & 1 == 1;
        let all = self.futures.iter().enumerate();
        let ids = all.filter(|(place, id)| chosen(*place) && holds(&self.tasks[**id]));
        ids.map(|(_, &id)| id).collect()
    }

    /// Over shared futures, and without those that may end in no certain order.
    pub(super) fn as_completed(&mut self, mask: u8) -> Command {
        let steady = |task: &Task| task.is_shared && !task.is_quiet;
        let ids = self.masked(mask, steady);
        for &id in &ids {
            self.tasks[id].readers += 1;
        }
        let (early, watched) = ids.iter().partition(|id| self.end_of(**id).is_some());
        self.completions.push(Completions {
            early: Vec::into(early),
            watched,
        });
        Command::AsCompleted(ids)
    }

    pub(super) fn next_completed(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.completions.len()) else {
            return Command::Nothing;
        };
        let tasks = &self.tasks;
        let completions = &mut self.completions[place];
        let ended = completions.watched.iter().enumerate();
        let ended = ended.filter(|(_, id)| matches!(tasks[**id].state, State::Ended(_)));
        let first = ended.min_by_key(|(_, id)| tasks[**id].rank);
        let first = first.map(|(position, _)| position);
        let id = match completions.early.pop_front() {
            Some(id) => Some(id),
            None => first.map(|position| completions.watched.remove(position)),
        };
        if id.is_none() && !completions.watched.is_empty() {
            return Command::Nothing;
        }
        if let Some(id) = id {
            self.let_go(id);
        }
        Command::NextCompleted { place, id }
    }

    /// One that has not ended: of others the place in the order is nowhere promised.
    pub(super) fn push_completed(&mut self, number: usize, future: usize) -> Command {
        let Some(place) = number.checked_rem(self.completions.len()) else {
            return Command::Nothing;
        };
        match self.pick(future) {
            Some(id) if self.tasks[id].is_shared && self.is_steady(id) => {
                self.tasks[id].readers += 1;
                self.completions[place].watched.push(id);
                Command::PushCompleted { place, id }
            }
            _ => Command::Nothing,
        }
    }

    fn is_steady(&self, id: Id) -> bool {
        !self.tasks[id].is_quiet && self.end_of(id).is_none()
    }

    pub(super) fn drop_completed(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.completions.len()) else {
            return Command::Nothing;
        };
        let completions = self.completions.remove(place);
        for id in completions.early.into_iter().chain(completions.watched) {
            self.let_go(id);
        }
        Command::DropCompleted(place)
    }
}

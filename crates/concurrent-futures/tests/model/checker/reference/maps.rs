//! Maps whose results are read one by one.

use super::{Mapping, Place, Reference, State, Task};
use crate::checker::command::{Command, End, Id, NextOfMap};
use crate::checker::program::{Initializer, Limit, Plan, Policy};

impl Reference {
    pub(super) fn map(&mut self, plans: &[Plan], limit: Limit) -> Command {
        // Between the submits nobody can wait for a worker to take what is queued.
        let unsure = match self.policy() {
            None => false,
            Some(Policy::Block) => true,
            Some(_) => self.busy < self.limit,
        };
        // Nor for a pool to break.
        let breaks = self.setup.initializer == Initializer::Fails && !self.broken;
        if self.gone || unsure || breaks {
            return Command::Nothing;
        }
        let submit = |&plan: &Plan| {
            let mut item = Task::new(plan);
            item.readers = 1;
            self.submit(item, Place::Outside)
        };
        let items: Vec<_> = plans.iter().map(submit).collect();
        self.maps.push(Mapping {
            items: items.iter().map(|item| item.id).collect(),
            next: 0,
            limit,
        });
        Command::Map { items, limit }
    }

    pub(super) fn next_of_map(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.maps.len()) else {
            return Command::Nothing;
        };
        let map = &mut self.maps[place];
        let Some(&id) = map.items.get(map.next) else {
            let next = NextOfMap::IsOver;
            return Command::NextOfMap { place, next };
        };
        let limit = map.limit;
        let Some(delivery) = self.delivery(id) else {
            if limit == Limit::Max {
                return Command::Nothing;
            }
            self.end_map(place);
            let next = NextOfMap::TimesOut;
            return Command::NextOfMap { place, next };
        };
        self.maps[place].next += 1;
        self.let_go(id);
        if delivery.end != End::Value {
            self.end_map(place);
        }
        let next = NextOfMap::Gives(delivery);
        Command::NextOfMap { place, next }
    }

    /// Of an iteration that has not begun, everything still runs.
    pub(super) fn drop_map(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.maps.len()) else {
            return Command::Nothing;
        };
        if self.maps[place].next > 0 {
            self.end_map(place);
        } else {
            for id in std::mem::take(&mut self.maps[place].items) {
                self.let_go(id);
            }
        }
        self.maps.remove(place);
        Command::DropMap(place)
    }

    /// What has not started is cancelled.
    fn end_map(&mut self, place: usize) {
        let map = &mut self.maps[place];
        let rest: Vec<Id> = map.items.split_off(map.next);
        for id in rest {
            if self.tasks[id].state == State::Pending {
                self.cancel(id, Place::Outside);
            }
            self.let_go(id);
        }
    }
}

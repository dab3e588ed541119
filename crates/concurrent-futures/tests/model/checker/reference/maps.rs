//! Maps whose results are read one by one.

use std::collections::VecDeque;

use super::{Place, Reference, State, Task};
use crate::checker::command::{Command, End, Id, NextOfMap, Submission};
use crate::checker::program::{Initializer, Item, Limit, Order, Policy, Style};

#[derive(Debug)]
pub(super) struct Mapping {
    style: Style,
    limit: Limit,
    /// What is to be read, of a map that reads ahead. None if it reads nothing more.
    rest: Option<VecDeque<Item>>,
    read: usize,
    /// Read and not given out, in input order, each with its index.
    pending: Vec<(usize, Id)>,
    /// Those of them that have ended, as they are given out in the order in which they have.
    ready: VecDeque<Id>,
    begun: bool,
}

impl Mapping {
    /// A map that may read on counts as a handle of its pool.
    pub(super) fn holds_pool(&self) -> bool {
        self.rest.is_some()
    }

    fn wants_to_read(&self) -> bool {
        let room = self.style.buffer.unwrap_or(0) > self.pending.len();
        room && self.rest.as_ref().is_some_and(|rest| !rest.is_empty())
    }

    fn take(&mut self, id: Id) -> usize {
        let place = self.pending.iter().position(|(_, other)| *other == id);
        self.pending.remove(place.expect("it is pending")).0
    }
}

impl Reference {
    pub(super) fn map(&mut self, style: Style, limit: Limit, items: &[Item]) -> Command {
        if self.gone || !self.may_submit_many() {
            return Command::Nothing;
        }
        let place = self.maps.len();
        self.maps.push(Mapping {
            style,
            limit,
            rest: Some(items.iter().copied().collect()),
            read: 0,
            pending: Vec::new(),
            ready: VecDeque::new(),
            begun: false,
        });
        let read = self.read_ahead(place, style.buffer.unwrap_or(usize::MAX));
        if style.buffer.is_none() {
            self.maps[place].rest = None;
        }
        Command::Map {
            style,
            limit,
            inputs: items.len(),
            items: read,
        }
    }

    /// Between the submits nobody can wait for a worker to take what is queued, or for a pool to break.
    fn may_submit_many(&self) -> bool {
        let steady = match self.policy() {
            None => true,
            Some(_) if self.room_is_unsure => false,
            Some(Policy::Block) => false,
            Some(_) => self.busy >= self.limit,
        };
        steady && (self.setup.initializer != Initializer::Fails || self.broken)
    }

    fn read_ahead(&mut self, place: usize, buffer: usize) -> Vec<Submission> {
        let mut read = Vec::new();
        while self.maps[place].pending.len() < buffer {
            let is_closed = self.closed;
            let map = &mut self.maps[place];
            let Some(item) = map.rest.as_mut().and_then(VecDeque::pop_front) else {
                map.rest = None;
                break;
            };
            if is_closed && map.style.buffer.is_some() {
                // It is refused; then there is no point in more.
                map.rest = None;
            }
            let item = self.submit(Task::of_item(item), Place::Outside);
            read.push(item);
            let has_ended = self.end_of(item.id).is_some();
            let map = &mut self.maps[place];
            map.pending.push((map.read, item.id));
            map.read += 1;
            if has_ended {
                map.ready.push_back(item.id);
            }
        }
        read
    }

    pub(super) fn next_of_map(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.maps.len()) else {
            return Command::Nothing;
        };
        let map = &self.maps[place];
        let may_read =
            !map.wants_to_read() || (self.may_submit_many() && self.keeps_what_it_reads(map));
        if !may_read || (map.limit == Limit::Max && !self.has_next(map)) {
            return Command::Nothing;
        }
        let buffer = map.style.buffer.unwrap_or(0);
        let items = self.read_ahead(place, buffer);
        self.maps[place].begun = true;
        let next = match self.maps[place].style.order {
            Order::Input => self.next_in_order(place),
            Order::Completion => self.next_as_it_comes(place),
        };
        Command::NextOfMap { place, items, next }
    }

    /// Whether nothing is cancelled of which nobody can say whether a worker has taken it.
    fn keeps_what_it_reads(&self, map: &Mapping) -> bool {
        let is_value = |(_, id): &(usize, Id)| self.end_of(*id) == Some(End::Value);
        let goes_on = match map.style.order {
            Order::Input => map.pending.first().is_some_and(is_value),
            Order::Completion => self.has_next(map),
        };
        goes_on || self.closed || self.busy >= self.limit
    }

    /// Whether the next result is there, as sure as can be before anything more is read.
    fn has_next(&self, map: &Mapping) -> bool {
        let mut pending = map.pending.iter();
        let ended = |(_, id): &(usize, Id)| self.end_of(*id).is_some();
        match map.style.order {
            _ if map.pending.is_empty() => !map.wants_to_read() || self.closed,
            Order::Input => pending.next().is_some_and(ended),
            Order::Completion => pending.any(ended),
        }
    }

    fn next_in_order(&mut self, place: usize) -> NextOfMap {
        let Some(&(index, id)) = self.maps[place].pending.first() else {
            return NextOfMap::IsOver;
        };
        let Some(delivery) = self.delivery(id) else {
            self.end_map(place);
            return NextOfMap::TimesOut(index);
        };
        self.maps[place].pending.remove(0);
        self.let_go(id);
        if delivery.end == End::Value {
            return NextOfMap::Gives(delivery, None);
        }
        self.end_map(place);
        NextOfMap::Gives(delivery, Some(index))
    }

    /// Those that had ended when they were read come first.
    fn next_as_it_comes(&mut self, place: usize) -> NextOfMap {
        let tasks = &self.tasks;
        let map = &mut self.maps[place];
        if map.ready.is_empty() {
            let ids = map.pending.iter().map(|(_, id)| *id);
            let mut ended: Vec<_> = ids.filter(|id| tasks[*id].end().is_some()).collect();
            ended.sort_by_key(|id| tasks[*id].rank);
            map.ready.extend(ended);
        }
        if let Some(id) = map.ready.pop_front() {
            let index = map.take(id);
            let delivery = self.delivery(id).expect("it has ended");
            self.let_go(id);
            let is_value = delivery.end == End::Value;
            return NextOfMap::Gives(delivery, (!is_value).then_some(index));
        }
        match map.pending.first() {
            None => NextOfMap::IsOver,
            Some(&(index, _)) => {
                self.end_map(place);
                NextOfMap::TimesOut(index)
            }
        }
    }

    pub(super) fn unorder_map(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.maps.len()) else {
            return Command::Nothing;
        };
        let tasks = &self.tasks;
        let map = &mut self.maps[place];
        if map.style.buffer.is_none() || map.style.order == Order::Completion {
            return Command::Nothing;
        }
        map.style.order = Order::Completion;
        let ids = map.pending.iter().map(|(_, id)| *id);
        map.ready = ids.filter(|id| tasks[*id].end().is_some()).collect();
        Command::UnorderMap(place)
    }

    /// Of an eager iteration that has not begun, everything still runs.
    pub(super) fn drop_map(&mut self, number: usize) -> Command {
        let Some(place) = number.checked_rem(self.maps.len()) else {
            return Command::Nothing;
        };
        if self.maps[place].begun || self.maps[place].style.buffer.is_some() {
            self.end_map(place);
        }
        for (_, id) in self.maps.remove(place).pending {
            self.let_go(id);
        }
        Command::DropMap(place)
    }

    /// What has not started is cancelled.
    fn end_map(&mut self, place: usize) {
        let map = &mut self.maps[place];
        map.rest = None;
        map.ready.clear();
        for (_, id) in std::mem::take(&mut map.pending) {
            if self.tasks[id].state == State::Pending {
                self.cancel(id, Place::Outside);
            }
            self.let_go(id);
        }
    }
}

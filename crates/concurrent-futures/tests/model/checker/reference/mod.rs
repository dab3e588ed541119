//! The reference: what a pool is to do, as a program of one thread without any lock. It knows nothing of slots,
//! blocks and idle words, only what is promised.

mod actions;
mod ends;
mod futures;
mod groups;
mod maps;
mod nested;
mod ops;
mod queue;
mod task;

use std::collections::{BTreeSet, HashMap, VecDeque};

use groups::Group;
use maps::Mapping;
pub(crate) use task::{State, Task};

use super::command::{Actor, Command, End, Id};
use super::program::{Policy, Setup};

/// Where something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On a worker of the pool, which is busy meanwhile.
    Worker,
    Outside,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) submitted: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) cancelled: u64,
    pub(crate) rejected: u64,
}

impl Census {
    fn ended(&self) -> u64 {
        self.completed + self.failed + self.cancelled
    }
}

#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each can be true without the others"
)]
pub(crate) struct Reference {
    pub(crate) setup: Setup,
    pub(crate) tasks: Vec<Task>,
    queue: VecDeque<Entry>,
    /// The weight of what is in the queue.
    taken: usize,
    /// A worker has passed a cancelled follow-up, or is about to: nobody can wait for the room that it gives back.
    room_is_unsure: bool,
    /// A submitter that waits for room.
    pub(crate) blocked: Option<Id>,
    /// One waited when the operation began: when it goes on is chance.
    was_blocked: bool,
    /// Workers that run something.
    pub(crate) busy: usize,
    pub(crate) limit: usize,
    pub(crate) closed: bool,
    pub(crate) broken: bool,
    /// A shutdown has cancelled what was queued.
    cancels_follow_ups: bool,
    stops_running: bool,
    /// The last handle has been dropped.
    pub(crate) gone: bool,
    pub(crate) tokens: [bool; 2],
    pub(crate) census: Census,
    /// Who holds a future that can be read or dropped.
    pub(crate) futures: BTreeSet<Id>,
    pub(crate) awaits: Vec<Await>,
    completions: Vec<Completions>,
    maps: Vec<Mapping>,
    groups: Vec<Group>,
    ended: usize,
    /// What callbacks and bodies do, in the order in which they come.
    pub(crate) script: HashMap<Actor, Command>,
    /// The callbacks in the order of their calls, without those of which the order is chance.
    pub(crate) calls: Vec<Actor>,
}

/// A place in the queue.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: Id,
    /// Given back when the task starts or goes.
    weight: usize,
    /// Of a follow-up, whose place keeps its weight until its turn, also if it is cancelled.
    follows: bool,
}

#[derive(Debug)]
pub(crate) struct Await {
    pub(crate) id: Id,
    /// It has left a waker.
    pub(crate) is_polled: bool,
}

#[derive(Debug)]
struct Completions {
    early: VecDeque<Id>,
    watched: Vec<Id>,
}

impl Reference {
    pub(crate) fn new(setup: Setup) -> Self {
        Self {
            setup,
            tasks: Vec::new(),
            queue: VecDeque::new(),
            taken: 0,
            room_is_unsure: false,
            blocked: None,
            was_blocked: false,
            busy: 0,
            limit: setup.workers,
            closed: false,
            broken: false,
            cancels_follow_ups: false,
            stops_running: false,
            gone: false,
            tokens: [false; 2],
            census: Census::default(),
            futures: BTreeSet::new(),
            awaits: Vec::new(),
            completions: Vec::new(),
            maps: Vec::new(),
            groups: Vec::new(),
            ended: 0,
            script: HashMap::new(),
            calls: Vec::new(),
        }
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = Id> {
        self.ids(|task| task.state == State::Running)
    }

    pub(crate) fn queued(&self) -> usize {
        let pending = self.ids(|task| task.state == State::Pending);
        pending.filter(|&id| self.blocked != Some(id)).count()
    }

    fn ids(&self, holds: impl Fn(&Task) -> bool) -> impl Iterator<Item = Id> {
        let all = self.tasks.iter().enumerate();
        let ids: Vec<_> = all
            .filter(|(_, task)| holds(task))
            .map(|(id, _)| id)
            .collect();
        ids.into_iter()
    }

    /// Neither a task nor a submitter is left.
    pub(crate) fn is_idle(&self) -> bool {
        self.busy == 0 && self.queued() == 0 && self.blocked.is_none()
    }

    /// Whether it is sure what becomes of a task that is submitted.
    fn may_submit(&self) -> bool {
        !self.gone && !self.room_is_unsure
    }

    fn policy(&self) -> Option<Policy> {
        self.setup.bound.map(|(_, policy)| policy)
    }

    fn end_of(&self, id: Id) -> Option<End> {
        self.tasks[id].end()
    }

    /// A future that is still held, chosen by a number.
    fn pick(&self, number: usize) -> Option<Id> {
        let count = self.futures.len();
        let place = number.checked_rem(count)?;
        self.futures.iter().nth(place).copied()
    }
}

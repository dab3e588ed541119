//! The front lane: tasks that stand before the head of the list.
//!
//! A list can only be taken from at its head. Who [sweeps](super::sweep) a queue has to take what it
//! keeps off the head together with what it throws away, and a map that gets more workers needs
//! more runners at a place that lies before the tail. Such tasks wait here, each with its position in
//! the list. As long as there are none, the lane costs a worker two looks at a word that nobody
//! writes.
//!
//! # The law
//!
//! *Who takes a task takes the earliest of list and lane*, so the order of the list stays what it
//! is:
//!
//! - A worker that sees tasks here takes the first of them, unless it stands behind the head of the
//!   list. So the lane empties itself before the list goes on; also a task that was put where the next
//!   push would stand is taken, when nothing is pushed any more.
//! - A worker that has taken a task off the list looks here again. If an earlier one is here, it
//!   puts its own in and takes that one, in one step under the lock.
//! - A sweeper takes the lock and bars the lane, *then* takes from the list; it tells what is first
//!   before it gives the lock back.
//!
//! All who take from the list move its head, one after the other. So a worker that takes a later task
//! than a sweeper sees the bar that was set before, and waits for the lock. In the bad interleaving
//! that this excludes, the worker looks before the sweeper takes the earlier task, and starts a later
//! one.
//!
//! Nor is a task out of sight while it goes from the list into the lane: the bar is up when it leaves
//! the list, so a searcher that finds the list empty finds the lane *not* empty. It looks at the list
//! first; in the other order a task could pass behind its back.

use super::{Popped, Position, is_earlier};
use crate::{
    sync::{AtomicU64, AtomicUsize, Mutex, MutexGuard, Padded, Relaxed, SeqCst, lock},
    task::Task,
};
use std::collections::VecDeque;

/// Nothing is here. Odd, unlike every position.
const EMPTY: Position = 1;
/// Anything may be here: the lane is being changed.
const BARRED: Position = 3;

/// So much room, 4 KiB, is kept however few are here.
const KEPT: usize = 256;

struct Waiting {
    position: Position,
    task: Task,
}

/// What can be seen without the lock.
struct Sign {
    /// The position of the first task, or one of the marks above. Written under the lock.
    front: AtomicU64,
    /// As many as are here, or one more. Written under the lock.
    len: AtomicUsize,
}

pub(super) struct Lane {
    sign: Padded<Sign>,
    tasks: Mutex<VecDeque<Waiting>>,
}

impl Lane {
    pub(super) fn new() -> Self {
        Self {
            sign: Padded(Sign {
                front: AtomicU64::new(EMPTY),
                len: AtomicUsize::new(0),
            }),
            tasks: Mutex::new(VecDeque::new()),
        }
    }

    /// `SeqCst`: one half of the handshake with a worker that goes to sleep.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.sign.front.load(SeqCst) == EMPTY
    }

    pub(super) fn len(&self) -> usize {
        self.sign.len.load(SeqCst)
    }

    /// Whether an earlier task may be here than one that the caller has just taken off the list.
    #[inline]
    pub(super) fn precedes(&self, position: Position) -> bool {
        // Taking it made visible what others wrote before they took earlier ones.
        let front = self.sign.front.load(Relaxed);
        front != EMPTY && (front == BARRED || is_earlier(front, position))
    }

    #[cold]
    pub(super) fn open(&self) -> Open<'_> {
        Open {
            tasks: lock(&self.tasks),
            lane: self,
        }
    }
}

/// The lane under its lock. It tells what is first when it goes.
pub(super) struct Open<'a> {
    tasks: MutexGuard<'a, VecDeque<Waiting>>,
    lane: &'a Lane,
}

impl Open<'_> {
    /// Whoever takes a task off the list from now on waits for the lock.
    pub(super) fn bar(&self) {
        self.lane.sign.front.store(BARRED, SeqCst);
    }

    /// One more is about to come off the list, and shall not be missed by who counts meanwhile.
    pub(super) fn expect_one(&self) {
        self.lane.sign.len.store(self.tasks.len() + 1, SeqCst);
    }

    /// Puts a task in its place.
    pub(super) fn insert(&mut self, position: Position, task: Task) {
        let earlier = |waiting: &Waiting| !is_earlier(position, waiting.position);
        let place = match self.tasks.back() {
            Some(last) if !earlier(last) => self.tasks.partition_point(earlier),
            _ => self.tasks.len(),
        };
        self.tasks.insert(place, Waiting { position, task });
    }

    pub(super) fn take_first(&mut self) -> Option<Popped> {
        let Waiting { position, task } = self.tasks.pop_front()?;
        Some(Popped::new(task, position, !self.tasks.is_empty()))
    }

    /// Takes the first one, unless it stands behind a position.
    pub(super) fn take_up_to(&mut self, position: Position) -> Option<Popped> {
        let first = self.tasks.front()?;
        if is_earlier(position, first.position) {
            None
        } else {
            self.take_first()
        }
    }

    /// Takes out what is over.
    pub(super) fn take_dead(&mut self, dead: &mut Vec<Task>) {
        for _ in 0..self.tasks.len() {
            let Some(waiting) = self.tasks.pop_front() else {
                return;
            };
            if waiting.task.is_over() {
                dead.push(waiting.task);
            } else {
                self.tasks.push_back(waiting);
            }
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let room = self.tasks.capacity();
        if room > KEPT && room / 4 > self.tasks.len() {
            self.tasks.shrink_to(room / 2);
        }
        let first = self.tasks.front();
        let front = first.map_or(EMPTY, |waiting| waiting.position);
        let Sign { front: sign, len } = &*self.lane.sign;
        len.store(self.tasks.len(), SeqCst);
        sign.store(front, SeqCst);
    }
}

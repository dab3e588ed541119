//! Room in the queue of a bounded pool. The host keeps it with the task, so that a task that is
//! cancelled gives it back at once.

use super::{Pool, Settings, Submitted};
use crate::{
    pool::{
        bound::{self, Bound, GuestAnswer, Permit},
        dressing::Dressing,
    },
    submission::{WhenFull, make_room},
};
use std::fmt;

/// Room for one task in the queue. Dropping it gives it back, which is due when the task starts, or when it is
/// decided that it will not run.
pub struct Room {
    _permit: Permit,
}

/// A place in the line of those who wait for room. Dropped, it leaves the line.
pub struct Guest(bound::Guest);

/// What those in line are told.
#[derive(Debug)]
pub enum Answer {
    /// Nothing yet: `wake` will be called.
    Wait,
    /// There is room.
    Enter(Room),
    /// The pool is closed, and a [`submit`](Pool::submit) will say so.
    Closed,
}

pub(super) fn dressing(settings: &Settings) -> Dressing {
    let mut dressing = Dressing::default();
    if let Some(capacity) = settings.queue_capacity {
        let capacity = capacity.clamp(1, Bound::MAX_CAPACITY);
        // What becomes of a task that finds no room is decided by the host.
        dressing.set_bound(Bound::new(capacity, WhenFull::Block));
    }
    dressing
}

impl Pool {
    /// Room for a task, if there is any and nobody waits for it. None in an unbounded pool.
    pub fn try_room(&self) -> Option<Room> {
        self.core.bound()?.try_take(1).map(Room::new)
    }

    /// Room for a task, whether there is any or not. None in an unbounded pool.
    pub fn force_room(&self) -> Option<Room> {
        self.core.bound().map(|bound| Room::new(bound.force(1)))
    }

    /// Joins the line of those who wait for room. `wake` is called once, when there is an answer that
    /// was not there at once, by whoever gives room back, who may be in the middle of anything. None in
    /// an unbounded pool.
    pub fn line_up(&self, wake: impl Fn() + Send + Sync + 'static) -> Option<Guest> {
        self.core.bound().map(|bound| Guest(bound.receive(wake)))
    }

    /// Refuses the oldest tasks, as [`Discarded`](super::Refusal::Discarded), until the rest has room. Only
    /// what is older than that task gives way to it.
    pub fn make_room(&self, newer: &Submitted) {
        make_room(&self.core, newer.0.slot());
    }
}

impl Room {
    fn new(permit: Permit) -> Self {
        Self { _permit: permit }
    }
}

impl Guest {
    /// The answer. Room is given out once.
    pub fn ask(&mut self) -> Answer {
        match self.0.ask() {
            GuestAnswer::Wait => Answer::Wait,
            GuestAnswer::Enter(permit) => Answer::Enter(Room::new(permit)),
            GuestAnswer::Closed => Answer::Closed,
        }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").finish_non_exhaustive()
    }
}

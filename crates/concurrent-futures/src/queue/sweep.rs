//! Sweeping: what is over leaves the queue before a worker comes by.
//!
//! A cancelled task leaves its slot in the list. Behind a task that takes long, slots would pile up,
//! 64 bytes each, as fast as somebody submits and cancels. So who cancels counts, and when there may
//! be more of them than about half of what is queued, it sweeps: it takes the queue apart from its
//! head to where its tail was, gives the slots of what is over back, and lets the rest wait in the
//! [lane](super::lane).
//!
//! A sweep goes past two tasks for each one cancelled since the last sweep, at most, so that a
//! cancellation costs the same however many are queued; and each task is moved to the lane once at
//! most, since what is there is swept in its place. What is kept pins its block, as it did before.
//!
//! Workers wait for a stretch of the list, or for the lane, but never for the whole sweep. What is
//! over is ended with the lock given back, because that may drop what a user has left there.

use super::{FLAG, Position, Queue, is_earlier};
use crate::{
    sync::{Acquire, AtomicBool, Release},
    task::{
        Ending, Task, Turn,
        block::{Emptied, Returns},
        state::Done,
    },
};

/// How many slots are passed under one lock.
#[cfg(not(loom))]
const STRETCH: usize = 128;
#[cfg(loom)]
const STRETCH: usize = 2;

/// One sweeper at a time; another one would find little to do.
#[derive(Default)]
pub(super) struct Broom(AtomicBool);

impl Broom {
    fn take(&self) -> Option<Sweeper<'_>> {
        self.0
            .compare_exchange(false, true, Acquire, Acquire)
            .is_ok()
            .then(|| Sweeper {
                broom: self,
                returns: Returns::default(),
            })
    }
}

struct Sweeper<'a> {
    broom: &'a Broom,
    returns: Returns,
}

impl Turn for Sweeper<'_> {
    fn about_to_publish(&mut self, _: Option<Done>) {}

    fn leave_search(&mut self) {}

    fn give_back(&mut self, emptied: Emptied) {
        self.returns.add(emptied);
    }
}

impl Sweeper<'_> {
    fn end(&mut self, dead: &mut Vec<Task>) {
        for task in dead.drain(..) {
            task.end_by(&Ending::Cancelled, self);
        }
    }
}

impl Drop for Sweeper<'_> {
    fn drop(&mut self) {
        self.broom.0.store(false, Release);
    }
}

impl Queue {
    /// Sweeps, if there may be enough to throw away. Whether it did.
    pub(crate) fn tidy(&self) -> bool {
        let due = self.source.tombstones.are_many_of(self.len());
        if due {
            self.sweep();
        }
        due
    }

    pub(crate) fn sweep(&self) {
        let Some(mut sweeper) = self.broom.take() else {
            return;
        };
        let end = self.tail.position.load(Acquire) & !FLAG;
        let mut dead = Vec::new();
        self.lane.open().take_dead(&mut dead);
        sweeper.end(&mut dead);
        let mut known_tail = end;
        while self.sweep_stretch(end, &mut known_tail, &mut dead) {
            sweeper.end(&mut dead);
        }
        sweeper.end(&mut dead);
    }

    /// Takes a few tasks off the list. Whether there are more before its end.
    fn sweep_stretch(
        &self,
        end: Position,
        known_tail: &mut Position,
        dead: &mut Vec<Task>,
    ) -> bool {
        let mut lane = self.lane.open();
        lane.bar();
        for _ in 0..STRETCH {
            lane.expect_one();
            let Some(popped) = self.take_off(known_tail) else {
                return false;
            };
            let position = popped.position();
            if popped.task.is_over() {
                dead.push(popped.task);
            } else {
                lane.insert(position, popped.task);
            }
            if !is_earlier(position, end) {
                return false;
            }
        }
        true
    }
}

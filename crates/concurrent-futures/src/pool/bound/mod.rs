//! The bound of a queue: a fair, weighted semaphore in front of it.
//!
//! # The law
//!
//! - A task that waits in the queue of a bounded pool holds a [`Permit`] of its weight: taken before it
//!   is pushed, given back when it starts, or just before its closure goes because it will not run. So
//!   the bound is exact, and the queue knows nothing of it.
//! - Together the permits weigh no more than the capacity, apart from those that are
//!   [forced](Bound::force): for tasks that are never held back, since the pool could stand still
//!   for it.
//! - Who has to wait stands in [`line`]. As long as anybody does, whoever comes later waits too,
//!   however light its task is. So a heavy task is not overtaken for ever by light ones.
//! - A closed bound lets everybody pass: the queue behind it is closed and says why.
//!
//! # One word
//!
//! The word holds the weight taken, and two flags: `CLOSED`, and `WAITED`, which says that somebody
//! stands in line or is about to. All changes are read-modify-writes of this word, so they have one
//! order, and no wake-up is lost: who goes to wait first sets `WAITED`, then looks whether there is
//! room. What was given back before is seen by that look; whoever gives back later sees the flag, and
//! serves the line.

#[cfg(feature = "rim")]
mod guest;
mod line;

#[cfg(feature = "rim")]
pub(crate) use guest::{Guest, GuestAnswer};

use crate::{
    submission::WhenFull,
    sync::{AcqRel, Acquire, AtomicUsize, Mutex, Padded, Relaxed},
    time::Limit,
};
use line::{Answer, Waiter};
use std::{collections::VecDeque, sync::Arc};

const CLOSED: usize = 1;
const WAITED: usize = 2;
const UNIT: usize = 4;
/// The most that can be taken.
const MOST: usize = usize::MAX / UNIT;

pub(crate) struct Bound {
    capacity: usize,
    when_full: WhenFull,
    taken: Padded<AtomicUsize>,
    /// Never empty while `WAITED` is unset and this is not locked.
    line: Mutex<VecDeque<Arc<Waiter>>>,
}

/// There is no room, or somebody waits for it already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Bound {
    /// The largest capacity: half of what can be taken, so that a sum does not overflow.
    pub(crate) const MAX_CAPACITY: usize = MOST / 2;

    pub(crate) fn new(capacity: usize, when_full: WhenFull) -> Arc<Self> {
        debug_assert!((1..=Self::MAX_CAPACITY).contains(&capacity));
        Arc::new(Self {
            capacity,
            when_full,
            taken: Padded(AtomicUsize::new(0)),
            line: Mutex::new(VecDeque::new()),
        })
    }

    pub(crate) fn when_full(&self) -> WhenFull {
        self.when_full
    }

    /// Whether more is taken than there is room for.
    pub(crate) fn is_over(&self) -> bool {
        self.taken.load(Acquire) / UNIT > self.capacity
    }

    fn is_closed(&self) -> bool {
        self.taken.load(Acquire) & CLOSED != 0
    }

    fn counted(&self, weight: usize) -> usize {
        weight.clamp(1, self.capacity)
    }

    fn permit(self: &Arc<Self>, weight: usize) -> Permit {
        Permit {
            bound: Arc::clone(self),
            weight,
        }
    }

    /// Takes a permit if there is room and nobody waits for it.
    #[inline]
    pub(crate) fn try_take(self: &Arc<Self>, weight: usize) -> Option<Permit> {
        let weight = self.counted(weight);
        self.fits(weight, WAITED).then(|| self.permit(weight))
    }

    /// Takes a permit, whether there is room or not.
    pub(crate) fn force(self: &Arc<Self>, weight: usize) -> Permit {
        let mut taken = self.taken.load(Relaxed);
        loop {
            let weight = self.counted(weight).min(MOST - taken / UNIT);
            let next = taken + weight * UNIT;
            match self
                .taken
                .compare_exchange_weak(taken, next, AcqRel, Relaxed)
            {
                Ok(_) => return self.permit(weight),
                Err(now) => taken = now,
            }
        }
    }

    /// Takes a permit, waiting for it in line if need be. `Ok(None)`: the bound is closed.
    pub(crate) fn take(
        self: &Arc<Self>,
        weight: usize,
        limit: Limit,
    ) -> Result<Option<Permit>, Full> {
        if let Some(permit) = self.try_take(weight) {
            return Ok(Some(permit));
        }
        if self.is_closed() {
            return Ok(None);
        }
        if limit.is_over() {
            return Err(Full);
        }
        let weight = self.counted(weight);
        match self.wait(weight, limit) {
            Answer::Served => Ok(Some(self.permit(weight))),
            Answer::Closed => Ok(None),
            Answer::None => Err(Full),
        }
    }

    /// Counts `weight` as taken if it fits and none of the flags in `unless` is set.
    #[inline]
    fn fits(&self, weight: usize, unless: usize) -> bool {
        let mut taken = self.taken.load(Relaxed);
        while taken & unless == 0 && taken / UNIT + weight <= self.capacity {
            let next = taken + weight * UNIT;
            match self
                .taken
                .compare_exchange_weak(taken, next, AcqRel, Relaxed)
            {
                Ok(_) => return true,
                Err(now) => taken = now,
            }
        }
        false
    }

    #[inline]
    fn give_back(&self, weight: usize) {
        let before = self.taken.fetch_sub(weight * UNIT, AcqRel);
        if before & WAITED != 0 {
            self.serve();
        }
    }

    /// Holds nobody back from now on.
    pub(crate) fn close(&self) {
        self.taken.fetch_or(CLOSED, AcqRel);
        self.dismiss();
    }
}

/// The place that a task takes in the queue.
pub(crate) struct Permit {
    bound: Arc<Bound>,
    weight: usize,
}

impl Drop for Permit {
    #[inline]
    fn drop(&mut self) {
        self.bound.give_back(self.weight);
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

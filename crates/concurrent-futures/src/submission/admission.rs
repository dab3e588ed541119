//! What becomes of a task at the door of a bounded pool.

use super::WhenFull;
use crate::{
    pool::{
        Pool,
        bound::{Bound, Full, Permit},
    },
    task::slot::SlotRef,
    time::Limit,
};
use std::sync::Arc;

#[must_use]
pub(crate) enum Admission {
    /// It may be pushed.
    Enter(Option<Permit>),
    /// It may be pushed, and then others must give way: see [`make_room`].
    Displace(Permit),
    /// The queue is full.
    Refuse,
    /// The submitting thread runs it.
    RunHere,
}

/// Decides on a task of that weight, as the pool says; may wait for room.
pub(crate) fn admit(pool: &Arc<Pool>, weight: usize) -> Admission {
    let Some(bound) = pool.bound() else {
        return Admission::Enter(None);
    };
    match bound.try_take(weight) {
        Some(permit) => Admission::Enter(Some(permit)),
        None => admit_to_full(pool, bound, weight),
    }
}

#[cold]
fn admit_to_full(pool: &Pool, bound: &Arc<Bound>, weight: usize) -> Admission {
    // The queue itself will refuse, and say why.
    if pool.is_closed() || pool.is_inherited() {
        return Admission::Enter(None);
    }
    match bound.when_full() {
        WhenFull::DiscardOldest => Admission::Displace(bound.force(weight)),
        // If all workers waited here, nobody would make room.
        _ if pool.is_never_held_back() => Admission::Enter(Some(bound.force(weight))),
        WhenFull::Block => wait(bound, weight, Limit::Forever),
        WhenFull::BlockFor(timeout) => wait(bound, weight, Limit::after(timeout)),
        WhenFull::Reject => Admission::Refuse,
        WhenFull::CallerRuns => Admission::RunHere,
    }
}

fn wait(bound: &Arc<Bound>, weight: usize, limit: Limit) -> Admission {
    match bound.take(weight, limit) {
        Ok(permit) => Admission::Enter(permit),
        Err(Full) => Admission::Refuse,
    }
}

/// Decides on a task of that weight as its submitter says, who waits so long at most for room.
pub(crate) fn ask(pool: &Pool, weight: usize, limit: Limit) -> Result<Option<Permit>, Full> {
    let Some(bound) = pool.bound().filter(|_| !pool.is_inherited()) else {
        return Ok(None);
    };
    // A worker does not wait for what workers have to do.
    let limit = if pool.is_never_held_back() {
        Limit::Poll
    } else {
        limit
    };
    bound.take(weight, limit)
}

/// Discards the oldest tasks until the rest has room.
///
/// After the push of the task that displaces them, so that nobody gives way to a task that the queue
/// refuses. Only what is older gives way to it: if there is nothing and still no room, a worker that took an
/// older one is about to give its room back, or who submitted a newer one goes on here.
pub(crate) fn make_room(pool: &Pool, newer: SlotRef) {
    let is_over = || pool.bound().is_some_and(|bound| bound.is_over());
    while is_over() && pool.discard_oldest(newer) {}
}

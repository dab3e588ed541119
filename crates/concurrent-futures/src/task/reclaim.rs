//! Waiting that cannot run dry.
//!
//! # The law
//!
//! A worker that waits, with no limit in time, for a task of its own pool never waits for want of
//! a worker:
//!
//! - If the task has not started, the waiter claims it, by the same transition as a worker that
//!   has it from the queue, and runs it in place: above the task that waits. What it took stays in
//!   the queue as a tombstone.
//! - If it runs elsewhere, the waiter sleeps. Where it runs, somebody is at work, or waits in turn;
//!   so at the end of each chain of waits a worker is at work. If the chain has no end but leads
//!   round in a circle, whoever closes the circle is told so, see [`waits`](super::waits).
//!
//! Only what is waited for is run this way, never another task of the queue: that one might need
//! what the waiting task holds, a lock or a place on this very stack.
//!
//! A stack has an end. Where half of it is used up nothing more is put on it: the claimed task is
//! handed to a new thread, which runs it in the waiter's stead and ends, while the waiter sleeps.
//! There are no more threads at work then than before.
//!
//! A wait that has a limit in time runs nothing in place: it could not keep the limit. While it
//! sleeps the pool may have more workers than its maximum, which take tasks from the queue in
//! their order and leave afterwards. The same holds for a task that says that it blocks. How many
//! more, and why that is enough, is told where the pool counts them, in its `quota`.

use super::{
    Ending,
    countdown::wait_for,
    post::{Paused, Post, above},
    runner::Cascade,
    slot::SlotRef,
    state::{End, Seen},
    waiters::{until_done, until_settled},
    waits::Asleep,
};
use crate::{error::Deadlock, sync::spin_until, time::Limit};
use std::{rc::Rc, sync::Arc};

/// Blocks until `until` holds for the slot, or the time is over; whether it holds. The caller holds
/// the slot's caller's end, or borrows it.
pub(super) fn wait(slot: SlotRef, until: fn(Seen) -> bool, limit: Limit) -> Result<bool, Deadlock> {
    let post = Post::at(slot.source());
    let reclaimed = match (&post, limit) {
        (Some(post), Limit::Forever) => post.run_awaited(slot),
        _ => false,
    };
    if reclaimed || spin_until(|| until(slot.state.look())) {
        return Ok(true);
    }
    let _sleep = match &post {
        Some(post) => Some(post.fall_asleep_for(vec![slot], until, limit)?),
        None => None,
    };
    Ok(wait_for(slot, until, limit))
}

/// The same for a waiter of several tasks, up to the sleep: runs those that have not started, one by
/// one, until `is_over`. Its post, if it is a worker.
pub(super) fn run_members(
    slots: impl Iterator<Item = SlotRef>,
    is_over: impl Fn() -> bool,
    limit: Limit,
) -> Option<Rc<Post>> {
    let post = Post::current()?;
    if let Limit::Forever = limit {
        for slot in slots {
            if is_over() {
                break;
            }
            post.run_awaited(slot);
        }
    }
    Some(post)
}

/// The waiter is going to sleep. `needs_all`: it waits until all are done.
pub(super) fn fall_asleep_for(
    post: &Rc<Post>,
    slots: impl Iterator<Item = SlotRef>,
    needs_all: bool,
    limit: Limit,
) -> Result<Option<Sleep<'_>>, Deadlock> {
    let own = |slot: &SlotRef| post.is_of(slot.source()) && !until_done(slot.state.look());
    let mut awaited = slots.filter(own).peekable();
    if awaited.peek().is_none() {
        return Ok(None);
    }
    let all = if needs_all {
        awaited.collect()
    } else {
        Vec::new()
    };
    post.fall_asleep_for(all, until_done, limit).map(Some)
}

/// What a worker holds while it sleeps.
#[must_use]
pub(super) struct Sleep<'a> {
    _asleep: Option<Asleep<'a>>,
    _paused: Option<Paused>,
}

/// Tasks that are not waited for by their slots: items of a map, or the tasks of a scope together.
pub(crate) trait Items: Send + Sync {
    /// Runs what is there, if nobody has taken it.
    fn run(&self, place: usize);

    /// Ends those that nobody has taken.
    fn end(&self, ending: &Ending);
}

/// Some of them.
pub(crate) struct Item {
    pub(crate) row: Arc<dyn Items>,
    pub(crate) place: usize,
}

/// A task to be run in the stead of a worker that waits for it.
pub(crate) enum Errand {
    /// Claimed by the waiter, who keeps the caller's end until it is settled.
    Claimed(SlotRef),
    /// Taken by whoever comes first; the waiter waits for its end by itself.
    Item(Item),
    /// The same, of another runtime.
    #[cfg(feature = "rim")]
    Hosted(Box<dyn Hosted>),
}

/// A task of another runtime.
#[cfg(feature = "rim")]
pub(crate) trait Hosted: Send {
    fn run(self: Box<Self>);
    fn end(self: Box<Self>, ending: &Ending);
}

// SAFETY: the work in the slot is `Send`, and so is everything shared.
unsafe impl Send for Errand {}

impl Errand {
    pub(crate) fn run(self) {
        match self {
            #[cfg(feature = "rim")]
            Self::Hosted(hosted) => hosted.run(),
            Self::Claimed(slot) => Cascade::outside(|cascade| {
                cascade.about_to_run(slot);
                // SAFETY: claimed, and the waiter keeps its end.
                unsafe { (slot.table().run_awaited)(slot, cascade) };
            }),
            Self::Item(Item { row, place }) => row.run(place),
        }
    }

    /// Ends it unrun.
    pub(crate) fn end(self, ending: &Ending) {
        match self {
            #[cfg(feature = "rim")]
            Self::Hosted(hosted) => hosted.end(ending),
            Self::Claimed(slot) => Cascade::outside(|cascade| {
                // SAFETY: claimed, and the waiter keeps its end.
                unsafe { (slot.table().end)(slot, ending, End::Handle, cascade) };
            }),
            Self::Item(Item { row, .. }) => row.end(ending),
        }
    }
}

impl Post {
    /// This worker is going to sleep for tasks of its pool, at least for each of `awaited`.
    fn fall_asleep_for(
        self: &Rc<Self>,
        awaited: Vec<SlotRef>,
        until: fn(Seen) -> bool,
        limit: Limit,
    ) -> Result<Sleep<'_>, Deadlock> {
        Ok(Sleep {
            _asleep: match limit {
                Limit::Forever => Some(self.fall_asleep(awaited, until)?),
                Limit::Poll | Limit::Until(_) => None,
            },
            _paused: self.pause_within(limit),
        })
    }

    /// The post of the calling thread, if it is a worker that waits for as long as it takes.
    pub(crate) fn waiting(limit: Limit) -> Option<Rc<Self>> {
        match limit {
            Limit::Forever => Self::current(),
            Limit::Poll | Limit::Until(_) => None,
        }
    }

    /// Runs the task of a slot, if it belongs to this pool and has not started, for a waiter who
    /// holds the caller's end or borrows it. Whether it was run, and is settled.
    pub(super) fn run_awaited(&self, slot: SlotRef) -> bool {
        if !self.is_of(slot.source()) || !slot.state.reclaim() {
            return false;
        }
        slot.source().bury(1);
        let claimed = Errand::Claimed(slot);
        if !self.is_deep() {
            above(|| claimed.run());
            return true;
        }
        // Before anybody runs it, so that a circle is found by another.
        let asleep = self.fall_asleep(vec![slot], until_settled);
        let asleep = asleep.expect("nobody runs it, so it waits for nobody");
        match self.hand_over(claimed) {
            Ok(()) => drop(wait_for(slot, until_settled, Limit::Forever)),
            Err(claimed) => {
                drop(asleep);
                above(|| claimed.run());
            }
        }
        true
    }

    /// Sees to it that an item is run whose end this worker waits for afterwards.
    pub(crate) fn run_item(&self, item: Item) {
        let mut errand = Errand::Item(item);
        if self.is_deep() {
            errand = match self.hand_over(errand) {
                Ok(()) => return,
                Err(errand) => errand,
            };
        }
        above(|| errand.run());
    }

    /// Finds another thread to do an errand, or gives it back.
    fn hand_over(&self, errand: Errand) -> Result<(), Errand> {
        match self.home() {
            Some(home) => home.stand_in(errand),
            None => Err(errand),
        }
    }
}

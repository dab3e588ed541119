//! A thread that waits for a number of tasks.

use super::{
    reclaim,
    slot::{HasSlot, Slot, SlotRef},
    state::{Done, Seen},
    waiters::{Node, Wake, Watch, Watcher, until_done},
};
use crate::{
    error::Deadlock,
    fork::is_child,
    sync::{AcqRel, Acquire, AtomicUsize, Thread, current, park_until, spin_until, yield_now},
    time::Limit,
};
use std::ptr::NonNull;

/// Counts tasks that are done down to zero, then wakes the thread that made it.
pub(crate) struct Countdown {
    left: AtomicUsize,
    /// A task that ends with an error ends the wait at once.
    stop_at_error: bool,
    thread: Thread,
}

impl Countdown {
    pub(crate) fn new(tasks: usize, stop_at_error: bool) -> Watch<Self> {
        Watch::new(Self {
            left: AtomicUsize::new(tasks),
            stop_at_error,
            thread: current(),
        })
    }

    /// One more is done.
    ///
    /// # Safety
    ///
    /// `this` is alive until this has counted. The compare-exchange is the last access to it, because
    /// the waiter may be gone once it has seen zero; hence the clone before.
    unsafe fn count(this: *const Self, done: Done) -> Option<Wake> {
        // SAFETY: the caller's promise.
        unsafe {
            let mut left = (*this).left.load(Acquire);
            loop {
                if left == 0 {
                    return None;
                }
                let stop = (*this).stop_at_error && done == Done::Error;
                let next = if stop { 0 } else { left - 1 };
                let wake = (next == 0).then(|| Wake::Thread((*this).thread.clone()));
                match (*this)
                    .left
                    .compare_exchange_weak(left, next, AcqRel, Acquire)
                {
                    Ok(_) => return wake,
                    Err(now) => left = now,
                }
            }
        }
    }

    /// Whether it is over only when all of so many tasks are done. Asked before any has been counted.
    fn needs_all(&self, tasks: usize) -> bool {
        !self.stop_at_error && self.left.load(Acquire) == tasks
    }

    /// The waiter itself found one done.
    fn count_own(&self, done: Done) {
        // SAFETY: alive; and nobody else is to be woken.
        drop(unsafe { Self::count(self, done) });
    }

    /// Whether as many of the slots are done as are counted, at a first look: it costs a tenth of
    /// what it costs to register with all of them and to leave again.
    fn would_be_over<W: HasSlot>(&self, slots: &[W]) -> bool {
        let mut left = self.left.load(Acquire);
        left == 0
            || slots.iter().any(|slot| {
                let done = match slot.slot().map(|slot| slot.state.look()) {
                    None => Done::Value,
                    Some(seen) if seen.is_done() => seen.done(),
                    Some(_) => return false,
                };
                left -= 1;
                left == 0 || self.stop_at_error && done == Done::Error
            })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left.load(Acquire) == 0
    }

    /// Sleeps until the count is zero or the time is over; whether it is zero.
    pub(crate) fn wait(&self, limit: Limit) -> bool {
        while !self.is_over() {
            if limit.is_over() {
                return false;
            }
            park_until(limit.deadline());
        }
        true
    }
}

impl Watcher for Countdown {
    unsafe fn tell(this: *const Watch<Self>, _: NonNull<Node>, done: Done) -> Option<Wake> {
        // SAFETY: the caller's promise.
        unsafe { Self::count(&raw const (*this).watcher, done) }
    }
}

/// A node on the stack of the thread that waits for one slot, unlinked when it goes out of scope.
struct Linked<'a> {
    slot: &'a Slot,
    node: NonNull<Node>,
    countdown: &'a Countdown,
}

impl Drop for Linked<'_> {
    fn drop(&mut self) {
        // Told means that nobody will touch the node again.
        if !self.countdown.is_over() {
            // SAFETY: linked by `wait_for`.
            unsafe { self.slot.unlink(self.node) };
        }
    }
}

/// Blocks until `until` holds for the slot, or the time is over; whether it holds.
pub(crate) fn wait_for(slot: SlotRef, until: fn(Seen) -> bool, limit: Limit) -> bool {
    while !until(slot.state.look()) {
        if limit.is_over() {
            return false;
        }
        let countdown = Countdown::new(1, false);
        let node = Node::watch(&raw const countdown);
        let node = NonNull::from(&node);
        // SAFETY: the node lives until `linked` is dropped, which unlinks it.
        if !unsafe { slot.link(node, until) } {
            return true;
        }
        let linked = Linked {
            slot: &slot,
            node,
            countdown: &countdown.watcher,
        };
        countdown.watcher.wait(limit);
        drop(linked);
    }
    true
}

/// Blocks until `countdown` is over for those of the slots that are done, or the time is.
pub(crate) fn wait_for_many<W: HasSlot>(
    slots: &[W],
    countdown: &Watch<Countdown>,
    limit: Limit,
) -> Result<(), Deadlock> {
    let count = &countdown.watcher;
    if count.would_be_over(slots) || soon_over(slots, count, limit) {
        return Ok(());
    }
    if is_child() && matches!(limit, Limit::Forever) && slots.iter().any(is_stranded) {
        return Err(Deadlock::forked());
    }
    let needs_all = count.needs_all(slots.len());
    // Filled to its capacity at most, so no node moves while it is linked.
    let mut links = Links(Vec::with_capacity(slots.len()));
    for slot in slots {
        if count.is_over() {
            return Ok(());
        }
        let Some(slot) = slot.slot() else {
            count.count_own(Done::Value);
            continue;
        };
        let seen = slot.state.look();
        if seen.is_done() {
            count.count_own(seen.done());
        } else {
            links.watch(slot, countdown);
        }
    }
    let is_over = || count.is_over();
    if limit.is_over() {
        return Ok(());
    }
    let slots = slots.iter().filter_map(W::slot);
    let post = reclaim::run_members(slots.clone(), is_over, limit);
    if spin_until(is_over) {
        return Ok(());
    }
    let _sleep = match &post {
        Some(post) => reclaim::fall_asleep_for(post, slots, needs_all, limit)?,
        None => None,
    };
    count.wait(limit);
    Ok(())
}

/// Whether it is not done and never will be in this process; see [`fork`](crate::fork).
fn is_stranded<W: HasSlot>(slot: &W) -> bool {
    slot.slot()
        .is_some_and(|slot| !slot.state.look().is_done() && slot.source().is_inherited())
}

/// Gives way once before it costs much to wait, because the tasks may need no more than this
/// processor. Whether it is over then.
fn soon_over<W: HasSlot>(slots: &[W], count: &Countdown, limit: Limit) -> bool {
    // For fewer it costs less to register with them.
    const MANY: usize = 64;
    slots.len() >= MANY && !limit.is_over() && {
        yield_now();
        count.would_be_over(slots)
    }
}

/// Nodes for many slots in one allocation, unlinked when they go out of scope.
struct Links(Vec<(SlotRef, Node)>);

impl Links {
    fn watch(&mut self, slot: SlotRef, countdown: &Watch<Countdown>) {
        self.0.push((slot, Node::watch(countdown)));
        let (_, node) = &self.0[self.0.len() - 1];
        // SAFETY: the node stays in place until `drop` has unlinked it.
        if !unsafe { slot.link(NonNull::from(node), until_done) } {
            countdown.watcher.count_own(slot.state.look().done());
        }
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        // The newest first: if one slot is waited for many times, that is the order of its list.
        for (slot, node) in self.0.iter().rev() {
            // SAFETY: given to `link` of this slot by `watch`.
            unsafe { slot.unlink(NonNull::from(node)) };
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

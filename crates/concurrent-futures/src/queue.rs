//! The queue of a pool: first in, first out, unbounded, many producers, many consumers.
//!
//! A list of [blocks](crate::task::block) of slots. A producer claims the next slot by one compare-exchange on
//! the tail and writes its task there; a worker claims the next one by one compare-exchange on the
//! head and runs it there. The queue holds no pointers to tasks: the slot is the task.
//!
//! Positions are counted in steps of [`STEP`]; the lowest bit is a flag. Each block takes
//! [`LAP`] positions: one for each slot, and one more that exists only between the claim of a
//! block's last slot and the step to the next block. Who sees it waits: its owner is at work on a
//! handful of instructions.
//!
//! - On the tail the flag means *closed*: a compare-exchange that expects it unset fails from then
//!   on, so a task is either pushed before the close, and every worker that sees the close sees
//!   the task, or it is refused. Nothing slips in between.
//! - On the head the flag means *there is a next block*: then the queue is not empty, and a worker
//!   need not read the tail, which the producers keep busy.
//!
//! The protocol is that of the segmented queue of crossbeam, which goes back to the same idea: who
//! holds a slot of a block keeps the block.
//!
//! - [`lane`]: tasks that wait before the head of the list.
//! - [`sweep`]: how what is over leaves the queue early.

#[deny(unsafe_code)]
mod lane;
#[deny(unsafe_code)]
mod sweep;

use crate::{
    fork::Birth,
    sync::{Acquire, AtomicPtr, AtomicU64, Backoff, Padded, Relaxed, Release, SeqCst},
    task::{
        Handle, Home, Task, Work,
        block::Block,
        slot::{Prepared, SlotRef},
        source::Source,
    },
};
use lane::Lane;
use std::{
    ptr::NonNull,
    sync::{Arc, Weak},
};
use sweep::Broom;

/// 64 bits on each system, so that it never comes to its end: 32 would last for some minutes.
pub(crate) type Position = u64;

const FLAG: Position = 1;
const STEP: Position = 2;
const SLOTS: usize = Block::SLOTS as usize;
const LAP: Position = SLOTS as Position + 1;

/// The place in its block of the slot at `position`; `SLOTS` for the position between two blocks.
#[allow(
    clippy::cast_possible_truncation,
    reason = "no more than the slots of a block"
)]
fn place(position: Position) -> usize {
    (position / STEP % LAP) as usize
}

/// Whether there is a slot at `position` and it was claimed when the tail was at `tail`.
fn is_before(position: Position, tail: Position) -> bool {
    // They are never far apart.
    let steps = (tail & !FLAG).wrapping_sub(position & !FLAG);
    place(position) != SLOTS && steps != 0 && steps <= Position::MAX / 2
}

/// Whether one slot was claimed before the other.
fn is_earlier(position: Position, than: Position) -> bool {
    let steps = than.wrapping_sub(position);
    steps != 0 && steps <= Position::MAX / 2
}

/// How many slots lie before `position`.
fn count(position: Position) -> u64 {
    let steps = position / STEP;
    steps - steps / LAP
}

/// # Safety
///
/// The slot was claimed, by a producer or by a worker, and so its block is alive.
#[inline]
unsafe fn slot_at(block: *mut Block, place: usize) -> SlotRef {
    // SAFETY: the caller's promise; no end of a queue ever points to nothing.
    unsafe { Block::slot(NonNull::new_unchecked(block), place) }
}

/// A moment in the life of a queue: it is over when a task is pushed, or the queue is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(Position);

impl Mark {
    /// After one more push.
    pub(crate) fn next(self) -> Self {
        let next = self.0.wrapping_add(STEP);
        // The position between two blocks does not last.
        Self(if place(next) == SLOTS {
            next.wrapping_add(STEP)
        } else {
            next
        })
    }
}

/// One end of the list.
struct Cursor {
    position: AtomicU64,
    block: AtomicPtr<Block>,
}

impl Cursor {
    fn new(block: NonNull<Block>) -> Padded<Self> {
        Padded(Self {
            position: AtomicU64::new(0),
            block: AtomicPtr::new(block.as_ptr()),
        })
    }
}

/// Whether a task may be pushed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Not once the queue is closed.
    UntilClosed,
    /// Always: the task was accepted before, and the caller is a worker that will look here again.
    Always,
}

impl Gate {
    fn refuses(self, tail: Position) -> bool {
        tail & FLAG != 0 && self == Self::UntilClosed
    }
}

pub(crate) struct Queue {
    head: Padded<Cursor>,
    tail: Padded<Cursor>,
    lane: Lane,
    broom: Broom,
    birth: Birth,
    source: Arc<Source>,
}

/// A task taken from the queue.
pub(crate) struct Popped {
    pub(crate) task: Task,
    pub(crate) place: Place,
}

/// Where a task stood, and whether the queue held more at that moment: in one word, so that it is handed on in a
/// register.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place(Position);

impl Place {
    #[inline]
    pub(crate) fn has_more(self) -> bool {
        self.0 & FLAG != 0
    }
}

impl Popped {
    #[inline]
    fn new(task: Task, position: Position, more: bool) -> Self {
        let position = if more {
            position | FLAG
        } else {
            position & !FLAG
        };
        Self {
            task,
            place: Place(position),
        }
    }

    #[inline]
    fn position(&self) -> Position {
        self.place.0 & !FLAG
    }
}

/// The pool's end of a slot, once its producer has written it.
///
/// # Safety
///
/// The slot was claimed at the head, and this is done once.
#[inline]
unsafe fn popped(slot: SlotRef, position: Position, more: bool) -> Popped {
    if !slot.state.look().is_written() {
        wait_until_written(slot);
    }
    // SAFETY: the caller's promise.
    let task = unsafe { Task::new(slot) };
    Popped::new(task, position, more)
}

/// Its producer has claimed the slot, and is a few instructions from having written it.
#[cold]
#[inline(never)]
fn wait_until_written(slot: SlotRef) {
    let mut backoff = Backoff::default();
    while !slot.state.look().is_written() {
        backoff.snooze();
    }
}

impl Queue {
    pub(crate) fn new(home: Weak<dyn Home>) -> Self {
        let source = Source::new(home);
        let block = Block::new(&source);
        // SAFETY: nobody else has seen this block.
        unsafe { Block::stand_at(block, 0) };
        Self {
            head: Cursor::new(block),
            tail: Cursor::new(block),
            lane: Lane::new(),
            broom: Broom::default(),
            birth: source.birth(),
            source,
        }
    }

    /// Appends a task. Gives the work back if the queue is closed, or was made before a fork.
    pub(crate) fn push<W>(&self, work: W, gate: Gate) -> Result<Handle<W::Value, W::Error>, W>
    where
        W: Work + Send + 'static,
    {
        // SAFETY: `'static` work outlives its task.
        unsafe { self.push_borrowing(work, gate) }
    }

    /// As [`push`](Self::push), for work that borrows.
    ///
    /// # Safety
    ///
    /// What the work borrows lives until its `After` is dropped, and what its value borrows lives
    /// until the handle and the `After` are dropped.
    #[inline]
    pub(crate) unsafe fn push_borrowing<W>(
        &self,
        work: W,
        gate: Gate,
    ) -> Result<Handle<W::Value, W::Error>, W>
    where
        W: Work + Send,
    {
        if W::STANDS_IN {
            self.source.census.stand_in();
        }
        let work = Prepared::new(work);
        let Some(slot) = self.claim(gate) else {
            if W::STANDS_IN {
                self.source.census.stand_in_refused();
            }
            return Err(work.into_work());
        };
        // SAFETY: a claimed slot is empty and ours. Its caller's end is made here, its pool's end by
        // whoever pops it.
        unsafe {
            slot.write(work);
            Ok(Handle::new(slot))
        }
    }

    /// Claims the next slot for writing.
    #[inline]
    fn claim(&self, gate: Gate) -> Option<SlotRef> {
        // Nobody would take it, and a producer that did not come along may have left things half done.
        if self.birth.is_before_fork() {
            return None;
        }
        let mut tail = self.tail.position.load(Acquire);
        while place(tail) + 1 < SLOTS && !gate.refuses(tail) {
            let block = self.tail.block.load(Acquire);
            match self.move_tail(tail) {
                // SAFETY: claimed.
                Ok(_) => return Some(unsafe { slot_at(block, place(tail)) }),
                Err(now) => tail = now,
            }
        }
        self.claim_last(gate)
    }

    /// `SeqCst`: one half of the handshake with a worker that goes to sleep.
    #[inline]
    fn move_tail(&self, tail: Position) -> Result<Position, Position> {
        self.tail
            .position
            .compare_exchange_weak(tail, tail + STEP, SeqCst, Acquire)
    }

    /// As [`claim`](Self::claim), where it may be the last slot of a block.
    #[cold]
    #[inline(never)]
    fn claim_last(&self, gate: Gate) -> Option<SlotRef> {
        let mut backoff = Backoff::default();
        let mut next = None;
        let mut tail = self.tail.position.load(Acquire);
        let slot = loop {
            if gate.refuses(tail) {
                break None;
            }
            let place = place(tail);
            if place == SLOTS {
                backoff.snooze();
                tail = self.tail.position.load(Acquire);
                continue;
            }
            let last = place + 1 == SLOTS;
            // Before the claim, so that others wait for a few instructions and not for malloc.
            if last && next.is_none() {
                next = Some(Block::new(&self.source));
            }
            let block = self.tail.block.load(Acquire);
            match self.move_tail(tail) {
                Ok(_) => {
                    if last {
                        let next = next.take().expect("made before the claim");
                        // SAFETY: nobody else has seen this block.
                        unsafe { Block::stand_at(next, (tail & !FLAG) + 2 * STEP) };
                        self.tail.block.store(next.as_ptr(), Release);
                        self.tail.position.fetch_add(STEP, Release);
                        // SAFETY: we hold a slot of the block.
                        unsafe { (*block).next.store(next.as_ptr(), Release) };
                    }
                    // SAFETY: claimed.
                    break Some(unsafe { slot_at(block, place) });
                }
                Err(now) => tail = now,
            }
        };
        if let Some(unused) = next {
            // SAFETY: nobody else has seen this block.
            unsafe { Block::release_many(unused, SLOTS) };
        }
        slot
    }

    /// Takes the oldest task.
    pub(crate) fn pop(&self) -> Option<Popped> {
        self.pop_known(&mut 0)
    }

    /// As [`pop`](Self::pop), for a caller that remembers where it last saw the tail. As long as the
    /// head has not come there the queue is not empty, and the tail, which the producers keep busy,
    /// is left alone.
    #[inline]
    pub(crate) fn pop_known(&self, known_tail: &mut Position) -> Option<Popped> {
        if self.lane.is_empty() {
            if let Some(popped) = self.take_off_known(*known_tail) {
                if self.lane.precedes(popped.position()) {
                    return self.take_turns(popped);
                }
                return Some(popped);
            }
        }
        self.pop_any(known_tail)
    }

    /// As [`pop_known`](Self::pop_known), also where there is more to it than to move the head.
    #[inline(never)]
    fn pop_any(&self, known_tail: &mut Position) -> Option<Popped> {
        if !self.lane.is_empty() {
            if let Some(first) = self.pop_lane() {
                return Some(first);
            }
        }
        match self.take_off(known_tail) {
            Some(popped) if self.lane.precedes(popped.position()) => self.take_turns(popped),
            None if !self.lane.is_empty() => self.pop_lane(),
            popped => popped,
        }
    }

    /// Takes the oldest task, if it was pushed before that one.
    pub(crate) fn pop_before(&self, task: SlotRef) -> Option<Popped> {
        let (block, place) = task.stands()?;
        let end = block + Position::from(place) * STEP;
        match self.pop_lane_before(end) {
            None => match self.take_off_if(&mut 0, |head| is_earlier(head & !FLAG, end)) {
                Some(popped) if self.lane.precedes(popped.position()) => self.take_turns(popped),
                None => self.pop_lane_before(end),
                popped => popped,
            },
            first => first,
        }
    }

    /// Takes the first task of the lane, unless it stands behind the head of the list.
    #[cold]
    fn pop_lane(&self) -> Option<Popped> {
        let mut lane = self.lane.open();
        // Whoever moves the head from now on waits for the lock, or takes a later task.
        lane.take_up_to(self.head.position.load(SeqCst) & !FLAG)
    }

    /// The same, if it stands before `end`.
    fn pop_lane_before(&self, end: Position) -> Option<Popped> {
        if self.lane.is_empty() {
            return None;
        }
        let mut lane = self.lane.open();
        let head = self.head.position.load(SeqCst) & !FLAG;
        lane.take_up_to(if is_earlier(head, end) {
            head
        } else {
            end.wrapping_sub(STEP)
        })
    }

    /// Puts a task that was taken off the list into the lane, and takes the first one instead.
    #[cold]
    fn take_turns(&self, popped: Popped) -> Option<Popped> {
        let mut lane = self.lane.open();
        lane.insert(popped.position(), popped.task);
        lane.take_first()
    }

    /// Puts tasks where they would stand if they had been pushed at these moments.
    pub(crate) fn insert(&self, tasks: Vec<(Mark, Task)>) {
        let mut lane = self.lane.open();
        for (mark, task) in tasks {
            lane.insert(mark.0 & !FLAG, task);
        }
    }

    /// Takes the head of the list, if it is neither the last one known of, nor of a block. What is in
    /// the lane may be earlier.
    #[inline]
    fn take_off_known(&self, known_tail: Position) -> Option<Popped> {
        let mut head = self.head.position.load(Acquire);
        // A flag on the head makes it later by less than a step, which changes nothing.
        while place(head) + 1 < SLOTS && is_earlier(head + STEP, known_tail) {
            let block = self.head.block.load(Acquire);
            match self.move_head(head, head + STEP) {
                // SAFETY: claimed.
                Ok(_) => return Some(unsafe { popped(slot_at(block, place(head)), head, true) }),
                Err(now) => head = now,
            }
        }
        None
    }

    #[inline]
    fn move_head(&self, head: Position, next: Position) -> Result<Position, Position> {
        self.head
            .position
            .compare_exchange_weak(head, next, SeqCst, Acquire)
    }

    /// Takes the head of the list, and remembers where the tail is. What is in the lane may be earlier.
    fn take_off(&self, known_tail: &mut Position) -> Option<Popped> {
        self.take_off_if(known_tail, |_| true)
    }

    /// The same, if it `may` be taken from there.
    #[inline]
    fn take_off_if(
        &self,
        known_tail: &mut Position,
        may: impl Fn(Position) -> bool,
    ) -> Option<Popped> {
        let mut backoff = Backoff::default();
        let mut head = self.head.position.load(Acquire);
        loop {
            let place = place(head);
            if place == SLOTS {
                backoff.snooze();
                head = self.head.position.load(Acquire);
                continue;
            }
            if !may(head) {
                return None;
            }
            let block = self.head.block.load(Acquire);
            let last = place + 1 == SLOTS;
            let mut next = head + STEP;
            let mut more = true;
            if (head & FLAG == 0 || last) && !is_before(next, *known_tail) {
                let tail = self.tail.position.load(SeqCst);
                if head / STEP == tail / STEP {
                    return None;
                }
                *known_tail = tail & !FLAG;
                more = count(tail) > count(next);
            }
            if head / STEP / LAP != *known_tail / STEP / LAP && is_before(head, *known_tail) {
                next |= FLAG;
            }
            match self.move_head(head, next) {
                Ok(_) => {
                    if last {
                        self.step_to_next_block(block, next);
                    }
                    // SAFETY: claimed.
                    return Some(unsafe { popped(slot_at(block, place), head, more) });
                }
                Err(now) => head = now,
            }
        }
    }

    /// The worker that claimed a block's last slot moves the head on.
    fn step_to_next_block(&self, block: *mut Block, head: Position) {
        let mut backoff = Backoff::default();
        // SAFETY: we hold a slot of the block, and of the next one none was claimed yet.
        unsafe {
            let mut next = (*block).next.load(Acquire);
            while next.is_null() {
                backoff.snooze();
                next = (*block).next.load(Acquire);
            }
            let mut position = (head & !FLAG) + STEP;
            if !(*next).next.load(Relaxed).is_null() {
                position |= FLAG;
            }
            self.head.block.store(next, Release);
            self.head.position.store(position, Release);
        }
    }

    /// Whether no task waits. `SeqCst`: one half of the handshake with producers.
    pub(crate) fn is_empty(&self) -> bool {
        let head = self.head.position.load(SeqCst);
        let tail = self.tail.position.load(SeqCst);
        count(head) == count(tail) && self.lane.is_empty()
    }

    /// About how many tasks wait; exact when nobody pushes or pops.
    pub(crate) fn len(&self) -> usize {
        let head = self.head.position.load(SeqCst);
        let tail = self.tail.position.load(SeqCst);
        let waiting = count(tail).saturating_sub(count(head));
        usize::try_from(waiting).unwrap_or(usize::MAX) + self.lane.len()
    }

    /// How many slots were pushed, ever.
    pub(crate) fn pushed(&self) -> u64 {
        count(self.tail.position.load(SeqCst))
    }

    /// Where the slots come from.
    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// `SeqCst`: one half of the handshake with a producer that does not push.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.tail.position.load(SeqCst))
    }

    /// Refuses tasks from now on.
    pub(crate) fn close(&self) {
        self.tail.position.fetch_or(FLAG, SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.tail.position.load(SeqCst) & FLAG != 0
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // A dropped task is a cancelled one.
        while let Some(popped) = self.pop() {
            drop(popped);
        }
        let block = NonNull::new(self.tail.block.load(Acquire));
        let unclaimed = SLOTS - place(self.tail.position.load(Relaxed));
        if let Some(block) = block {
            // SAFETY: nobody pushes or pops any more, so the unclaimed slots are ours.
            unsafe { Block::release_many(block, unclaimed) };
        }
    }
}

#[cfg(all(test, not(loom)))]
#[deny(unsafe_code)]
mod tests;

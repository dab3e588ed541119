//! The state word of a slot, and the law of its transitions.
//!
//! # Phases
//!
//! ```text
//! EMPTY ──► PENDING ──► RUNNING ──► FINISHED
//!              └───────────┴──────► CANCELLED
//! ```
//!
//! - `EMPTY`: claimed in the queue by a producer that is still writing the closure. A worker that
//!   takes the slot waits for the next phase; nobody else knows the slot.
//! - `PENDING`: the closure lies in the slot and belongs to whoever moves the phase on. Workers,
//!   waiters, cancellers, a shutdown and a broken pool compete for that with one compare-exchange
//!   ([`State::claim`], [`State::reclaim`], [`State::cancel`]); the losers never touch the closure.
//! - `RUNNING`: a worker owns the closure and runs it, or the pool replaces it by an error. The
//!   worker came by the queue, or waits for the task and so holds the caller's end: then the pool's
//!   end stays in the queue as a tombstone, and the outcome is the caller's to drop.
//! - `FINISHED`: the outcome lies in the slot, written once, by the claimer.
//! - `CANCELLED`: there is no outcome. The future is done at once, so that nobody can see a task that
//!   is cancelled and not done; the claimer then drops the closure, tells the waiters, and settles.
//!   If nobody waits it is settled in the same step. A worker comes to it from `RUNNING` if it finds
//!   that the task was not to be called any more; it drops the closure before.
//!
//! # Flags
//!
//! - `FAILED`: with `FINISHED`, the outcome is an error. Never without.
//! - `SETTLED`: with a done phase; callbacks have run, so the outcome may be moved out of the slot.
//!   Set once, by the claimer, usually together with the done phase.
//! - `LOCKED`: the list of waiters is being changed. Held for a few instructions, never while user
//!   code runs or a thread sleeps. A done phase is published in one step with taking the lock, or
//!   when there is nobody to tell; so nobody joins a list that was told already, and whoever is told
//!   sees the task done.
//! - `WAITED`: the list of waiters is not empty. Changed only by the holder of `LOCKED`.
//! - `AWAITED`: the caller's end has had a waker on the list. Set by that end, never unset.
//! - `STOP`: the caller's end has asked the running task to stop. Set with `RUNNING`, never unset.
//! - `ENTERED`: the running task can be woken by who sets `STOP`; see [`stops`](super::stops). Set by
//!   the task's own thread, and unset by it before a done phase is published.
//! - `NAMED`: the task has a name; see [`names`](super::names). Never unset.
//! - `ELSEWHERE`: what becomes of the task is decided elsewhere, by who holds the pool's end. The
//!   caller's end does not move it out of `PENDING`, but asks; see [`promised`](super::promised). Set
//!   before there is a caller's end, never unset.
//! - `POOL_OUT`, `HANDLE_OUT`: the pool's end, the caller's end has let go of the slot. Each is set
//!   once, by its end; who sets the second one frees the slot and is the last to touch it.

use crate::sync::{AcqRel, Acquire, AtomicU32, Backoff, Relaxed, Release};

const EMPTY: u32 = 0;
const PENDING: u32 = 1;
const RUNNING: u32 = 2;
const FINISHED: u32 = 3;
const CANCELLED: u32 = 4;
const PHASE: u32 = 7;

const FAILED: u32 = 1 << 3;
const SETTLED: u32 = 1 << 4;
const LOCKED: u32 = 1 << 5;
const WAITED: u32 = 1 << 6;
const POOL_OUT: u32 = 1 << 7;
const HANDLE_OUT: u32 = 1 << 8;
const AWAITED: u32 = 1 << 9;
const STOP: u32 = 1 << 10;
const ENTERED: u32 = 1 << 11;
const NAMED: u32 = 1 << 12;
const ELSEWHERE: u32 = 1 << 13;

/// What the caller's end looks at before it moves a task out of `PENDING`.
const OURS: u32 = PHASE | ELSEWHERE;

/// What a claimer means to do with the closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Run it, or write an error in its place.
    Run,
    /// Drop it.
    Cancel,
}

/// How a task is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Value,
    Error,
    Cancelled,
}

impl Done {
    #[inline]
    fn bits(self) -> u32 {
        match self {
            Self::Value => FINISHED,
            Self::Error => FINISHED | FAILED,
            Self::Cancelled => CANCELLED,
        }
    }
}

/// Which end of the slot acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Pool,
    Handle,
}

impl End {
    fn bit(self) -> u32 {
        match self {
            Self::Pool => POOL_OUT,
            Self::Handle => HANDLE_OUT,
        }
    }
}

/// What one look at the state word showed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen(u32);

impl Seen {
    fn phase(self) -> u32 {
        self.0 & PHASE
    }

    pub(crate) fn is_written(self) -> bool {
        self.phase() != EMPTY
    }

    pub(crate) fn is_pending(self) -> bool {
        self.phase() == PENDING
    }

    pub(crate) fn is_running(self) -> bool {
        self.phase() == RUNNING
    }

    pub(crate) fn is_done(self) -> bool {
        self.phase() >= FINISHED
    }

    pub(crate) fn is_finished(self) -> bool {
        self.phase() == FINISHED
    }

    pub(crate) fn is_cancelled(self) -> bool {
        self.phase() == CANCELLED
    }

    pub(crate) fn is_failed(self) -> bool {
        self.0 & FAILED != 0
    }

    /// How it is done. Only for a done phase.
    pub(crate) fn done(self) -> Done {
        match self.phase() {
            CANCELLED => Done::Cancelled,
            _ if self.is_failed() => Done::Error,
            _ => Done::Value,
        }
    }

    pub(crate) fn is_settled(self) -> bool {
        self.0 & SETTLED != 0
    }

    /// Whether the list of waiters may hold anything, or is just being told.
    pub(crate) fn may_be_waited(self) -> bool {
        self.0 & (WAITED | LOCKED) != 0
    }

    pub(crate) fn is_awaited(self) -> bool {
        self.0 & AWAITED != 0
    }

    pub(crate) fn is_stop_requested(self) -> bool {
        self.0 & STOP != 0
    }

    /// Whether to ask elsewhere what is to become of it.
    pub(crate) fn is_elsewhere(self) -> bool {
        self.0 & ELSEWHERE != 0
    }

    pub(crate) fn is_named(self) -> bool {
        self.0 & NAMED != 0
    }

    /// Whether there is nobody to be told of the end of a running task, and nothing to be taken back.
    fn ends_unnoticed(self) -> bool {
        self.0 & (WAITED | LOCKED | ENTERED) == 0
    }

    /// Whether all that is left to do with a value that lies in the slot is the caller's end's, and
    /// there is nothing beside it.
    #[inline]
    pub(crate) fn is_ready_and_alone(self) -> bool {
        const READY: u32 = FINISHED | SETTLED | POOL_OUT;
        self.0 & (PHASE | SETTLED | POOL_OUT | AWAITED | NAMED) == READY
    }

    /// Whether it is done with a good value, and there is nothing beside it.
    #[inline]
    pub(crate) fn is_mere_value(self) -> bool {
        self.0 & (PHASE | FAILED | NAMED) == FINISHED
    }

    /// Whether it was run by a waiter, and the pool's end still lies in the queue. Asked by the
    /// caller's end.
    pub(crate) fn leaves_tombstone(self) -> bool {
        self.is_finished() && self.is_settled() && !self.is_last(End::Handle)
    }

    /// Whether the other end has let go.
    pub(crate) fn is_last(self, end: End) -> bool {
        let other = match end {
            End::Pool => HANDLE_OUT,
            End::Handle => POOL_OUT,
        };
        self.0 & other != 0
    }
}

/// Published and settled. If an end was let go with it: whether that was the last one.
#[must_use]
pub(crate) struct Settled {
    pub(crate) last: bool,
}

/// What the claimer has to do next to publish the end of its task.
#[must_use]
pub(crate) enum Publish {
    Settled(Settled),
    /// Published, but there are waiters, and the list is locked for us: tell them, then unlock.
    Locked,
    /// Not published: the task has to leave where it entered, and then publish again.
    Entered,
}

/// What a canceller has to do next.
#[must_use]
pub(crate) enum Cancel {
    /// Too late, or done already.
    Refused,
    /// It owns the closure, and must publish.
    Claimed,
    /// It owns the closure. Nobody waits, and there is nothing more to publish.
    Settled,
}

#[derive(Debug)]
pub(crate) struct State(AtomicU32);

impl State {
    pub(crate) fn empty() -> Self {
        Self(AtomicU32::new(EMPTY))
    }

    #[inline]
    pub(crate) fn look(&self) -> Seen {
        Seen(self.0.load(Acquire))
    }

    /// The producer has written the slot.
    #[inline]
    pub(crate) fn publish_pending(&self) {
        self.0.store(PENDING, Release);
    }

    /// A slot that is born done and that no pool holds. Nobody else knows it yet; `Relaxed`, because whoever
    /// is handed its only end by another thread sees by that all that this one has written.
    pub(crate) fn publish_done(&self, done: Done) {
        self.0.store(done.bits() | SETTLED | POOL_OUT, Relaxed);
    }

    /// The transition out of `PENDING` for who holds the pool's end. Who gets `true` owns the closure
    /// and must publish how it ended.
    #[inline]
    #[must_use]
    pub(crate) fn claim(&self, claim: Claim) -> bool {
        let phase = match claim {
            Claim::Run => RUNNING,
            Claim::Cancel => CANCELLED,
        };
        let mut seen = self.0.load(Acquire);
        while seen & PHASE == PENDING {
            let next = seen & !PHASE | phase;
            // With the other end gone the claimer is alone, and a store does.
            if Seen(seen).is_last(End::Pool) {
                self.0.store(next, Relaxed);
                return true;
            }
            match self.0.compare_exchange_weak(seen, next, Acquire, Acquire) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// The same for who holds the caller's end, to run it while waiting. Never alone, since the
    /// pool's end may be on its way to a claim of its own.
    #[must_use]
    pub(crate) fn reclaim(&self) -> bool {
        let mut seen = self.0.load(Acquire);
        while seen & OURS == PENDING {
            let next = seen & !PHASE | RUNNING;
            match self.0.compare_exchange_weak(seen, next, Acquire, Acquire) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// The same for who holds the caller's end, to cancel.
    pub(crate) fn cancel(&self) -> Cancel {
        let mut seen = self.0.load(Acquire);
        while seen & OURS == PENDING {
            let waited = Seen(seen).may_be_waited();
            let next = seen & !PHASE | CANCELLED | if waited { 0 } else { SETTLED };
            match self.0.compare_exchange_weak(seen, next, AcqRel, Acquire) {
                Ok(_) if waited => return Cancel::Claimed,
                Ok(_) => return Cancel::Settled,
                Err(now) => seen = now,
            }
        }
        Cancel::Refused
    }

    /// The claimer publishes how the task is done, settles it and lets its end go, all in one step,
    /// if nobody waits. If somebody may, nothing has changed.
    #[inline]
    pub(crate) fn publish_unnoticed(&self, done: Done, end: End) -> Option<Settled> {
        let seen = self.0.load(Acquire);
        if !Seen(seen).ends_unnoticed() {
            return None;
        }
        let next = seen & !PHASE | done.bits() | Self::settled_by(end);
        // Alone, with nobody to tell: a store does.
        if end == End::Pool && Seen(seen).is_last(end) {
            self.0.store(next, Relaxed);
            return Some(Settled { last: true });
        }
        let published = self.0.compare_exchange(seen, next, AcqRel, Relaxed);
        published.is_ok().then_some(Settled { last: false })
    }

    /// The claimer publishes how the task is done. If nobody waits, it is settled in the same step; else
    /// the claimer gets the lock of the list.
    pub(crate) fn publish(&self, done: Done, end: End) -> Publish {
        let mut backoff = Backoff::default();
        let mut seen = self.0.load(Acquire);
        loop {
            if seen & ENTERED != 0 {
                return Publish::Entered;
            }
            if seen & LOCKED != 0 {
                backoff.snooze();
                seen = self.0.load(Acquire);
                continue;
            }
            let waited = seen & WAITED != 0;
            let bits = if waited {
                LOCKED
            } else {
                Self::settled_by(end)
            };
            let next = seen & !PHASE | done.bits() | bits;
            match self.0.compare_exchange_weak(seen, next, AcqRel, Acquire) {
                Ok(_) if waited => return Publish::Locked,
                Ok(_) => {
                    let last = end == End::Pool && Seen(seen).is_last(end);
                    return Publish::Settled(Settled { last });
                }
                Err(now) => seen = now,
            }
        }
    }

    /// Ends [`Publish::Locked`] with the list empty: unlocks it, and settles unless there are
    /// callbacks to run first. Says whether the slot's last end was let go.
    pub(crate) fn unlock_published(&self, end: End, settle: bool) -> bool {
        let bits = if settle { Self::settled_by(end) } else { 0 };
        let mut seen = self.0.load(Relaxed);
        loop {
            let next = seen & !(LOCKED | WAITED) | bits;
            match self.0.compare_exchange_weak(seen, next, AcqRel, Relaxed) {
                Ok(_) => return settle && end == End::Pool && Seen(seen).is_last(end),
                Err(now) => seen = now,
            }
        }
    }

    /// Only the pool's end goes with the end of the task; a canceller keeps its handle.
    #[inline]
    fn settled_by(end: End) -> u32 {
        match end {
            End::Pool => SETTLED | POOL_OUT,
            End::Handle => SETTLED,
        }
    }

    /// Locks the list of waiters.
    pub(crate) fn lock(&self) -> Seen {
        let mut backoff = Backoff::default();
        let mut seen = self.0.load(Relaxed);
        loop {
            if seen & LOCKED != 0 {
                backoff.snooze();
                seen = self.0.load(Relaxed);
                continue;
            }
            match self
                .0
                .compare_exchange_weak(seen, seen | LOCKED, Acquire, Relaxed)
            {
                Ok(_) => return Seen(seen),
                Err(now) => seen = now,
            }
        }
    }

    /// Unlocks the list of waiters, saying whether somebody is on it.
    pub(crate) fn unlock(&self, waited: bool) {
        let bits = if waited { WAITED } else { 0 };
        let mut seen = self.0.load(Relaxed);
        loop {
            let next = seen & !(LOCKED | WAITED) | bits;
            match self.0.compare_exchange_weak(seen, next, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    /// The caller's end asks a running task to stop. Whether it is running.
    pub(crate) fn request_stop(&self) -> bool {
        let mut seen = self.0.load(Relaxed);
        while seen & PHASE == RUNNING {
            match self
                .0
                .compare_exchange_weak(seen, seen | STOP, AcqRel, Relaxed)
            {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// The running task can be woken from now on.
    pub(crate) fn mark_entered(&self) -> Seen {
        Seen(self.0.fetch_or(ENTERED, AcqRel))
    }

    /// It cannot any more.
    pub(crate) fn unmark_entered(&self) {
        self.0.fetch_and(!ENTERED, Relaxed);
    }

    /// What becomes of the task is decided elsewhere. Nobody else knows the slot yet.
    pub(super) fn mark_elsewhere(&self) {
        self.0.fetch_or(ELSEWHERE, Relaxed);
    }

    /// There is a name for the task.
    pub(crate) fn mark_named(&self) {
        self.0.fetch_or(NAMED, Relaxed);
    }

    /// The caller's end is about to put a waker on the list.
    pub(crate) fn mark_awaited(&self) {
        self.0.fetch_or(AWAITED, Relaxed);
    }

    /// The caller's end goes before the task is done, if it has left nothing behind; that is all that is
    /// to be done then. Whether it did.
    #[inline]
    #[must_use]
    pub(crate) fn leave_early(&self) -> bool {
        let seen = self.0.load(Relaxed);
        // All done phases, and the flag by itself, are as great as that or greater.
        seen & (PHASE | AWAITED) < FINISHED
            && self
                .0
                .compare_exchange(seen, seen | HANDLE_OUT, Release, Relaxed)
                .is_ok()
    }

    /// Lets one end go. Whether it was the last one: then the slot is the caller's to free.
    #[inline]
    #[must_use]
    pub(crate) fn let_go(&self, end: End) -> bool {
        // Alone already: nobody else can change the word, so no read-modify-write is needed.
        if Seen(self.0.load(Acquire)).is_last(end) {
            return true;
        }
        Seen(self.0.fetch_or(end.bit(), AcqRel)).is_last(end)
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

//! How many workers there may be, in one word that changes seldom and is read often.

use super::MAX_WORKERS;
use crate::{
    sync::{AtomicU64, Relaxed, SeqCst},
    task::post::Pause,
};

const BITS: u32 = 16;
const MASK: u64 = MAX_WORKERS as u64;
const ALLOWED: u64 = 1 << BITS;
const BLOCKED: u64 = 1 << (2 * BITS);
const ASLEEP: u64 = 1 << (3 * BITS);

/// Four numbers: the *most* that the user allows; how many of those are *allowed* now, which is
/// less than all only in an adaptive pool; how many workers are *blocked*, in waits with a time limit
/// or by what the pool knows nothing of; and how many are *asleep*, in waits without a limit for
/// tasks that others run.
///
/// Each that is blocked is replaced. One that is asleep needs no replacement as long as nobody is
/// blocked: at the end of its chain of waits somebody is at work. But if that one is blocked, it may
/// wait for a task that is queued, and then somebody must be left who takes tasks from there. So the
/// limit is what is allowed; and if any are blocked, those and the ones that are asleep on top.
pub(crate) struct Quota(AtomicU64);

/// The most workers beyond those that are allowed.
const MOST_EXTRA: u64 = 256;

#[derive(Clone, Copy)]
struct Parts(u64);

impl Parts {
    fn new(most: u64, allowed: u64) -> Self {
        Self(most + allowed * ALLOWED)
    }

    /// The same but for these two.
    fn with(self, most: u64, allowed: u64) -> Self {
        let others = self.0 & !(MASK + MASK * ALLOWED);
        Self(others + Self::new(most, allowed).0)
    }

    fn most(self) -> u64 {
        self.0 & MASK
    }

    fn allowed(self) -> u64 {
        (self.0 / ALLOWED) & MASK
    }

    fn blocked(self) -> u64 {
        (self.0 / BLOCKED) & MASK
    }

    fn asleep(self) -> u64 {
        self.0 / ASLEEP
    }

    /// How many there may be beyond those that are allowed.
    fn extra(self) -> u64 {
        match self.blocked() {
            0 => 0,
            blocked => (blocked + self.asleep()).min(MOST_EXTRA),
        }
    }

    fn limit(self) -> u64 {
        (self.allowed() + self.extra()).min(MASK)
    }

    fn ceiling(self) -> usize {
        let ceiling = (self.most() + self.extra()).min(MASK);
        usize::try_from(ceiling).unwrap_or(MAX_WORKERS)
    }
}

impl Quota {
    pub(crate) fn new(most: usize, allowed: usize) -> Self {
        Self(AtomicU64::new(Parts::new(most as u64, allowed as u64).0))
    }

    /// `SeqCst`: one half of the handshake of a producer with whoever raises the limit.
    #[inline]
    pub(crate) fn limit(&self) -> u64 {
        Parts(self.0.load(SeqCst)).limit()
    }

    pub(crate) fn most(&self) -> usize {
        usize::try_from(Parts(self.0.load(Relaxed)).most()).unwrap_or(MAX_WORKERS)
    }

    /// The most that there may be, with those that are allowed beyond it.
    pub(crate) fn ceiling(&self) -> usize {
        Parts(self.0.load(SeqCst)).ceiling()
    }

    /// The same if one more worker pauses.
    pub(crate) fn ceiling_with(&self, pause: Pause) -> usize {
        Parts(self.0.load(SeqCst) + Self::step(pause)).ceiling()
    }

    pub(crate) fn allowed(&self) -> usize {
        usize::try_from(Parts(self.0.load(Relaxed)).allowed()).unwrap_or(MAX_WORKERS)
    }

    /// Another most. All of it is allowed, if all was; else no more than was.
    pub(crate) fn set_most(&self, most: usize) {
        let most = most as u64;
        self.change(|parts| {
            let allowed = if parts.allowed() == parts.most() {
                most
            } else {
                parts.allowed().min(most)
            };
            parts.with(most, allowed)
        });
    }

    /// Allows another part of the most.
    pub(crate) fn set_allowed(&self, allowed: usize) {
        let allowed = allowed as u64;
        self.change(|parts| parts.with(parts.most(), allowed.min(parts.most())));
    }

    /// One more worker pauses. Whether the limit is another one now.
    pub(crate) fn pause(&self, pause: Pause) -> bool {
        self.change(|parts| Parts(parts.0 + Self::step(pause)))
    }

    /// It goes on. Whether the limit is another one now.
    pub(crate) fn resume(&self, pause: Pause) -> bool {
        self.change(|parts| Parts(parts.0 - Self::step(pause)))
    }

    fn step(pause: Pause) -> u64 {
        match pause {
            Pause::Blocked => BLOCKED,
            Pause::Asleep => ASLEEP,
        }
    }

    /// Whether the limit is another one afterwards.
    fn change(&self, change: impl Fn(Parts) -> Parts) -> bool {
        let mut before = Parts(self.0.load(Relaxed));
        loop {
            let after = change(before);
            match self
                .0
                .compare_exchange_weak(before.0, after.0, SeqCst, Relaxed)
            {
                Ok(_) => {
                    return after.limit() != before.limit();
                }
                Err(now) => before = Parts(now),
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn sleepers_are_replaced_only_as_long_as_somebody_is_blocked() {
        let quota = Quota::new(4, 4);
        assert!(!quota.pause(Pause::Asleep) && !quota.pause(Pause::Asleep));
        assert_eq!(quota.limit(), 4);
        assert!(quota.pause(Pause::Blocked));
        assert_eq!(quota.limit(), 7);
        assert!(quota.resume(Pause::Asleep));
        quota.set_most(2);
        assert_eq!((quota.most(), quota.limit()), (2, 4));
        assert!(quota.resume(Pause::Blocked));
        assert!(!quota.resume(Pause::Asleep));
        assert_eq!(quota.limit(), 2);
    }

    #[test]
    fn a_pause_is_foreseen_with_what_it_would_add() {
        let quota = Quota::new(4, 3);
        assert_eq!((quota.ceiling(), quota.limit()), (4, 3));
        assert_eq!(quota.ceiling_with(Pause::Blocked), 5);
        assert_eq!(quota.ceiling_with(Pause::Asleep), 4);
        quota.pause(Pause::Blocked);
        assert_eq!((quota.ceiling(), quota.limit()), (5, 4));
        assert_eq!(quota.ceiling_with(Pause::Blocked), 6);
        assert_eq!(quota.ceiling_with(Pause::Asleep), 6);
    }

    #[test]
    fn what_is_allowed_follows_the_most_if_it_was_all() {
        let quota = Quota::new(4, 4);
        quota.pause(Pause::Asleep);
        quota.set_most(6);
        assert_eq!((quota.most(), quota.allowed()), (6, 6));
        quota.set_allowed(5);
        assert_eq!((quota.most(), quota.allowed()), (6, 5));
        quota.set_most(8);
        assert_eq!((quota.most(), quota.allowed()), (8, 5));
        quota.set_most(3);
        assert_eq!((quota.most(), quota.allowed()), (3, 3));
        quota.set_allowed(7);
        assert_eq!((quota.most(), quota.allowed()), (3, 3));
        // Who pauses still does.
        assert!(quota.pause(Pause::Blocked));
        assert_eq!(quota.limit(), 5);
    }

    #[test]
    fn there_are_never_more_than_can_be_counted() {
        let quota = Quota::new(MAX_WORKERS, MAX_WORKERS);
        assert!(!quota.pause(Pause::Blocked));
        assert_eq!(quota.limit(), MAX_WORKERS as u64);
        assert_eq!(quota.ceiling(), MAX_WORKERS);
        assert_eq!(quota.allowed(), MAX_WORKERS);
    }

    #[test]
    fn no_more_than_so_many_are_replaced() {
        let quota = Quota::new(1, 1);
        for _ in 0..1000 {
            quota.pause(Pause::Blocked);
        }
        assert_eq!(quota.limit(), 1 + 256);
    }
}

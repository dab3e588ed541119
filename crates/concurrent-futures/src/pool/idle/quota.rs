//! How many workers there may be, in one word that changes seldom and is read often.

use super::MAX_WORKERS;
use crate::sync::{AtomicU64, Relaxed, SeqCst, model_fence};

const BITS: u32 = 16;
const MASK: u64 = MAX_WORKERS as u64;
const ALLOWED: u64 = 1 << BITS;
const EXTRA: u64 = 1 << (2 * BITS);

/// Three numbers: the *most* that the user allows; how many of those are *allowed* now, which is
/// less than all only in an adaptive pool; and the *extra* ones that stand in for workers that are
/// blocked. The limit is what is allowed and the extra ones.
pub(crate) struct Quota(AtomicU64);

#[derive(Clone, Copy)]
struct Parts(u64);

impl Parts {
    fn new(most: u64, allowed: u64, extra: u64) -> Self {
        Self(most + allowed * ALLOWED + extra * EXTRA)
    }

    fn most(self) -> u64 {
        self.0 & MASK
    }

    fn allowed(self) -> u64 {
        (self.0 / ALLOWED) & MASK
    }

    fn extra(self) -> u64 {
        self.0 / EXTRA
    }
}

impl Quota {
    pub(crate) fn new(most: usize, allowed: usize) -> Self {
        Self(AtomicU64::new(Parts::new(most as u64, allowed as u64, 0).0))
    }

    /// `SeqCst`: one half of the handshake of a producer with whoever raises the limit.
    #[inline]
    pub(crate) fn limit(&self) -> u64 {
        let parts = Parts(self.0.load(SeqCst));
        (parts.allowed() + parts.extra()).min(MASK)
    }

    pub(crate) fn most(&self) -> usize {
        usize::try_from(Parts(self.0.load(Relaxed)).most()).unwrap_or(MAX_WORKERS)
    }

    /// The most that there may be, with those that are allowed beyond it.
    pub(crate) fn ceiling(&self) -> usize {
        let parts = Parts(self.0.load(SeqCst));
        let ceiling = (parts.most() + parts.extra()).min(MASK);
        usize::try_from(ceiling).unwrap_or(MAX_WORKERS)
    }

    /// Another most. All of it is allowed.
    pub(crate) fn set_most(&self, most: usize) {
        self.change(|parts| Parts::new(most as u64, most as u64, parts.extra()));
    }

    /// One more than is allowed, if that makes no more than so many extra ones. Whether it did.
    pub(crate) fn add_extra(&self, most: u64) -> bool {
        let mut added = false;
        self.change(|parts| {
            added = parts.extra() < most;
            Parts(parts.0 + if added { EXTRA } else { 0 })
        });
        added
    }

    pub(crate) fn take_extra(&self) {
        self.change(|parts| Parts(parts.0 - EXTRA));
    }

    fn change(&self, mut change: impl FnMut(Parts) -> Parts) {
        let mut now = self.0.load(Relaxed);
        while let Err(other) =
            self.0
                .compare_exchange_weak(now, change(Parts(now)).0, SeqCst, Relaxed)
        {
            now = other;
        }
        model_fence();
    }
}

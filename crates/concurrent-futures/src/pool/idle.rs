//! Who looks for work, who sleeps, and who is woken or started: no task waits while a worker could
//! run it, and no worker is woken in vain.
//!
//! One word counts four things:
//!
//! - *workers*: threads that live or are being started;
//! - *coming*: those of them that are being started, or run the initializer. Each will come to the
//!   queue and take one task, unless its start fails;
//! - *searching*: those that are looking for a task and will look at the queue again before they
//!   sleep. A worker that is woken counts as searching from the moment that is decided. While it
//!   counts, a worker runs no user code, which might block;
//! - *sleeping*: those that sleep, or are about to. They lie on a stack: the one that slept last is
//!   woken first, its caches are warm, and the others may sleep on.
//!
//! The rest run a task.
//!
//! # The law
//!
//! *If the queue is not empty, somebody is searching; or nobody sleeps, and either all workers there
//! may be are running tasks or coming, or no more tasks are queued than workers are coming; or
//! somebody is just about to look.* From it follows that with `k` unfinished tasks and
//! `k` not above the limit all `k` have a worker.
//!
//! - A producer pushes, then looks at the word. If somebody is searching, that is enough. If not, it
//!   wakes the top of the stack; if none sleeps, it starts a worker, if one more is allowed and more
//!   tasks are queued than workers are coming.
//! - A searcher that finds a task stops searching, *then* looks at the queue; if it is the last
//!   searcher and sees more, it does what a producer does. So a burst of tasks wakes workers one by
//!   one, each of which found work, and a producer makes at most one system call for it. As long as
//!   many sleep and more tasks are queued than workers are awake, each of them brings one more, so
//!   that a burst for hundreds of sleepers reaches them in a few rounds.
//! - A searcher that finds nothing puts itself on the stack, *then* looks at the queue again.
//! - Whoever tried to start a worker in vain takes it off the word, *then* looks at the queue again.
//! - Whoever allows more workers does so, *then* looks at the queue. How workers leave is told in
//!   [`retire`].
//!
//! Both sides write one thing and then read the other (push, then word; word, then queue), with
//! sequential consistency, so at least one of them sees the other. In the bad interleaving that
//! this excludes, the producer reads "somebody is searching", the searcher reads "empty", and the
//! task waits for nobody.

mod quota;
mod retire;
mod sleeper;

pub(crate) use sleeper::{Sleeper, Waking};

use crate::{
    sync::{AtomicU64, Mutex, Padded, SeqCst, lock},
    task::notices::Notices,
};
use quota::Quota;
use std::{collections::VecDeque, sync::Arc};

const BITS: u32 = 16;
const MASK: u64 = MAX_WORKERS as u64;
const SEARCHING: u64 = 1;
const SLEEPING: u64 = 1 << BITS;
const COMING: u64 = 1 << (2 * BITS);
const WORKERS: u64 = 1 << (3 * BITS);

/// The most workers that can be counted.
pub(crate) const MAX_WORKERS: usize = (1 << BITS) - 1;

#[derive(Clone, Copy)]
struct Counts(u64);

impl Counts {
    fn searching(self) -> u64 {
        self.0 & MASK
    }

    fn sleeping(self) -> u64 {
        (self.0 / SLEEPING) & MASK
    }

    fn coming(self) -> u64 {
        (self.0 / COMING) & MASK
    }

    fn workers(self) -> u64 {
        self.0 / WORKERS
    }
}

/// How many workers there are.
pub(crate) struct Crew {
    pub(crate) workers: usize,
    pub(crate) idle: usize,
}

/// What to do about new work. Whoever is woken counts as searching from now on, whoever is to be
/// started as coming.
#[must_use]
pub(crate) enum Rouse {
    Nobody,
    Woken(Arc<Sleeper>),
    Start,
}

pub(crate) struct Idle {
    /// On a line of its own: what lies beside it is read with each submit.
    counts: Padded<AtomicU64>,
    pub(crate) quota: Quota,
    /// Shared with runners of maps, who look at it between two items.
    pub(crate) notices: Arc<Notices>,
    /// The one that lay down last at the back. As many as the word counts as sleeping: both change
    /// under this lock, or the word's count first goes down by one for each that is then taken off.
    stack: Mutex<VecDeque<Arc<Sleeper>>>,
}

impl Idle {
    /// So many that are not awake are too many to be woken one by one.
    const MANY: u64 = 16;

    /// At first, so many workers are allowed of those that there may be.
    pub(crate) fn new(max_workers: usize, first: usize) -> Self {
        Self {
            counts: Padded(AtomicU64::new(0)),
            quota: Quota::new(max_workers, first),
            notices: Arc::new(Notices::new()),
            stack: Mutex::new(VecDeque::new()),
        }
    }

    #[inline]
    fn counts(&self) -> Counts {
        Counts(self.counts.load(SeqCst))
    }

    pub(crate) fn workers(&self) -> usize {
        usize::try_from(self.counts().workers()).unwrap_or(MAX_WORKERS)
    }

    /// All workers, and those that have nothing to do, at one moment.
    pub(crate) fn crew(&self) -> Crew {
        let counts = self.counts();
        let number = |count| usize::try_from(count).unwrap_or(MAX_WORKERS);
        Crew {
            workers: number(counts.workers()),
            idle: number(counts.searching() + counts.sleeping()),
        }
    }

    /// Whether [`rouse`](Self::rouse) may have something to do. Cheap: a producer asks this after
    /// every push.
    #[inline]
    pub(crate) fn should_rouse(&self) -> bool {
        let counts = self.counts();
        counts.searching() == 0 && (counts.sleeping() > 0 || counts.workers() < self.quota.limit())
    }

    /// Picks a worker for new work, unless somebody is searching already. `queued` says how many
    /// tasks are queued now.
    pub(crate) fn rouse(&self, queued: impl Fn() -> usize) -> Rouse {
        self.pick(|counts| {
            if counts.searching() > 0 {
                None
            } else {
                self.step_for_one_more(counts, &queued)
            }
        })
    }

    /// Picks one more of many for a backlog: if more tasks are queued than workers are awake, also
    /// while others are searching. One that finds work so brings two, and a burst for hundreds does
    /// not wait for them to be woken one after the other. A few are soon awake in any case, and short
    /// tasks are run faster by one that knows of no other.
    pub(crate) fn rouse_for_backlog(&self, queued: impl Fn() -> usize) -> Rouse {
        self.pick(|counts| {
            let awake = counts.workers() - counts.sleeping();
            if self.quota.limit().saturating_sub(awake) >= Self::MANY && queued() as u64 > awake {
                self.step_for_one_more(counts, &queued)
            } else {
                None
            }
        })
    }

    fn step_for_one_more(&self, counts: Counts, queued: impl Fn() -> usize) -> Option<u64> {
        if counts.sleeping() > 0 {
            Some(SEARCHING.wrapping_sub(SLEEPING))
        } else if counts.workers() < self.quota.limit() && queued() as u64 > counts.coming() {
            Some(WORKERS + COMING)
        } else {
            None
        }
    }

    /// Counts one more worker as coming if all those there are will not be enough: each that comes,
    /// searches or sleeps will take one task. Then it is the submits that start threads, and workers
    /// hardly ever need to. The caller starts it, and answers for a failure.
    #[cfg(feature = "rim")]
    #[must_use]
    pub(crate) fn hire(&self, queued: impl Fn() -> usize) -> bool {
        let is_short = |counts: Counts| {
            let free = counts.coming() + counts.searching() + counts.sleeping();
            counts.workers() < self.quota.limit() && queued() as u64 > free
        };
        let hired = self.pick(|counts| is_short(counts).then_some(WORKERS + COMING));
        matches!(hired, Rouse::Start)
    }

    fn pick(&self, step: impl Fn(Counts) -> Option<u64>) -> Rouse {
        let mut counts = self.counts();
        loop {
            let Some(step) = step(counts) else {
                return Rouse::Nobody;
            };
            let next = counts.0.wrapping_add(step);
            match self
                .counts
                .compare_exchange_weak(counts.0, next, SeqCst, SeqCst)
            {
                Ok(_) if step == WORKERS + COMING => return Rouse::Start,
                // The count went down by one for this one, so the stack is not empty.
                Ok(_) => {
                    return match lock(&self.stack).pop_back() {
                        Some(sleeper) => Rouse::Woken(sleeper),
                        None => unreachable!("a sleeper that was counted is on the stack"),
                    };
                }
                Err(now) => counts = Counts(now),
            }
        }
    }

    /// Takes every sleeper off the stack.
    pub(crate) fn rouse_all(&self) -> Vec<Arc<Sleeper>> {
        let mut all = Vec::new();
        loop {
            let picked = self
                .pick(|counts| (counts.sleeping() > 0).then_some(SEARCHING.wrapping_sub(SLEEPING)));
            match picked {
                Rouse::Woken(sleeper) => all.push(sleeper),
                Rouse::Nobody | Rouse::Start => return all,
            }
        }
    }

    /// A worker has come to the queue. Whether it is the only one that searches.
    pub(crate) fn arrive(&self) -> bool {
        let step = SEARCHING.wrapping_sub(COMING);
        Counts(self.counts.fetch_add(step, SeqCst)).searching() == 0
    }

    /// A worker that was to come will not. Whether it was the only one; in any case the caller must
    /// look at the queue.
    #[must_use]
    pub(crate) fn start_failed(&self) -> bool {
        Counts(self.counts.fetch_sub(WORKERS + COMING, SeqCst)).workers() == 1
    }

    /// A worker has nothing to run and begins to look. Whether it is the only one that does.
    pub(crate) fn begin_search(&self) -> bool {
        Counts(self.counts.fetch_add(SEARCHING, SeqCst)).searching() == 0
    }

    /// A searcher found a task. Whether it was the last one searching: then it must look at the
    /// queue, and rouse another if there is more.
    #[must_use]
    pub(crate) fn end_search(&self) -> bool {
        Counts(self.counts.fetch_sub(SEARCHING, SeqCst)).searching() == 1
    }

    /// A searcher lies down. It must look at the queue once more before it sleeps.
    pub(crate) fn lie_down(&self, sleeper: &Arc<Sleeper>) {
        let mut stack = lock(&self.stack);
        stack.push_back(Arc::clone(sleeper));
        self.counts.fetch_add(SLEEPING - SEARCHING, SeqCst);
    }

    /// A searcher ends its thread.
    pub(crate) fn leave(&self) {
        self.counts.fetch_sub(WORKERS + SEARCHING, SeqCst);
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

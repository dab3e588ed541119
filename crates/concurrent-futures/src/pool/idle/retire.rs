//! How workers leave an open pool: because there are too many, or because they slept for long.
//!
//! Whoever lowers the limit compares it with the word. If there are too many, he posts a notice, and
//! then dismisses sleepers, those first that have slept longest: he takes each off the stack and off
//! the word in one go, and it ends when it wakes. The other ones see the notice between two tasks and
//! take themselves off the word.
//!
//! None is missed: a worker that lies down looks for the notice afterwards, and a worker that comes
//! compares for itself, because whoever started it may have known only the old limit. The
//! notice is withdrawn by a worker that sees it and finds nobody too many; he compares again
//! afterwards, so the notice of a later change is not lost.
//!
//! Why no task is forgotten: a worker goes only if there are enough others, not counting those that
//! are still coming, and
//!
//! - one that sleeps is relied on by nobody before it is picked, and picking and dismissing compete
//!   for one compare-exchange;
//! - one that searches may be relied on by a producer. So it leaves the word, *then* looks at the
//!   queue, like a searcher that found a task;
//! - one that goes because it slept for too long leaves room for another: the next producer sees
//!   one worker less than there may be, and starts one.

use super::{COMING, Counts, Idle, SEARCHING, SLEEPING, Sleeper, WORKERS};
use crate::{
    sync::{SeqCst, lock},
    task::notices::SURPLUS,
};
use std::sync::Arc;

impl Idle {
    /// Posts the notice if there are too many workers. Whether there are.
    pub(crate) fn post_surplus(&self) -> bool {
        let surplus = self.counts().workers() > self.quota.limit();
        if surplus {
            self.notices.post(SURPLUS);
        }
        surplus
    }

    /// A worker saw the notice, and is not too many.
    pub(crate) fn withdraw_surplus(&self) {
        if self.counts().workers() <= self.quota.limit() {
            self.notices.withdraw(SURPLUS);
            // The limit may have been lowered, and the notice posted, just before that.
            self.post_surplus();
        }
    }

    /// Takes a worker off the stack and off the word, the one that has slept longest, if there are
    /// too many. It is to be dismissed.
    pub(crate) fn take_surplus_sleeper(&self) -> Option<Arc<Sleeper>> {
        let mut stack = lock(&self.stack);
        let taken = self.step_off(SLEEPING + WORKERS, |counts| {
            counts.sleeping() > 0 && self.is_surplus(counts)
        });
        // More lie on the stack than are counted, never less.
        if taken { stack.pop_front() } else { None }
    }

    /// Whether one of the workers that have come is too many.
    pub(crate) fn has_surplus(&self) -> bool {
        self.is_surplus(self.counts())
    }

    /// A worker that runs nothing goes, if there are too many. If it does, it must look at the queue.
    #[must_use]
    pub(crate) fn leave_surplus(&self) -> bool {
        self.step_off(WORKERS, |counts| self.is_surplus(counts))
    }

    /// The same for one that searches.
    #[must_use]
    pub(crate) fn leave_surplus_searching(&self) -> bool {
        self.step_off(WORKERS + SEARCHING, |counts| self.is_surplus(counts))
    }

    /// The worker has slept for long, and goes if more than so many are left. If it does not, it is
    /// needed, or somebody is about to wake it.
    #[must_use]
    pub(crate) fn expire(&self, sleeper: &Arc<Sleeper>, min_workers: usize) -> bool {
        let mut stack = lock(&self.stack);
        let Some(place) = stack.iter().position(|other| Arc::ptr_eq(other, sleeper)) else {
            return false;
        };
        let gone = self.step_off(SLEEPING + WORKERS, |counts| {
            counts.sleeping() > 0 && counts.workers() > min_workers as u64
        });
        if gone {
            stack.remove(place);
        }
        gone
    }

    fn is_surplus(&self, counts: Counts) -> bool {
        counts.workers() - counts.coming() > self.quota.limit()
    }

    fn step_off(&self, step: u64, may: impl Fn(Counts) -> bool) -> bool {
        let mut counts = self.counts();
        while may(counts) {
            let next = counts.0 - step;
            match self
                .counts
                .compare_exchange_weak(counts.0, next, SeqCst, SeqCst)
            {
                Ok(_) => {
                    return true;
                }
                Err(now) => counts = Counts(now),
            }
        }
        false
    }

    /// Counts one more worker as coming, as long as there are fewer than so many. The caller starts
    /// it, and answers for a failure.
    #[must_use]
    pub(crate) fn hire_up_to(&self, wanted: usize) -> bool {
        let hired = self.pick(|counts| {
            let wanted = self.quota.limit().min(wanted as u64);
            (counts.workers() < wanted).then_some(WORKERS + COMING)
        });
        matches!(hired, super::Rouse::Start)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::task::post::Pause;
    use std::thread;

    /// Sleepers of other threads, lying on the stack in this order.
    fn sleeping(idle: &Idle, count: usize) -> Vec<Arc<Sleeper>> {
        let lie_down = |_| {
            assert!(idle.hire_up_to(count));
            idle.arrive();
            let sleeper = thread::spawn(Sleeper::new).join().expect("a new sleeper");
            idle.lie_down(&sleeper);
            sleeper
        };
        (0..count).map(lie_down).collect()
    }

    #[test]
    fn the_coldest_go_first_and_no_more_than_there_are_too_many() {
        let idle = Idle::new(5, 5);
        let sleepers = sleeping(&idle, 5);
        assert!(idle.take_surplus_sleeper().is_none());
        idle.quota.set_most(3);
        for coldest in &sleepers[..2] {
            let taken = idle.take_surplus_sleeper().expect("one too many");
            assert!(Arc::ptr_eq(&taken, coldest));
        }
        assert!(idle.take_surplus_sleeper().is_none());
        assert_eq!(idle.workers(), 3);
        assert_eq!(idle.rouse_all().len(), 3);
    }

    #[test]
    fn who_is_needed_or_picked_does_not_expire() {
        let idle = Idle::new(2, 2);
        let sleepers = sleeping(&idle, 2);
        assert!(!idle.expire(&sleepers[0], 2));
        assert!(idle.expire(&sleepers[0], 1));
        assert!(!idle.expire(&sleepers[0], 0));
        assert_eq!(idle.rouse_all().len(), 1);
        assert!(!idle.expire(&sleepers[1], 0));
        assert_eq!(idle.workers(), 1);
    }

    #[test]
    fn extra_workers_come_on_top_and_go_again() {
        let idle = Idle::new(1, 1);
        assert!(idle.quota.pause(Pause::Blocked));
        let _ = sleeping(&idle, 2);
        idle.quota.set_most(2);
        assert!(!idle.hire_up_to(1));
        assert!(idle.hire_up_to(9));
        assert!(idle.quota.resume(Pause::Blocked));
        assert!(idle.post_surplus());
        assert!(idle.take_surplus_sleeper().is_none(), "one is only coming");
        idle.arrive();
        assert!(idle.leave_surplus_searching());
        assert!(!idle.leave_surplus());
        idle.withdraw_surplus();
        assert!(!idle.notices.has(SURPLUS));
    }
}

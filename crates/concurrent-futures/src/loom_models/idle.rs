//! The handshake of producers and workers: the real queue and the real counts, and a worker's loop
//! reduced to its steps, so that each step can be left out to see that the model notices.

use super::rig::JoinHandle;
use super::rig::{Alone, catches, gone, large_model, model, pair, spawn, yield_now};
use crate::{
    pool::idle::{Idle, Rouse, Sleeper, Waking},
    queue::{Gate, Queue},
    task::{Handle, notices::SURPLUS, work::Plain},
};
use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// What a mutant does wrong.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wrong {
    Nothing,
    /// A producer looks for a searcher before it pushes.
    AnnouncesFirst,
    /// A worker that lay down does not look at the queue again.
    LiesDownBlindly,
    /// The last searcher that found a task does not look for more.
    BreaksTheChain,
    /// A worker that lay down does not look whether the queue was closed.
    OversleepsTheClose,
    /// A closer does not wake those that sleep.
    ClosesSilently,
    /// After a start that was refused nobody looks at the queue again.
    ForgetsTheRefused,
    /// A worker that was too many does not look at the queue when it has left.
    LeavesBlindly,
    /// A worker that lay down does not look for the notice.
    OversleepsTheNotice,
    /// Whoever allows more workers does not look at the queue.
    GrowsSilently,
}

pub(super) struct Yard {
    queue: Queue,
    pub(super) idle: Idle,
    wrong: Wrong,
    /// How many starts will be refused.
    refusals: AtomicUsize,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Yard {
    pub(super) fn new(max_workers: usize, wrong: Wrong) -> Arc<Self> {
        Arc::new(Self {
            queue: Queue::new(gone()),
            idle: Idle::new(max_workers, max_workers),
            wrong,
            refusals: AtomicUsize::new(0),
            workers: Mutex::default(),
        })
    }

    fn start(self: &Arc<Self>) -> bool {
        if self.refusals.load(Relaxed) > 0 {
            self.refusals.fetch_sub(1, Relaxed);
            // A system that refuses takes its time.
            yield_now();
            return false;
        }
        let yard = Arc::clone(self);
        let worker = spawn(move || yard.work());
        self.workers.lock().unwrap().push(worker);
        true
    }

    pub(super) fn submit<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T, Infallible> {
        let early = (self.wrong == Wrong::AnnouncesFirst).then(|| self.idle.should_rouse());
        let handle = self.queue.push(Plain(f), Gate::UntilClosed).ok().unwrap();
        if early.unwrap_or_else(|| self.idle.should_rouse()) {
            self.rouse();
        }
        handle
    }

    fn rouse(self: &Arc<Self>) {
        self.rouse_for(|| self.queue.len());
    }

    /// Brings a worker to the queue, be there a task or not.
    pub(super) fn call(self: &Arc<Self>) {
        self.rouse_for(|| usize::MAX);
    }

    fn rouse_for(self: &Arc<Self>, queued: impl Fn() -> usize) {
        match self.idle.rouse(queued) {
            Rouse::Nobody => {}
            Rouse::Woken(sleeper) => sleeper.wake(),
            Rouse::Start => {
                if !self.start() {
                    let _ = self.idle.start_failed();
                    if self.wrong != Wrong::ForgetsTheRefused && !self.queue.is_empty() {
                        self.rouse();
                    }
                }
            }
        }
    }

    /// Closes, and joins all workers.
    pub(super) fn end(&self) {
        self.close();
        loop {
            let worker = self.workers.lock().unwrap().pop();
            let Some(worker) = worker else { break };
            worker.join().unwrap();
        }
        assert_eq!(self.idle.workers(), 0);
        assert!(self.queue.is_empty());
    }

    fn close(&self) {
        self.queue.close();
        if self.wrong != Wrong::ClosesSilently {
            self.wake_all();
        }
    }

    fn wake_all(&self) {
        for sleeper in self.idle.rouse_all() {
            sleeper.wake();
        }
    }

    fn work(self: &Arc<Self>) {
        let sleeper = Sleeper::new();
        self.idle.arrive();
        let mut searching = true;
        loop {
            if self.idle.notices.has(SURPLUS) && self.leave_surplus(searching) {
                return;
            }
            if let Some(popped) = self.queue.pop() {
                if std::mem::take(&mut searching)
                    && self.idle.end_search()
                    && self.wrong != Wrong::BreaksTheChain
                    && !self.queue.is_empty()
                {
                    self.rouse();
                }
                popped.task.run(&mut Alone);
                continue;
            }
            if !std::mem::replace(&mut searching, true) {
                self.idle.begin_search();
            }
            if self.queue.is_closed() {
                if self.queue.is_empty() {
                    break;
                }
                continue;
            }
            if self.sleep(&sleeper) == Waking::Dismissed {
                return;
            }
        }
        self.idle.leave();
    }

    fn sleep(self: &Arc<Self>, sleeper: &Arc<Sleeper>) -> Waking {
        self.idle.lie_down(sleeper);
        if self.wrong != Wrong::LiesDownBlindly && !self.queue.is_empty() {
            self.rouse();
        }
        if self.wrong != Wrong::OversleepsTheClose && self.queue.is_closed() {
            self.wake_all();
        }
        if self.wrong != Wrong::OversleepsTheNotice && self.idle.notices.has(SURPLUS) {
            self.dismiss_surplus();
        }
        sleeper.sleep(None)
    }

    pub(super) fn resize(self: &Arc<Self>, max_workers: usize) {
        self.idle.quota.set_most(max_workers);
        self.dismiss_surplus();
        if self.wrong != Wrong::GrowsSilently && !self.queue.is_empty() {
            self.rouse();
        }
    }

    fn dismiss_surplus(&self) {
        if self.idle.post_surplus() {
            while let Some(sleeper) = self.idle.take_surplus_sleeper() {
                sleeper.dismiss();
            }
        }
    }

    fn leave_surplus(self: &Arc<Self>, searching: bool) -> bool {
        let left = if searching {
            self.idle.leave_surplus_searching()
        } else {
            self.idle.leave_surplus()
        };
        if !left {
            self.idle.withdraw_surplus();
        } else if self.wrong != Wrong::LeavesBlindly && !self.queue.is_empty() {
            self.rouse();
        }
        left
    }
}

/// One task for one worker, which is searching or lying down or asleep when the task comes.
fn one_task(wrong: Wrong) {
    model(move || {
        let yard = Yard::new(1, wrong);
        yard.call();
        assert_eq!(yard.submit(|| 7).take().unwrap(), 7);
        yard.end();
    });
}

/// Catches a task in the queue while the only worker sleeps, and a worker that sleeps through the
/// close.
#[test]
fn a_worker_does_not_sleep_through_a_task() {
    one_task(Wrong::Nothing);
}

#[test]
fn announcing_first_is_caught() {
    let model = || one_task(Wrong::AnnouncesFirst);
    catches("idle::announcing_first_is_caught", "deadlock", model);
}

#[test]
fn lying_down_blindly_is_caught() {
    let model = || one_task(Wrong::LiesDownBlindly);
    catches("idle::lying_down_blindly_is_caught", "deadlock", model);
}

#[test]
fn oversleeping_the_close_is_caught() {
    let model = || one_task(Wrong::OversleepsTheClose);
    catches("idle::oversleeping_the_close_is_caught", "deadlock", model);
}

#[test]
fn closing_silently_is_caught() {
    let model = || one_task(Wrong::ClosesSilently);
    catches("idle::closing_silently_is_caught", "deadlock", model);
}

/// Two tasks of which the older waits for the younger, for two workers that sleep.
fn wake_chain(wrong: Wrong) {
    large_model(move || {
        let yard = Yard::new(2, wrong);
        yard.call();
        yard.call();
        // They have nothing to do, and mostly lie down here.
        yield_now();
        yield_now();
        let (run, wait) = pair();
        let older = yard.submit(wait);
        let younger = yard.submit(run);
        older.take().unwrap();
        younger.take().unwrap();
        yard.end();
    });
}

/// Catches a second task that waits for the first although there is a worker for each: its
/// producer relied on a searcher that found the first.
#[test]
fn the_last_searcher_passes_the_wake_up_on() {
    wake_chain(Wrong::Nothing);
}

#[test]
fn breaking_the_chain_is_caught() {
    let model = || wake_chain(Wrong::BreaksTheChain);
    catches("idle::breaking_the_chain_is_caught", "deadlock", model);
}

/// Catches one of two producers that relies on a searcher which the other has just occupied.
#[test]
fn two_producers_and_a_worker() {
    large_model(|| {
        let yard = Yard::new(1, Wrong::Nothing);
        yard.call();
        let other = Arc::clone(&yard);
        let producer = spawn(move || other.submit(|| 1).take().unwrap());
        assert_eq!(yard.submit(|| 2).take().unwrap(), 2);
        assert_eq!(producer.join().unwrap(), 1);
        yard.end();
    });
}

/// A start that is refused while a task is submitted for which the other worker waits.
fn refused_start(wrong: Wrong) {
    large_model(move || {
        let yard = Yard::new(2, wrong);
        let (run, wait) = pair();
        let older = yard.submit(wait);
        yard.refusals.store(1, Relaxed);
        let other = Arc::clone(&yard);
        let producer = spawn(move || other.submit(run).take().unwrap());
        yard.call();
        older.take().unwrap();
        producer.join().unwrap();
        yard.end();
    });
}

/// Catches a task whose producer relied on the worker that was coming.
#[test]
fn a_refused_start_is_made_up_for() {
    refused_start(Wrong::Nothing);
}

#[test]
fn forgetting_the_refused_is_caught() {
    let model = || refused_start(Wrong::ForgetsTheRefused);
    catches("idle::forgetting_the_refused_is_caught", "deadlock", model);
}

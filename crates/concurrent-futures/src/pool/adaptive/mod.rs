//! An adaptive pool finds by itself how many workers it needs, between a least and a most number.
//!
//! - [`rule`]: what to do after a window of time, and why.
//! - [`meter`]: how much the workers use the processors.
//! - [`decision`]: what was decided, for whoever asks.
//!
//! A thread of the pool's own, the *controller*, looks at the pool some forty times a second as long
//! as there is work, and sleeps without a limit when there is none. A worker that finds work while the
//! controller sleeps wakes it: the one looks for sleep after it has taken a task, the other for
//! work after it has said that it sleeps. The controller is started by the first worker, and ends when
//! the pool is closed and its last worker has ended; it runs nothing of the user's.

mod decision;
mod meter;
mod rule;

pub use decision::{Decision, Reason};

use super::Pool;
use crate::unwind::report;
use decision::Decisions;
use meter::Meter;
use rule::{Bounds, Rule, Window};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

const UNSTARTED: u32 = 0;
const AWAKE: u32 = 1;
const ASLEEP: u32 = 2;

#[derive(Debug)]
pub(crate) struct Adaptive {
    state: AtomicU32,
    controller: OnceLock<Thread>,
    made: Instant,
    processors: usize,
    meter: Meter,
    decisions: Mutex<Decisions>,
}

impl Adaptive {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: AtomicU32::new(UNSTARTED),
            controller: OnceLock::new(),
            made: Instant::now(),
            processors: thread::available_parallelism().map_or(1, usize::from),
            meter: Meter::default(),
            decisions: Mutex::default(),
        })
    }

    /// The size to begin with.
    pub(crate) fn first_size(&self, least: usize, most: usize) -> usize {
        self.processors.clamp(least.max(1), most)
    }

    pub(crate) fn decisions(&self) -> Vec<Decision> {
        self.log().all()
    }

    fn log(&self) -> MutexGuard<'_, Decisions> {
        self.decisions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The calling thread is a worker from now on.
    pub(crate) fn enter(&self, number: usize) {
        self.meter.enter(number);
    }

    pub(crate) fn leave(&self, number: usize) {
        self.meter.leave(number);
        self.nudge();
    }

    /// A worker has taken a task after it had none.
    pub(crate) fn stir(&self, pool: &Arc<Pool>) {
        match self.state.load(SeqCst) {
            AWAKE => {}
            ASLEEP => self.nudge(),
            _ => {
                let begun = self
                    .state
                    .compare_exchange(UNSTARTED, AWAKE, SeqCst, SeqCst);
                if begun.is_ok() {
                    self.start(pool);
                }
            }
        }
    }

    /// Something is different: the controller shall look.
    pub(crate) fn nudge(&self) {
        if let Some(thread) = self.controller.get() {
            thread.unpark();
        }
    }

    fn start(&self, pool: &Arc<Pool>) {
        let own = Arc::downgrade(pool);
        let name = pool.threads.controller_name();
        match thread::Builder::new()
            .name(name)
            .spawn(move || control(&own))
        {
            Ok(handle) => {
                let _ = self.controller.set(handle.thread().clone());
                pool.threads.join_later(handle);
            }
            Err(error) => {
                report(
                    log::Level::Warn,
                    format_args!("an adaptive pool keeps its size: no thread: {error}"),
                );
            }
        }
    }
}

/// The life of the controller.
fn control(pool: &Weak<Pool>) {
    let mut controller = Controller::new();
    loop {
        let Some(pool) = pool.upgrade() else { return };
        let Some(adaptive) = pool.adaptive.clone() else {
            return;
        };
        if pool.is_closed() && pool.worker_count() == 0 && pool.queue.is_empty() {
            return;
        }
        let rests = controller.look(&pool, &adaptive);
        if !rests {
            drop(pool);
            thread::park_timeout(Controller::PAUSE);
            continue;
        }
        adaptive.state.store(ASLEEP, SeqCst);
        let works = pool.is_at_work() || pool.is_closed();
        drop(pool);
        if !works {
            thread::park();
        }
        adaptive.state.store(AWAKE, SeqCst);
        controller = Controller::new();
    }
}

/// What the controller remembers from look to look.
struct Controller {
    rule: Rule,
    begun: Instant,
    ended: u64,
    backlog: bool,
    /// A change was made: what follows at once says nothing about it.
    settling: bool,
    /// Looks without work, one after the other.
    quiet: u32,
}

impl Controller {
    const PAUSE: Duration = Duration::from_millis(25);
    const SETTLING: Duration = Duration::from_millis(50);
    const SHORTEST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_millis(250);
    const QUIET: u32 = 8;

    fn new() -> Self {
        Self {
            rule: Rule::new(),
            begun: Instant::now(),
            ended: 0,
            backlog: true,
            settling: true,
            quiet: 0,
        }
    }

    /// One look. Whether there is nothing to be done for long.
    fn look(&mut self, pool: &Arc<Pool>, adaptive: &Adaptive) -> bool {
        if pool.is_at_work() {
            self.quiet = 0;
        } else {
            self.quiet += 1;
        }
        self.backlog &= !pool.queue.is_empty();
        let length = self.begun.elapsed();
        let ended = pool.ended();
        let done = ended.saturating_sub(self.ended);
        if self.settling {
            if length >= Self::SETTLING {
                adaptive.meter.read(length, adaptive.processors);
                self.begin(ended);
            }
        } else if Self::is_over(length, done, pool) {
            let window = Window {
                length,
                done,
                backlog: self.backlog,
                load: adaptive.meter.read(length, adaptive.processors),
            };
            self.begin(ended);
            self.decide(pool, adaptive, window);
        }
        self.quiet >= Self::QUIET
    }

    fn is_over(length: Duration, done: u64, pool: &Pool) -> bool {
        let enough = done >= 2 * pool.idle.quota.allowed() as u64;
        length >= Self::LONGEST || length >= Self::SHORTEST && enough
    }

    fn begin(&mut self, ended: u64) {
        self.begun = Instant::now();
        self.ended = ended;
        self.backlog = true;
        self.settling = false;
    }

    fn decide(&mut self, pool: &Arc<Pool>, adaptive: &Adaptive, window: Window) {
        let from = pool.idle.quota.allowed();
        let bounds = Bounds {
            least: pool.min_workers().max(1),
            most: pool.max_workers(),
            processors: adaptive.processors,
        };
        if let Some((to, reason)) = self.rule.judge(from, bounds, window) {
            pool.allow(to);
            adaptive.log().add(Decision {
                after: adaptive.made.elapsed(),
                from,
                to,
                reason,
            });
            self.settling = true;
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::{
        pool::{dressing::Dressing, sizing::Sizing, threads::Threads},
        task::work::Plain,
        time::Limit,
    };
    use std::sync::mpsc;

    #[test]
    fn a_window_is_over_when_enough_is_done_or_it_was_long() {
        let threads = Threads::new("test".to_owned(), None, None);
        let pool = Pool::new(Sizing::up_to(3), threads, None, Dressing::default());
        let is_over =
            |millis, done| Controller::is_over(Duration::from_millis(millis), done, &pool);
        assert!(!is_over(99, 6) && is_over(100, 6));
        assert!(!is_over(100, 5) && !is_over(249, 5));
        assert!(is_over(250, 0));
    }

    #[test]
    fn the_controller_sleeps_when_there_is_no_work_and_is_woken_by_some() {
        let sizing = Sizing {
            is_adaptive: true,
            ..Sizing::up_to(2)
        };
        let threads = Threads::new("test".to_owned(), None, None);
        let pool = Pool::new(sizing, threads, None, Dressing::default());
        let adaptive = pool.adaptive.clone().expect("an adaptive pool");
        let until = |is: fn(u32) -> bool| {
            let begun = Instant::now();
            while !is(adaptive.state.load(SeqCst)) {
                assert!(begun.elapsed() < Duration::from_secs(20), "still the same");
                thread::yield_now();
            }
        };
        assert_eq!(adaptive.state.load(SeqCst), UNSTARTED);
        pool.submit(Plain(|| ())).take().expect("a value");
        until(|state| state == ASLEEP);
        // It stays awake as long as there is work.
        let (open, gate) = mpsc::channel::<()>();
        let held = pool.submit(Plain(move || gate.recv().is_err()));
        until(|state| state == AWAKE);
        drop(open);
        held.take().expect("a value");
        pool.close();
        pool.join(Limit::Forever).expect("an end without limit");
    }

    #[test]
    fn what_has_ended_well_or_badly_is_counted() {
        let threads = Threads::new("test".to_owned(), None, None);
        let pool = Pool::new(Sizing::up_to(1), threads, None, Dressing::default());
        for ends_well in [true, false, true] {
            let task = move || assert!(ends_well, "as it should");
            assert_eq!(pool.submit(Plain(task)).take().is_ok(), ends_well);
        }
        pool.close();
        pool.join(Limit::Forever).expect("an end without limit");
        assert_eq!(pool.ended(), 3);
    }
}

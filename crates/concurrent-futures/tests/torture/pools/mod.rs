//! Pools of all kinds, and what has been done to them.

mod build;
mod sizing;
pub(crate) mod witness;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use concurrent_futures::{Shutdown, ThreadPoolExecutor, WhenFull};

use crate::random::Random;
use crate::tally::Event;
use crate::world::World;
use witness::Witness;

#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) executor: ThreadPoolExecutor,
    pub(crate) record: Arc<PoolRecord>,
}

/// What has been done to a pool: a task may be cancelled, refused or failed only for one of these reasons.
#[derive(Debug, Default)]
pub(crate) struct PoolRecord {
    pub(crate) layer: usize,
    pub(crate) initializer_fails: bool,
    /// Its thread factory does, at times.
    pub(crate) threads_fail: bool,
    /// What its queue does when it is full, if it has a bound.
    pub(crate) when_full: Option<WhenFull>,
    pub(crate) min_workers: usize,
    pub(crate) shut_down: AtomicBool,
    pub(crate) cancelled: AtomicBool,
    /// Its running tasks were.
    pub(crate) asked: AtomicBool,
    /// Its last handle may be gone by now: a follow-up that is asked for later has no pool to go to.
    pub(crate) released: AtomicBool,
    /// Threads between their start and their end, where the pool's own thread factory counts them.
    pub(crate) threads: Arc<AtomicUsize>,
    pub(crate) witness: Option<Arc<Witness>>,
}

impl PoolRecord {
    /// Whether it may take no more tasks, ever.
    pub(crate) fn may_end(&self) -> bool {
        self.shut_down.load(SeqCst) || self.initializer_fails
    }

    pub(crate) fn may_refuse(&self) -> bool {
        self.shut_down.load(SeqCst) || self.when_full.is_some() || self.threads_fail
    }
}

impl Pool {
    /// What is to happen to tasks, noted before it does.
    fn announce(&self, world: &World, random: &mut Random) -> Shutdown {
        world.tally.count(Event::PoolShutDown);
        self.record.shut_down.store(true, SeqCst);
        let mut how = Shutdown::new();
        if random.percent(40) {
            self.record.cancelled.store(true, SeqCst);
            how = how.cancel_futures();
        }
        if random.percent(20) {
            self.record.asked.store(true, SeqCst);
            how = how.cancel_running();
        }
        how
    }

    /// Any of the ways to shut a pool down, chosen at random.
    pub(crate) fn shut_down(&self, world: &World, random: &mut Random) {
        if random.percent(15) {
            world.tally.count(Event::PoolShutDown);
            self.record.shut_down.store(true, SeqCst);
            return self.executor.shutdown();
        }
        let how = self.announce(world, random);
        match random.below(3) {
            0 => self.leave(world, how),
            1 => {
                let ended = self.executor.shutdown_with(how.timeout(random.limit()));
                let workers = self.executor.worker_count();
                if ended.is_ok() && workers != 0 {
                    world.object(format!(
                        "a timed shutdown returned before {workers} workers"
                    ));
                }
            }
            _ => {
                let ended = self.executor.shutdown_with(how);
                let threads = self.record.threads.load(SeqCst);
                if ended.is_ok() && threads != 0 {
                    world.object(format!(
                        "a shutdown returned before {threads} threads ended"
                    ));
                }
                if ended.is_err_and(|error| !error.is_own_worker()) {
                    world.object("an unlimited shutdown timed out".to_owned());
                }
            }
        }
    }

    pub(crate) fn shut_down_without_waiting(&self, world: &World, random: &mut Random) {
        let how = self.announce(world, random);
        self.leave(world, how);
    }

    fn leave(&self, world: &World, how: Shutdown) {
        if let Err(error) = self.executor.shutdown_with(how.no_wait()) {
            world.object(format!("a shutdown that does not wait failed: {error}"));
        }
    }
}

//! The pools that one round works on. Pools stand in layers, and whoever blocks on a thread of one layer waits only
//! for a higher layer, or for a newer pool of the same one: so the waits of a program never close a circle.

use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use concurrent_futures::{Shutdown, ThreadPoolExecutor, WhenFull, WorkerThread};

use super::ledger::{Ledger, PoolRecord};
use super::random::Random;
use super::tally::{Event, Tally};

pub(super) const LAYERS: usize = 4;

#[derive(Debug)]
pub(super) struct World {
    slots: [Mutex<Option<Pool>>; LAYERS],
    pub(super) ledger: Ledger,
    pub(super) tally: Arc<Tally>,
    pools: Mutex<Vec<Arc<PoolRecord>>>,
    mistakes: Mutex<Vec<String>>,
}

#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) executor: ThreadPoolExecutor,
    pub(super) record: Arc<PoolRecord>,
}

impl World {
    pub(super) fn new(tally: &Arc<Tally>, random: &mut Random) -> Arc<Self> {
        let world = Arc::new(Self {
            slots: std::array::from_fn(|_| Mutex::new(None)),
            ledger: Ledger::default(),
            tally: Arc::clone(tally),
            pools: Mutex::default(),
            mistakes: Mutex::default(),
        });
        for layer in 0..LAYERS {
            world.renew(layer, random);
        }
        world
    }

    pub(super) fn pool(&self, layer: usize) -> Option<Pool> {
        self.slots[layer]
            .lock()
            .expect("held for a clone only")
            .clone()
    }

    pub(super) fn take(&self, layer: usize) -> Option<Pool> {
        self.swap(layer, None)
    }

    /// Takes the pool out unless a newer one stands in its place.
    pub(super) fn take_this(&self, pool: &Pool) -> Option<Pool> {
        let mut slot = self.slots[pool.record.layer]
            .lock()
            .expect("held for a swap only");
        slot.take_if(|standing| {
            let same = Arc::ptr_eq(&standing.record, &pool.record);
            standing.record.released.fetch_or(same, SeqCst);
            same
        })
    }

    /// Puts a fresh pool into the place and hands back the old one.
    pub(super) fn renew(&self, layer: usize, random: &mut Random) -> Option<Pool> {
        let pool = build(layer, random);
        self.tally.count(Event::PoolBuilt);
        self.pools
            .lock()
            .expect("held for a push only")
            .push(Arc::clone(&pool.record));
        self.swap(layer, Some(pool))
    }

    fn swap(&self, layer: usize, next: Option<Pool>) -> Option<Pool> {
        let mut slot = self.slots[layer].lock().expect("held for a swap only");
        if let Some(standing) = &*slot {
            standing.record.released.store(true, SeqCst);
        }
        mem::replace(&mut slot, next)
    }

    pub(super) fn object(&self, mistake: String) {
        self.mistakes
            .lock()
            .expect("held for a push only")
            .push(mistake);
    }

    pub(super) fn is_settled(&self) -> bool {
        let threads = |pool: &Arc<PoolRecord>| pool.threads.load(SeqCst);
        let pools = self.pools.lock().expect("held for a look only");
        pools.iter().map(threads).sum::<usize>() == 0 && self.ledger.is_settled()
    }

    pub(super) fn close(&self) -> Vec<String> {
        let mut mistakes = mem::take(&mut *self.mistakes.lock().expect("held for a push only"));
        for pool in &*self.pools.lock().expect("held for a look only") {
            if pool.threads.load(SeqCst) != 0 {
                mistakes.push(format!("threads left: {pool:?}"));
            }
        }
        mistakes.extend(self.ledger.close(&self.tally));
        mistakes
    }
}

impl Pool {
    /// Any of the ways to shut a pool down, chosen at random.
    pub(super) fn shut_down(&self, world: &World, random: &mut Random) {
        world.tally.count(Event::PoolShutDown);
        self.record.shut_down.store(true, SeqCst);
        let mut how = Shutdown::new();
        match random.below(10) {
            0..4 => {
                self.record.cancelled.store(true, SeqCst);
                how = how.cancel_futures();
            }
            4..6 => return self.executor.shutdown(),
            _ => {}
        }
        match random.below(3) {
            0 => {
                if let Err(error) = self.executor.shutdown_with(how.no_wait()) {
                    world.object(format!("a shutdown that does not wait failed: {error}"));
                }
            }
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

    pub(super) fn shut_down_without_waiting(&self, world: &World, random: &mut Random) {
        world.tally.count(Event::PoolShutDown);
        self.record.shut_down.store(true, SeqCst);
        let mut how = Shutdown::new().no_wait();
        if random.percent(50) {
            self.record.cancelled.store(true, SeqCst);
            how = how.cancel_futures();
        }
        if let Err(error) = self.executor.shutdown_with(how) {
            world.object(format!("a shutdown that does not wait failed: {error}"));
        }
    }
}

fn build(layer: usize, random: &mut Random) -> Pool {
    let initializer_fails = random.percent(8);
    let threads = Arc::new(AtomicUsize::new(0));
    let when_full = random.percent(30).then(|| when_full(random));
    let record = Arc::new(PoolRecord {
        layer,
        initializer_fails,
        when_full,
        threads: Arc::clone(&threads),
        ..PoolRecord::default()
    });
    if !initializer_fails && when_full.is_none() && random.percent(15) {
        return Pool {
            executor: ThreadPoolExecutor::new(),
            record,
        };
    }
    let mut builder = ThreadPoolExecutor::builder().max_workers(1 + random.below(4));
    if let Some(when_full) = when_full {
        builder = builder
            .queue_capacity(1 + random.below(6))
            .when_full(when_full);
    }
    if random.percent(50) {
        builder = builder.thread_name_prefix(format!("soak-{layer}"));
    }
    if random.percent(30) {
        builder = builder.stack_size(256 * 1024);
    }
    if random.percent(70) {
        builder = builder.thread_factory(move |worker| counted(worker, &threads));
    }
    if initializer_fails {
        // The first workers may still do well: then some tasks run and the rest hears of the broken pool.
        let starts_before_failure = random.below(3);
        let starts = AtomicUsize::new(0);
        let panics = random.percent(50);
        builder = builder.initializer(move || -> Result<(), String> {
            if starts.fetch_add(1, SeqCst) < starts_before_failure {
                return Ok(());
            }
            if panics {
                std::panic::resume_unwind(Box::new("the initializer gives up"));
            }
            Err("no connection".to_owned())
        });
    } else if random.percent(40) {
        builder = builder.initializer(|| {});
    }
    Pool {
        executor: builder.build().expect("all arguments are valid"),
        record,
    }
}

/// Whoever has no room waits for a limited time, if at all: who waits for whom is beyond the layers'
/// rule, since anybody may cancel or run anything.
fn when_full(random: &mut Random) -> WhenFull {
    match random.below(4) {
        0 => WhenFull::Reject,
        1 => WhenFull::BlockFor(random.short_limit()),
        2 => WhenFull::BlockFor(Duration::from_millis(5)),
        _ => WhenFull::DiscardOldest,
    }
}

fn counted(
    worker: WorkerThread,
    threads: &Arc<AtomicUsize>,
) -> std::io::Result<thread::JoinHandle<()>> {
    struct Alive(Arc<AtomicUsize>);
    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    threads.fetch_add(1, SeqCst);
    let alive = Alive(Arc::clone(threads));
    thread::Builder::new()
        .name(worker.name().to_owned())
        .spawn(move || {
            let _alive = alive;
            worker.run();
        })
}

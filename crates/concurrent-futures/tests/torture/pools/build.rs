//! A pool with whatever settings.

use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concurrent_futures::{Builder, ThreadPoolExecutor, Watchdog, WhenFull, WorkerThread};

use super::witness::{Nervous, Witness};
use super::{Pool, PoolRecord};
use crate::random::Random;

impl Pool {
    pub(crate) fn build(layer: usize, random: &mut Random) -> Self {
        let record = draw(layer, random);
        let sound = !record.initializer_fails && !record.threads_fail;
        let plain = sound && record.when_full.is_none() && record.witness.is_none();
        if plain && record.min_workers == 0 && random.percent(15) {
            return Self {
                executor: ThreadPoolExecutor::new(),
                record,
            };
        }
        let mut builder = sized(ThreadPoolExecutor::builder(), &record, random);
        if let Some(when_full) = record.when_full {
            builder = builder
                .queue_capacity(1 + random.below(6))
                .when_full(when_full);
        }
        builder = observed(builder, &record, random);
        builder = threaded(builder, &record, random);
        builder = initialized(builder, &record, random);
        Self {
            executor: builder.build().expect("all arguments are valid"),
            record,
        }
    }
}

fn draw(layer: usize, random: &mut Random) -> Arc<PoolRecord> {
    Arc::new(PoolRecord {
        layer,
        initializer_fails: random.percent(8),
        threads_fail: random.percent(4),
        when_full: random.percent(35).then(|| when_full(random)),
        min_workers: if random.percent(20) {
            random.below(3)
        } else {
            0
        },
        witness: random.percent(40).then(Arc::default),
        ..PoolRecord::default()
    })
}

fn when_full(random: &mut Random) -> WhenFull {
    match random.below(6) {
        0 => WhenFull::Reject,
        1 => WhenFull::BlockFor(random.short_limit()),
        2 => WhenFull::BlockFor(Duration::from_millis(5)),
        3 => WhenFull::Block,
        4 => WhenFull::CallerRuns,
        _ => WhenFull::DiscardOldest,
    }
}

fn sized(mut builder: Builder, record: &PoolRecord, random: &mut Random) -> Builder {
    builder = builder.max_workers(record.min_workers.max(1 + random.below(4)));
    if record.min_workers > 0 {
        builder = builder.min_workers(record.min_workers);
    }
    if random.percent(30) {
        builder = builder.keep_alive(random.limit());
    }
    if random.percent(8) {
        builder = builder.adaptive();
    }
    builder
}

fn observed(mut builder: Builder, record: &PoolRecord, random: &mut Random) -> Builder {
    let nervous = random.percent(20);
    if nervous && random.percent(50) {
        builder = builder.observer(Nervous::default());
    }
    if let Some(witness) = &record.witness {
        builder = builder.observer(Arc::<Witness>::clone(witness));
    }
    if nervous {
        builder = builder.observer(Nervous::default());
    }
    if random.percent(10) {
        builder = builder.measure_wait();
    }
    if random.percent(5) {
        builder = builder.watchdog(Watchdog::new().task_limit(Duration::from_millis(20)));
    }
    if random.percent(10) {
        builder = builder.context(|| {
            let here = thread::current().id();
            move |task: &mut dyn FnMut()| {
                std::hint::black_box(here);
                task();
            }
        });
    }
    builder
}

fn threaded(mut builder: Builder, record: &PoolRecord, random: &mut Random) -> Builder {
    if random.percent(50) {
        builder = builder.thread_name_prefix(format!("torture-{}", record.layer));
    }
    if random.percent(30) {
        builder = builder.stack_size(256 * 1024);
    }
    if record.threads_fail {
        let threads = Arc::clone(&record.threads);
        let starts = AtomicUsize::new(0);
        let panics = random.percent(50);
        builder = builder.thread_factory(move |worker| {
            if starts.fetch_add(1, SeqCst) % 3 != 1 {
                return counted(worker, &threads);
            }
            if panics {
                resume_unwind(Box::new("the thread factory gives up"));
            }
            Err(io::Error::other("no thread"))
        });
    } else if random.percent(70) {
        let threads = Arc::clone(&record.threads);
        builder = builder.thread_factory(move |worker| counted(worker, &threads));
    }
    builder
}

fn initialized(builder: Builder, record: &PoolRecord, random: &mut Random) -> Builder {
    if !record.initializer_fails {
        return if random.percent(40) {
            builder.initializer(|| {})
        } else {
            builder
        };
    }
    // The first workers may still do well: then some tasks run and the rest hears of the broken pool.
    let starts_before_failure = random.below(3);
    let starts = AtomicUsize::new(0);
    let panics = random.percent(50);
    builder.initializer(move || -> Result<(), String> {
        if starts.fetch_add(1, SeqCst) < starts_before_failure {
            return Ok(());
        }
        if panics {
            resume_unwind(Box::new("the initializer gives up"));
        }
        Err("no connection".to_owned())
    })
}

fn counted(worker: WorkerThread, threads: &Arc<AtomicUsize>) -> io::Result<JoinHandle<()>> {
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

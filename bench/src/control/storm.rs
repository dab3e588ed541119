use super::{Figures, Scale, Scenario, Unit, column, figures};
use crate::{alloc, sync::Gate};
use concurrent_futures::{Future, ThreadPoolExecutor};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

pub(super) const SCENARIO: Scenario = Scenario {
    id: "storm",
    title: "one worker, blocked; 1 000 000 tasks behind it, each with 100 bytes of its own on the heap, are submitted \
            and then cancelled in that order; `flag` is what one writes by hand: a shared flag that tasks look at",
    columns: &[
        column("heap when queued", Unit::Bytes),
        column("heap when cancelled", Unit::Bytes),
        column("time to cancel one", Unit::Nanoseconds),
    ],
    contestants: &["ours", "tokio_blocking", "blocking", "affinitypool", "flag"],
    limit: 60,
    run,
};

fn run(contestant: &str, scale: &Scale) -> Figures {
    let tasks = scale.of(1_000_000);
    let gate = Gate::leaked();
    match contestant {
        "ours" => {
            let pool = ThreadPoolExecutor::builder().max_workers(1).build();
            let pool = pool.expect("valid numbers");
            drop(pool.submit(|| gate.pass()));
            let cancel = |future: Future<()>| assert!(future.cancel());
            let figures = measure(tasks, |task| pool.submit(task), cancel);
            gate.open();
            figures
        }
        "tokio_blocking" => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .max_blocking_threads(1)
                .build()
                .expect("threads can be started");
            drop(runtime.spawn_blocking(|| gate.pass()));
            let cancel = |task: tokio::task::JoinHandle<()>| task.abort();
            let figures = measure(tasks, |task| runtime.spawn_blocking(task), cancel);
            gate.open();
            figures
        }
        "blocking" => {
            // As many threads as it may have are blocked.
            for _ in 0..super::burst::BURST {
                blocking::unblock(|| gate.pass()).detach();
            }
            measure(tasks, blocking::unblock::<(), Task>, drop)
        }
        "affinitypool" => {
            let pool: &_ = Box::leak(Box::new(affinitypool::Threadpool::new(1)));
            std::mem::forget(pool.spawn(|| gate.pass()));
            measure(tasks, |task| pool.spawn(task), drop)
        }
        _ => {
            let pool = threadpool::ThreadPool::new(1);
            pool.execute(|| gate.pass());
            let submit = |task: Task| {
                let cancelled = Arc::new(AtomicBool::new(false));
                let seen = Arc::clone(&cancelled);
                pool.execute(move || {
                    if !seen.load(Ordering::Relaxed) {
                        task();
                    }
                });
                cancelled
            };
            let cancel = |flag: Arc<AtomicBool>| flag.store(true, Ordering::Relaxed);
            measure(tasks, submit, cancel)
        }
    }
}

type Task = Box<dyn FnOnce() + Send>;

fn measure<T>(tasks: u64, submit: impl Fn(Task) -> T, cancel: impl Fn(T)) -> Figures {
    // The worker has taken its task soon.
    thread::sleep(Duration::from_millis(50));
    let mut futures = Vec::with_capacity(usize::try_from(tasks).expect("not so many"));
    alloc::count(true);
    let before = alloc::counted().live;
    let live = || (alloc::counted().live - before) as f64;
    for n in 0..tasks {
        let own = [n; 12];
        futures.push(submit(Box::new(move || assert_eq!(own[3], n))));
    }
    let queued = live();
    let start = Instant::now();
    futures.drain(..).for_each(cancel);
    let time = start.elapsed().as_secs_f64() * 1e9 / tasks as f64;
    figures([
        ("heap when queued", queued),
        ("heap when cancelled", live()),
        ("time to cancel one", time),
    ])
}

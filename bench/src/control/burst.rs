use super::{Figures, Scale, Scenario, Unit, column, figures};
use crate::{pools, process};
use concurrent_futures::ThreadPoolExecutor;
use std::{
    process::Command,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

pub(super) const SCENARIO: Scenario = Scenario {
    id: "burst",
    title: "64 tasks that run side by side, then a short one each 2 ms for 4 s, which need one thread; idle threads \
            may go after 100 ms (`blocking`: after 500 ms)",
    columns: &[
        column("threads in the burst", Unit::Count),
        column("threads left", Unit::Count),
    ],
    contestants: &["ours", "tokio_blocking", "rusty_pool", "blocking"],
    limit: 20,
    run,
};

pub(super) const BURST: usize = 64;
const KEEP_ALIVE: Duration = Duration::from_millis(100);
const TRICKLE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(2);

type Task = Box<dyn FnOnce() + Send>;

/// `blocking` has one pool, and takes its size from the environment.
pub(super) fn limit_blocking(command: &mut Command) {
    command.env(pools::BLOCKING_THREADS, BURST.to_string());
}

fn run(contestant: &str, _: &Scale) -> Figures {
    let spawn: Box<dyn Fn(Task)> = match contestant {
        "ours" => {
            let pool = ThreadPoolExecutor::builder()
                .max_workers(BURST)
                .keep_alive(KEEP_ALIVE)
                .build()
                .expect("valid numbers");
            Box::new(move |task| drop(pool.submit(task)))
        }
        "tokio_blocking" => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .max_blocking_threads(BURST)
                .thread_keep_alive(KEEP_ALIVE)
                .build()
                .expect("threads can be started");
            Box::new(move |task| drop(runtime.spawn_blocking(task)))
        }
        "rusty_pool" => {
            let pool = rusty_pool::ThreadPool::new(1, BURST, KEEP_ALIVE);
            Box::new(move |task| pool.execute(task))
        }
        _ => Box::new(|task| blocking::unblock(task).detach()),
    };
    let before = threads();
    let meeting = Arc::new(Barrier::new(BURST + 1));
    for _ in 0..BURST {
        let meeting = Arc::clone(&meeting);
        spawn(Box::new(move || {
            meeting.wait();
        }));
    }
    meeting.wait();
    let in_the_burst = threads() - before;
    let start = Instant::now();
    while start.elapsed() < TRICKLE {
        spawn(Box::new(|| ()));
        thread::sleep(PAUSE);
    }
    figures([
        ("threads in the burst", in_the_burst),
        ("threads left", threads() - before),
    ])
}

fn threads() -> f64 {
    process::threads().map_or(f64::NAN, |threads| threads as f64)
}

use super::{Figures, Scale, Scenario, Unit, column, figures};
use crate::workloads::grind;
use concurrent_futures::ThreadPoolExecutor;
use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

pub(super) const SCENARIO: Scenario = Scenario {
    id: "resize",
    title: "100 000 tasks of 3 us, one each 20 us, while another thread sets the number of workers to 1 to 8 in turns, \
            each 200 us, or leaves it at 8; from submit to start",
    columns: &[
        column("changes", Unit::Count),
        column("lost", Unit::Count),
        column("median wait", Unit::Nanoseconds),
        column("p99 wait", Unit::Nanoseconds),
    ],
    contestants: &[
        "ours",
        "ours, left alone",
        "threadpool",
        "threadpool, left alone",
    ],
    limit: 30,
    run,
};

const MOST: usize = 8;
const EACH: Duration = Duration::from_micros(20);
const CHANGE: Duration = Duration::from_micros(200);
/// About 3 us.
const ROUNDS: u32 = 2_000;

fn run(contestant: &str, scale: &Scale) -> Figures {
    let tasks = scale.of(100_000);
    let changes = !contestant.ends_with("left alone");
    if contestant.starts_with("ours") {
        let pool = ThreadPoolExecutor::builder().max_workers(MOST).build();
        let pool = pool.expect("valid numbers");
        let resize = |workers| pool.set_max_workers(workers).expect("a valid number");
        measure(tasks, changes, |task| drop(pool.submit(task)), resize)
    } else {
        let pool = threadpool::ThreadPool::new(MOST);
        // Its handle can be changed by its owner alone, and its clones share the rest.
        let resize = |workers| pool.clone().set_num_threads(workers);
        let submit = pool.clone();
        measure(tasks, changes, |task| submit.execute(task), resize)
    }
}

type Task = Box<dyn FnOnce() + Send>;

fn measure(
    tasks: u64,
    changes: bool,
    submit: impl Fn(Task),
    resize: impl Fn(usize) + Sync,
) -> Figures {
    let waits: &[AtomicU64] = Box::leak((0..tasks).map(|_| AtomicU64::new(0)).collect());
    let ran: &AtomicUsize = Box::leak(Box::default());
    let (over, resized) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let sizes = (1..=MOST).chain((1..MOST).rev()).cycle();
        let change = || {
            for workers in sizes.take_while(|_| over.load(Ordering::Relaxed) == 0) {
                resize(workers);
                resized.fetch_add(1, Ordering::Relaxed);
                thread::sleep(CHANGE);
            }
        };
        if changes {
            scope.spawn(change);
        }
        let mut next = Instant::now();
        for wait in waits {
            next += EACH;
            while Instant::now() < next {
                thread::yield_now();
            }
            let submitted = Instant::now();
            submit(Box::new(move || {
                let waited = u64::try_from(submitted.elapsed().as_nanos());
                wait.store(waited.unwrap_or(u64::MAX), Ordering::Relaxed);
                black_box(grind(waited.unwrap_or(0), ROUNDS));
                ran.fetch_add(1, Ordering::Release);
            }));
        }
        // What has not run by then is lost.
        let patience = Instant::now() + Duration::from_secs(5);
        while ran.load(Ordering::Acquire) < waits.len() && Instant::now() < patience {
            thread::yield_now();
        }
        over.store(1, Ordering::Relaxed);
    });
    let lost = waits.len() - ran.load(Ordering::Acquire);
    let mut waits: Vec<_> = waits
        .iter()
        .map(|wait| wait.load(Ordering::Relaxed))
        .collect();
    waits.sort_unstable();
    figures([
        ("changes", resized.load(Ordering::Relaxed) as f64),
        ("lost", lost as f64),
        ("median wait", waits[waits.len() / 2] as f64),
        ("p99 wait", waits[waits.len() * 99 / 100] as f64),
    ])
}

use super::{Figures, Scale, Scenario, Unit, column, figures};
use crate::workloads::grind;
use concurrent_futures::ThreadPoolExecutor;
use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

pub(super) const SCENARIO: Scenario = Scenario {
    id: "adaptive",
    title: "tasks a second, always some queued, 3 s after the first: CPU-bound (100 us of work), I/O-bound (5 ms of \
            sleep), mixed (both kinds in turns); at most 64 threads",
    columns: &[
        column("CPU-bound", Unit::Count),
        column("I/O-bound", Unit::Count),
        column("mixed", Unit::Count),
    ],
    contestants: &["adaptive", "1", "2", "4", "8", "16", "32", "64"],
    limit: 60,
    run,
};

const MOST: usize = 64;
const QUEUED: u64 = 1_000;
const SETTLE: Duration = Duration::from_secs(3);
const MEASURE: Duration = Duration::from_secs(3);
/// About 100 us.
const ROUNDS: u32 = 62_500;
const SLEEP: Duration = Duration::from_millis(5);

fn compute(n: u64) {
    black_box(grind(n, ROUNDS));
}

fn sleep(_: u64) {
    thread::sleep(SLEEP);
}

fn both(n: u64) {
    if n % 2 == 0 { compute(n) } else { sleep(n) }
}

fn run(contestant: &str, scale: &Scale) -> Figures {
    let load = |task| throughput(contestant, scale, task);
    figures([
        ("CPU-bound", load(compute)),
        ("I/O-bound", load(sleep)),
        ("mixed", load(both)),
    ])
}

fn throughput(size: &str, scale: &Scale, task: fn(u64)) -> f64 {
    let builder = ThreadPoolExecutor::builder();
    let builder = match size.parse() {
        Ok(workers) => builder.max_workers(workers),
        Err(_) => builder.max_workers(MOST).adaptive(),
    };
    let pool = builder.build().expect("valid numbers");
    let ran = Arc::new(AtomicU64::new(0));
    let mut submitted = 0;
    let mut run_for = |time: Duration| {
        let before = ran.load(Ordering::Relaxed);
        let start = Instant::now();
        while start.elapsed() < time {
            while submitted < ran.load(Ordering::Relaxed) + QUEUED {
                let (ran, n) = (Arc::clone(&ran), submitted);
                drop(pool.submit(move || {
                    task(n);
                    ran.fetch_add(1, Ordering::Relaxed);
                }));
                submitted += 1;
            }
            thread::sleep(Duration::from_millis(1));
        }
        let tasks = ran.load(Ordering::Relaxed) - before;
        tasks as f64 / start.elapsed().as_secs_f64()
    };
    run_for(SETTLE / scale.divisor);
    let throughput = run_for(MEASURE / scale.divisor);
    pool.shutdown();
    throughput
}

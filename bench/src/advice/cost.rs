//! What it costs to observe a task that does nothing: on the thread that submits, on the worker, and of
//! both together. All kinds of pool in turns, medians.

use concurrent_futures::{Observer, ReturnWhen, ThreadPoolExecutor, wait};
use std::{
    error::Error,
    fmt::Write,
    hint::black_box,
    sync::mpsc,
    time::{Duration, Instant},
};

const RUNS: usize = 9;
const BATCHES: u32 = 200;
const BATCH: u32 = 1_000;

struct Idle;
impl Observer for Idle {}

const KINDS: [&str; 3] = ["plain", "observed by one who does nothing", "profiled"];

/// Nanoseconds per task.
#[derive(Clone, Default)]
struct Cost {
    submit: Vec<f64>,
    run: Vec<f64>,
    whole: Vec<f64>,
}

pub(super) fn table() -> Result<String, Box<dyn Error>> {
    let mut costs = vec![Cost::default(); KINDS.len()];
    for _ in 0..RUNS {
        for (kind, cost) in costs.iter_mut().enumerate() {
            let pool = pool(kind)?;
            let (submit, run) = one_after_the_other(&pool)?;
            cost.submit.push(submit);
            cost.run.push(run);
            cost.whole.push(together(&pool));
        }
    }
    let mut table = String::from(
        "| pool of one worker | submit, ns | run, ns | both at once, ns |\n|---|---|---|---|\n",
    );
    for (kind, cost) in KINDS.iter().zip(&mut costs) {
        let [submit, run, whole] =
            [&mut cost.submit, &mut cost.run, &mut cost.whole].map(|all| median(all));
        writeln!(table, "| {kind} | {submit:.0} | {run:.0} | {whole:.0} |")?;
    }
    Ok(table)
}

fn pool(kind: usize) -> Result<ThreadPoolExecutor, Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(1);
    let pool = match kind {
        0 => pool,
        1 => pool.observer(Idle),
        _ => pool.profile(),
    };
    let pool = pool.build()?;
    for _ in 0..BATCH {
        pool.submit(|| ()).result()?;
    }
    Ok(pool)
}

/// The worker is held up until a batch was submitted.
fn one_after_the_other(pool: &ThreadPoolExecutor) -> Result<(f64, f64), Box<dyn Error>> {
    let (mut submitting, mut running) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..BATCHES {
        let (held, is_held) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        drop(pool.submit(move || {
            let _ = held.send(());
            let _ = gate.recv();
        }));
        is_held.recv()?;
        let begun = Instant::now();
        for n in 0..BATCH {
            drop(pool.submit(move || black_box(n)));
        }
        submitting += begun.elapsed();
        let last = pool.submit(Instant::now);
        let begun = Instant::now();
        open.send(())?;
        running += last.result()?.saturating_duration_since(begun);
    }
    Ok((per_task(submitting), per_task(running)))
}

fn together(pool: &ThreadPoolExecutor) -> f64 {
    let begun = Instant::now();
    for _ in 0..BATCHES {
        let batch: Vec<_> = (0..BATCH).map(|n| pool.submit(move || n)).collect();
        drop(wait(batch, ReturnWhen::AllCompleted));
    }
    per_task(begun.elapsed())
}

fn per_task(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(BATCHES * BATCH)
}

fn median(sorted: &mut [f64]) -> f64 {
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

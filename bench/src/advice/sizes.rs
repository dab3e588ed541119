//! The advised size against all sizes.

use super::load::{Arrival, Load, Pace};
use concurrent_futures::{Profile, Shutdown, ThreadPoolExecutor};
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

pub(super) const HEAD: &str = "\
| CPU : blocked | profiled with | CPU : blocked measured | advised | best | tasks/s with the advised | with the best |
|---|---:|---:|---:|---:|---:|---:|";

/// The best size is the smallest that gets so much of what the fastest gets.
const AS_GOOD_AS: f64 = 0.95;
const SETTLE: Duration = Duration::from_millis(100);
const MEASURE: Duration = Duration::from_millis(800);

/// The figures of all sizes go to the error output.
pub(super) fn row(load: &Load, pace: Pace) -> Result<String, Box<dyn Error>> {
    let sizes = 1..=load.most;
    let throughputs: Result<Vec<_>, _> = sizes.map(|size| throughput(load, pace, size)).collect();
    let throughputs = throughputs?;
    let curve = throughputs.iter().map(|tasks| format!("{tasks:.0}"));
    eprintln!("{}: {}", load.name, curve.collect::<Vec<_>>().join(" "));
    let most = throughputs.iter().copied().fold(0.0, f64::max);
    let best = throughputs
        .iter()
        .position(|tasks| *tasks >= AS_GOOD_AS * most);
    let best = best.ok_or("no size is best")? + 1;
    let mut rows = Vec::new();
    for size in [2, 4, 16] {
        let profile = profile(load, pace, size)?;
        let (cpu, blocked) = (profile.cpu().mean(), profile.blocked().mean());
        let advised = profile.advice().workers().ok_or("no advice")?;
        let with_advised = throughputs.get(advised - 1);
        rows.push(format!(
            "| {} | {size} workers | {:.2} ms : {:.2} ms | {advised} | {best} | {} | {:.0} |",
            load.name,
            cpu.as_secs_f64() * 1e3,
            blocked.as_secs_f64() * 1e3,
            with_advised.map_or_else(String::new, |tasks| format!("{tasks:.0}")),
            throughputs[best - 1],
        ));
    }
    Ok(rows.join("\n"))
}

fn throughput(load: &Load, pace: Pace, size: usize) -> Result<f64, Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(size).build()?;
    let counts = feed(&pool, load, pace);
    pool.shutdown_with(Shutdown::new().cancel_futures())?;
    Ok(counts)
}

fn profile(load: &Load, pace: Pace, size: usize) -> Result<Profile, Box<dyn Error>> {
    let builder = ThreadPoolExecutor::builder().max_workers(size);
    let pool = builder.profile().build()?;
    feed(&pool, load, pace);
    let profile = pool.profile().ok_or("a profile was asked for")?;
    pool.shutdown_with(Shutdown::new().cancel_futures())?;
    Ok(profile)
}

/// Tasks that ended per second, after some time to settle.
fn feed(pool: &ThreadPoolExecutor, load: &Load, pace: Pace) -> f64 {
    let ended = Arc::new(AtomicU64::new(0));
    let task = load.task(pace);
    let start = Instant::now();
    let mut submitted = 0;
    let mut settled = None;
    while start.elapsed() < SETTLE + MEASURE {
        let due = match load.arrival {
            Arrival::Always => ended.load(Relaxed) + pool.max_workers() as u64 + 100,
            Arrival::Each(interval) => {
                let intervals = start.elapsed().as_nanos() / interval.as_nanos();
                u64::try_from(intervals).unwrap_or(u64::MAX)
            }
        };
        for _ in submitted..due.max(submitted) {
            let ended = Arc::clone(&ended);
            drop(pool.submit(move || {
                task();
                ended.fetch_add(1, Relaxed);
            }));
        }
        submitted = due.max(submitted);
        thread::sleep(Duration::from_micros(500));
        if settled.is_none() && start.elapsed() >= SETTLE {
            settled = Some((Instant::now(), ended.load(Relaxed)));
        }
    }
    settled.map_or(0.0, |(since, before)| {
        (ended.load(Relaxed) - before) as f64 / since.elapsed().as_secs_f64()
    })
}

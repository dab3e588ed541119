//! Everything but the tasks one by one.

use crate::profile::{
    Advice, Counts, Latency, LoadKind, OverTime, Profile, ProfiledTask, Shares, WorkerLoad, micros,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

#[derive(Serialize)]
pub(in crate::profile) struct Summary<'a> {
    pool: Pool<'a>,
    elapsed_s: f64,
    counts: CountsOut,
    shares: SharesOut,
    latency: Latencies,
    throughput_per_s: f64,
    over_time: OverTimeOut<'a>,
    workers: Vec<Worker<'a>>,
    slowest: Vec<Slow<'a>>,
    /// `null` if too few tasks have ended.
    advised: Option<Advised>,
    advice: Vec<Point<'a>>,
}

#[derive(Serialize)]
struct Pool<'a> {
    name: &'a str,
    max_workers: usize,
    processors: usize,
}

#[derive(Serialize)]
struct SharesOut {
    wait: f64,
    cpu: f64,
    blocked: f64,
    contended: f64,
    total_s: f64,
}

#[derive(Serialize)]
struct Latencies {
    wait: LatencyOut,
    run: LatencyOut,
    cpu: LatencyOut,
    blocked: LatencyOut,
}

#[derive(Serialize)]
struct LatencyOut {
    count: u64,
    mean_us: f64,
    p50_us: f64,
    p90_us: f64,
    p99_us: f64,
    max_us: f64,
    buckets: Vec<(f64, u64)>,
}

#[derive(Serialize)]
struct OverTimeOut<'a> {
    step_s: f64,
    queued: &'a [f64],
    busy: &'a [f64],
    finished: &'a [u64],
}

#[derive(Serialize)]
struct Worker<'a> {
    name: &'a str,
    tasks: u64,
    busy_s: f64,
    cpu_s: f64,
}

#[derive(Serialize)]
struct Slow<'a> {
    name: Option<&'a str>,
    location: String,
    worker: Option<&'a str>,
    start_us: f64,
    wait_us: f64,
    run_us: f64,
    cpu_us: f64,
    blocked_us: f64,
    contended_us: f64,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Advised {
    load: &'static str,
    workers: usize,
    rate_per_s: f64,
    running_at_a_time: f64,
    queue_bound: usize,
    speed_up: f64,
    possible_speed_up: f64,
}

#[derive(Serialize)]
struct Point<'a> {
    topic: &'a str,
    text: &'a str,
    arithmetic: &'a str,
}

impl<'a> Summary<'a> {
    pub(in crate::profile) fn of(profile: &'a Profile) -> Self {
        let OverTime {
            step,
            queued,
            busy,
            finished,
        } = profile.over_time();
        let points = profile.advice().points().iter();
        Self {
            pool: Pool {
                name: profile.pool_name(),
                max_workers: profile.max_workers(),
                processors: profile.processors(),
            },
            elapsed_s: profile.elapsed().as_secs_f64(),
            counts: CountsOut(profile.counts()),
            shares: SharesOut::of(&profile.shares()),
            latency: Latencies {
                wait: LatencyOut::of(profile.wait()),
                run: LatencyOut::of(profile.run()),
                cpu: LatencyOut::of(profile.cpu()),
                blocked: LatencyOut::of(profile.blocked()),
            },
            throughput_per_s: profile.throughput(),
            over_time: OverTimeOut {
                step_s: step.as_secs_f64(),
                queued,
                busy,
                finished,
            },
            workers: profile.workers().iter().map(Worker::of).collect(),
            slowest: profile.slowest().iter().map(Slow::of).collect(),
            advised: Advised::of(profile.advice()),
            advice: points
                .map(|point| Point {
                    topic: point.topic,
                    text: &point.text,
                    arithmetic: &point.arithmetic,
                })
                .collect(),
        }
    }
}

/// By the words of the outcomes, with underscores.
struct CountsOut(Counts);

impl Serialize for CountsOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = &self.0;
        let ended = counts.ended();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("submitted", &counts.submitted)?;
        map.serialize_entry("queued", &counts.queued)?;
        map.serialize_entry("running", &counts.running)?;
        let finished: u64 = ended.iter().map(|(_, tasks)| tasks).sum();
        map.serialize_entry("finished", &finished)?;
        for (outcome, tasks) in ended {
            map.serialize_entry(&outcome.as_str().replace(' ', "_"), &tasks)?;
        }
        map.end()
    }
}

impl SharesOut {
    fn of(shares: &Shares) -> Self {
        Self {
            wait: shares.wait,
            cpu: shares.cpu,
            blocked: shares.blocked,
            contended: shares.contended,
            total_s: shares.total.as_secs_f64(),
        }
    }
}

impl LatencyOut {
    fn of(latency: &Latency) -> Self {
        let buckets = latency.buckets().into_iter();
        Self {
            count: latency.count(),
            mean_us: micros(latency.mean()),
            p50_us: micros(latency.quantile(0.5)),
            p90_us: micros(latency.quantile(0.9)),
            p99_us: micros(latency.quantile(0.99)),
            max_us: micros(latency.max()),
            buckets: buckets
                .map(|(upper, count)| (micros(upper), count))
                .collect(),
        }
    }
}

impl<'a> Worker<'a> {
    fn of(load: &'a WorkerLoad) -> Self {
        Self {
            name: &load.name,
            tasks: load.tasks,
            busy_s: load.busy.as_secs_f64(),
            cpu_s: load.cpu.as_secs_f64(),
        }
    }
}

impl<'a> Slow<'a> {
    fn of(task: &'a ProfiledTask) -> Self {
        Self {
            name: task.name(),
            location: task.location().to_string(),
            worker: task.worker(),
            start_us: micros(task.started()),
            wait_us: micros(task.queue_wait()),
            run_us: micros(task.run()),
            cpu_us: micros(task.cpu()),
            blocked_us: micros(task.blocked()),
            contended_us: micros(task.contended()),
            outcome: task.outcome_word(),
        }
    }
}

impl Advised {
    fn of(advice: &Advice) -> Option<Self> {
        Some(Self {
            load: match advice.kind()? {
                LoadKind::CpuBound => "cpu-bound",
                LoadKind::IoBound => "io-bound",
                LoadKind::Mixed => "mixed",
            },
            workers: advice.workers()?,
            rate_per_s: advice.rate()?,
            running_at_a_time: advice.running_at_a_time()?,
            queue_bound: advice.queue_bound()?,
            speed_up: advice.speedup()?,
            possible_speed_up: advice.possible_speedup()?,
        })
    }
}

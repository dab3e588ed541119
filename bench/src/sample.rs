//! One measured section of a program.

use crate::{alloc, futex};
use nix::{
    sys::resource::{Usage, UsageWho, getrusage},
    sys::time::TimeValLike,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Instant};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) tasks: u64,
    /// In the unit of the workload.
    pub(crate) value: f64,
    pub(crate) cpu_ns_per_task: f64,
    pub(crate) switches_per_task: f64,
    /// How often the system took the CPU away in all: whether the run was disturbed.
    pub(crate) preemptions: i64,
    /// Only from runs that count, as are the next two.
    pub(crate) allocations_per_task: Option<f64>,
    pub(crate) bytes_per_task: Option<f64>,
    pub(crate) futexes_per_task: Option<f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) extra: BTreeMap<String, f64>,
}

impl Sample {
    /// Runs `work`, which does `tasks` tasks. The value is nanoseconds a task.
    pub(crate) fn of(tasks: u64, counting: bool, work: impl FnOnce()) -> Self {
        let per_task = |amount: f64| amount / tasks as f64;
        let heap = alloc::counted();
        let futexes = futex::counted();
        let before = usage();
        alloc::count(counting);
        let start = Instant::now();
        work();
        let elapsed = start.elapsed();
        alloc::count(false);
        let after = usage();
        let futexes = futex::counted().zip(futexes).map(|(now, then)| now - then);
        let now = alloc::counted();
        let switches = after.voluntary_context_switches() - before.voluntary_context_switches();
        let counted = |before: i64, after: i64| counting.then(|| per_task((after - before) as f64));
        Self {
            tasks,
            value: per_task(elapsed.as_secs_f64() * 1e9),
            cpu_ns_per_task: per_task(cpu_ns(&after) - cpu_ns(&before)),
            switches_per_task: per_task(switches as f64),
            preemptions: after.involuntary_context_switches()
                - before.involuntary_context_switches(),
            allocations_per_task: counted(heap.allocations, now.allocations),
            bytes_per_task: counted(heap.allocated, now.allocated),
            futexes_per_task: futexes.map(|futexes| per_task(futexes as f64)),
            extra: BTreeMap::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: f64) -> Self {
        self.extra.insert(name.to_owned(), value);
        self
    }
}

/// User and system time of the process so far, in nanoseconds.
pub(crate) fn cpu_time_ns() -> f64 {
    cpu_ns(&usage())
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask for its own usage")
}

fn cpu_ns(usage: &Usage) -> f64 {
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    micros as f64 * 1e3
}

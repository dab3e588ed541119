//! What is compared: the workloads, who takes part, and what is aimed at.

use crate::pools::PAR_ITER;

pub(crate) struct Workload {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    /// If the number of threads is part of the workload.
    pub(crate) threads: Option<usize>,
    /// The only pools that take part, if not all do.
    pub(crate) pools: Option<&'static [&'static str]>,
    /// The peers that `--quick` takes, the strongest of an earlier run. Without any, the workload
    /// is no part of it.
    pub(crate) quick: &'static [&'static str],
    pub(crate) goals: &'static [Goal],
}

/// What ours divided by the rival shall be at most.
#[derive(Clone, Copy)]
pub(crate) struct Goal {
    pub(crate) rival: Rival,
    pub(crate) ratio: f64,
}

#[derive(Clone, Copy)]
pub(crate) enum Rival {
    BestPeer,
    Pool(&'static str),
}

const fn best_peer(ratio: f64) -> Goal {
    Goal {
        rival: Rival::BestPeer,
        ratio,
    }
}

const fn pool(name: &'static str, ratio: f64) -> Goal {
    Goal {
        rival: Rival::Pool(name),
        ratio,
    }
}

const fn workload(id: &'static str, title: &'static str, unit: &'static str) -> Workload {
    Workload {
        id,
        title,
        unit,
        threads: None,
        pools: None,
        quick: &[],
        goals: &[],
    }
}

impl Workload {
    const fn on(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    const fn among(mut self, pools: &'static [&'static str]) -> Self {
        self.pools = Some(pools);
        self
    }

    const fn quick(mut self, peers: &'static [&'static str]) -> Self {
        self.quick = peers;
        self
    }

    const fn goals(mut self, goals: &'static [Goal]) -> Self {
        self.goals = goals;
        self
    }
}

pub(crate) fn find(id: &str) -> Option<&'static Workload> {
    ALL.iter().find(|workload| workload.id == id)
}

const NS: &str = "ns/task";

/// Those that can hold millions of tasks or thousands of threads in reasonable time.
const AT_SCALE: &[&str] = &["ours", "threadpool", "tokio_blocking", "hand_crossbeam"];

#[rustfmt::skip]
pub(crate) const ALL: &[Workload] = &[
    workload("W1", "submit empty tasks, take all results in order", NS)
        .goals(&[best_peer(0.5)]).quick(&["threadpool", "executors_channel", "affinitypool", "hand_crossbeam"]),
    workload("W2", "tasks without futures increment, drained", NS)
        .goals(&[best_peer(0.6)]).quick(&["rayon", "threadpool", "executors_channel", "hand_crossbeam"]),
    workload("W3", "submit one, wait for it; median", NS)
        .goals(&[best_peer(1.0)]).quick(&["rayon", "rusty_pool", "affinitypool", "hand_crossbeam"]),
    workload("W3c", "submit one, wait for it, pause 1 ms; median", NS)
        .goals(&[best_peer(1.0)]).quick(&["rayon", "blocking", "executors_stealing", "hand_crossbeam"]),
    workload("W4", "map a function of about 100 ns, in order", NS)
        .goals(&[best_peer(0.5), pool(PAR_ITER, 1.3)]).quick(&["rayon", "threadpool", "hand_crossbeam", PAR_ITER]),
    workload("W5", "four producers, empty tasks, results in order", NS)
        .goals(&[best_peer(0.5)]).quick(&["threadpool", "affinitypool", "async_executor", "hand_crossbeam"]),
    workload("W6", "tasks that sleep 1 ms, threads started before", NS).on(500)
        .goals(&[best_peer(1.0)]).quick(&["rusty_pool", "executors_channel", "hand_crossbeam"]),
    workload("W6c", "tasks that sleep 1 ms, threads not started", NS).on(500)
        .goals(&[best_peer(0.9)]).quick(&["rusty_pool", "threadpool", "hand_crossbeam"]),
    workload("W7", "a tree of tasks that submit tasks", NS)
        .goals(&[best_peer(1.0)]).quick(&["rayon", "threadpool", "executors_stealing", "hand_crossbeam"]),
    workload("W8", "take results as they are completed", NS)
        .goals(&[best_peer(0.6)]).quick(&["rusty_pool", "threadpool", "hand_crossbeam"]),
    workload("W9", "wait for the first of many, cancel the rest", NS)
        .goals(&[best_peer(1.0)]).quick(&["rayon", "threadpool", "hand_crossbeam"]),
    workload("W10", "heap of a queued task and its future", "bytes/task")
        .goals(&[best_peer(1.0)]).quick(&["blocking", "executors_stealing", "hand_crossbeam"]),
    workload("W11", "create a pool, one task, shut down", "ns/pool").on(8)
        .goals(&[best_peer(0.6)]).quick(&["rusty_pool", "tokio_blocking", "hand_crossbeam"]),
    workload("W12", "CPU of an idle pool in 2 s, directly after work", "us").on(8)
        .quick(&["rayon", "blocking", "tokio_blocking", "hand_crossbeam"]),
    workload("W13", "tasks of about 20 us", NS)
        .goals(&[best_peer(1.0)]).quick(&["affinitypool", "async_executor", "hand_crossbeam"]),
    workload("Q1k", "1 000 tasks queued, then run, results in order", NS).on(1)
        .among(AT_SCALE).quick(&["tokio_blocking", "hand_crossbeam"]),
    workload("Q10k", "10 000 tasks queued, then run", NS).on(1)
        .among(AT_SCALE),
    workload("Q100k", "100 000 tasks queued, then run", NS).on(1)
        .among(AT_SCALE).quick(&["tokio_blocking", "hand_crossbeam"]),
    workload("Q1M", "1 000 000 tasks queued, then run", NS).on(1)
        .among(AT_SCALE),
    workload("Q10M", "10 000 000 tasks queued, then run", NS).on(1)
        .among(AT_SCALE),
    workload("P64", "64 producers, empty tasks, results in order", NS).on(2)
        .among(AT_SCALE).quick(&["threadpool", "hand_crossbeam"]),
    workload("T4k", "empty tasks on 4096 threads that run already", NS).on(4096)
        .among(AT_SCALE).quick(&["threadpool"]),
    workload("T4kc", "4096 tasks that meet, threads not started, joined", "ns/thread").on(4096)
        .among(AT_SCALE).quick(&["hand_crossbeam"]),
];

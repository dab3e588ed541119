//! What a Prometheus exporter shows of a pool.

use std::{sync::mpsc, thread};

use concurrent_futures::ThreadPoolExecutor;
use metrics::with_local_recorder;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::support::{Gate, watchdog};

/// An exporter of a test's own.
struct Exporter {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Exporter {
    fn new() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        Self { recorder, handle }
    }

    fn pool(&self, name: &str, max_workers: usize) -> ThreadPoolExecutor {
        with_local_recorder(&self.recorder, || {
            let builder = ThreadPoolExecutor::builder().max_workers(max_workers);
            builder.metrics(name).build().unwrap()
        })
    }

    /// What is shown for that metric of that pool.
    fn value(&self, metric: &str, pool: &str) -> f64 {
        let page = self.handle.render();
        let start = format!("concurrent_futures_{metric}{{pool=\"{pool}\"}} ");
        let line = page.lines().find_map(|line| line.strip_prefix(&start));
        let value = line.unwrap_or_else(|| panic!("no {start}in\n{page}"));
        value.parse().unwrap()
    }

    fn shows(&self, pool: &str, values: &[(&str, u32)]) {
        for (metric, value) in values {
            let shown = self.value(metric, pool);
            assert!(
                (shown - f64::from(*value)).abs() < 1e-9,
                "{metric}: {shown} for {value}"
            );
        }
    }

    /// Waits until it is shown.
    fn comes_to_show(&self, metric: &str, pool: &str, value: f64) {
        while (self.value(metric, pool) - value).abs() > 1e-9 {
            thread::yield_now();
        }
    }
}

#[test]
fn a_pool_that_has_done_nothing_shows_zeros() {
    let exporter = Exporter::new();
    let _pool = exporter.pool("new", 2);
    let gauges = ["workers", "workers_idle", "tasks_queued", "tasks_running"];
    exporter.shows("new", &gauges.map(|gauge| (gauge, 0)));
    let counters = ["submitted", "completed", "failed", "cancelled", "rejected"];
    for counter in counters {
        exporter.shows("new", &[(&format!("tasks_{counter}_total"), 0)]);
    }
}

#[test]
fn gauges_are_exact_while_tasks_run() {
    watchdog(|| {
        let exporter = Exporter::new();
        let pool = exporter.pool("busy", 2);
        let gate = Gate::new();
        let (started, has_started) = mpsc::channel();
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let (started, gate) = (started.clone(), gate.clone());
                pool.submit(move || {
                    started.send(()).unwrap();
                    gate.wait();
                })
            })
            .collect();
        has_started.recv().unwrap();
        has_started.recv().unwrap();
        exporter.shows(
            "busy",
            &[
                ("workers", 2),
                ("workers_idle", 0),
                ("tasks_queued", 3),
                ("tasks_running", 2),
                ("tasks_submitted_total", 5),
                ("tasks_completed_total", 0),
            ],
        );
        gate.open();
        for task in tasks {
            task.result().unwrap();
        }
        exporter.shows(
            "busy",
            &[
                ("tasks_queued", 0),
                ("tasks_running", 0),
                ("tasks_completed_total", 5),
                ("task_run_seconds_count", 5),
                ("task_queue_wait_seconds_count", 5),
                ("task_cpu_seconds_count", 5),
            ],
        );
        exporter.comes_to_show("workers_idle", "busy", 2.0);
        drop(pool);
        exporter.shows("busy", &[("workers", 0), ("workers_idle", 0)]);
    });
}

#[test]
fn every_end_has_its_counter() {
    watchdog(|| {
        let exporter = Exporter::new();
        let pool = exporter.pool("ends", 1);
        let gate = Gate::new();
        let closed = gate.clone();
        let running = pool.submit(move || closed.wait());
        let cancelled = pool.submit(|| ());
        assert!(cancelled.cancel());
        let failed = pool.try_submit(|| "x".parse::<u8>());
        let panicked = pool.submit(|| panic!("no such page"));
        let late = pool.task().timeout(std::time::Duration::ZERO).submit(|| ());
        gate.open();
        running.result().unwrap();
        failed.result().unwrap_err();
        panicked.result().unwrap_err();
        late.result().unwrap_err();
        pool.shutdown();
        pool.submit(|| ()).result().unwrap_err();
        exporter.shows(
            "ends",
            &[
                ("tasks_submitted_total", 6),
                ("tasks_completed_total", 1),
                ("tasks_failed_total", 3),
                ("tasks_cancelled_total", 1),
                ("tasks_rejected_total", 1),
                ("tasks_queued", 0),
                ("tasks_running", 0),
            ],
        );
    });
}

#[test]
fn items_of_maps_are_tasks() {
    watchdog(|| {
        let exporter = Exporter::new();
        let pool = exporter.pool("maps", 2);
        pool.map(0..100, |n| n).for_each(drop);
        pool.map_unordered(0..10, |n| n).for_each(drop);
        pool.map_buffered(2, 0..10, |n| n).for_each(drop);
        exporter.shows(
            "maps",
            &[
                ("tasks_submitted_total", 120),
                ("tasks_completed_total", 120),
            ],
        );
    });
}

#[test]
fn pools_of_the_same_name_add_up() {
    watchdog(|| {
        let exporter = Exporter::new();
        let pools = [exporter.pool("twins", 1), exporter.pool("twins", 1)];
        for pool in &pools {
            pool.submit(|| ()).result().unwrap();
        }
        exporter.shows("twins", &[("workers", 2), ("tasks_completed_total", 2)]);
        drop(pools);
        exporter.shows("twins", &[("workers", 0)]);
    });
}

#[test]
fn what_it_shows_is_what_the_statistics_say() {
    watchdog(|| {
        let exporter = Exporter::new();
        let pool = exporter.pool("same", 2);
        pool.try_map_unordered(0..50, |n| if n % 5 == 0 { Err(n) } else { Ok(n) })
            .for_each(drop);
        let stats = pool.stats();
        let shown = |metric| exporter.value(metric, "same");
        #[allow(clippy::cast_precision_loss)] // below a hundred
        for (metric, value) in [
            ("tasks_submitted_total", stats.submitted),
            ("tasks_completed_total", stats.completed),
            ("tasks_failed_total", stats.failed),
            ("tasks_queued", stats.queued),
            ("tasks_running", stats.running),
        ] {
            assert!((shown(metric) - value as f64).abs() < 1e-9, "{metric}");
        }
    });
}

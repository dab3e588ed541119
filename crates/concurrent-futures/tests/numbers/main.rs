//! What a pool and those who watch it say in numbers and words, where nothing else depends on it.

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports)] // shared with the other tests, which use more of it
mod support;

mod factory;
mod words;

use std::{
    error::Error,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use concurrent_futures::{
    FinishedTask, FirstSuccess, Observer, ResultTimeoutError, TaskError, ThreadPoolExecutor,
    Watchdog, WatchdogReport,
};

use support::{Gate, hold, pool, watchdog};

#[test]
fn an_item_of_a_map_is_running_while_it_runs() {
    watchdog(|| {
        let pool = pool(2);
        let gate = Gate::new();
        let (begun, at_work) = mpsc::channel();
        let wait = gate.clone();
        let map = pool.map(0..3, move |_| {
            begun.send(()).unwrap();
            wait.wait();
        });
        at_work.recv().unwrap();
        at_work.recv().unwrap();
        let stats = pool.stats();
        assert_eq!((stats.running, stats.queued, stats.completed), (2, 1, 0));
        gate.open();
        assert_eq!(map.count(), 3);
        let stats = pool.stats();
        assert_eq!((stats.running, stats.queued, stats.completed), (0, 0, 3));
    });
}

#[test]
fn a_map_of_a_bounded_pool_knows_what_is_left() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .queue_capacity(8)
            .build()
            .unwrap();
        let mut map = pool.map(0..3, |n| n);
        for left in (0..3).rev() {
            assert!(map.next().is_some());
            assert_eq!(map.size_hint(), (left, Some(left)));
        }
        assert!(map.next().is_none());
    });
}

/// Of each task that ended, how long it was queued.
#[derive(Default)]
struct Waits(Mutex<Vec<Duration>>);

impl Observer for Waits {
    fn finished(&self, fact: &FinishedTask<'_>) {
        self.0.lock().unwrap().push(fact.queue_wait());
    }
}

#[test]
fn an_observer_hears_how_long_a_task_was_queued() {
    const WAIT: Duration = Duration::from_millis(5);
    watchdog(|| {
        let waits = Arc::new(Waits::default());
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .observer(Arc::clone(&waits))
            .build()
            .unwrap();
        let gate = hold(&pool, 1);
        let [ran, cancelled] = [pool.submit(|| ()), pool.submit(|| ())];
        thread::sleep(WAIT);
        assert!(cancelled.cancel());
        gate.release();
        ran.result().unwrap();
        drop(pool);
        let waits = waits.0.lock().unwrap();
        assert_eq!(
            waits.iter().filter(|wait| **wait >= WAIT).count(),
            2,
            "{waits:?}"
        );
        assert_eq!(waits.len(), 3);
    });
}

#[test]
fn a_group_without_a_success_lends_its_errors() {
    watchdog(|| {
        let pool = pool(1);
        let nothing = pool.group(FirstSuccess).scope(|group| {
            group.try_submit(|| Err::<(), _>("first"));
            group.try_submit(|| Err::<(), _>("second"));
        });
        let nothing = nothing.unwrap_err();
        let [TaskError::Failed(first), TaskError::Failed(second)] = nothing.errors() else {
            panic!("two errors: {nothing:?}");
        };
        assert_eq!((*first, *second), ("first", "second"));
    });
}

#[test]
fn a_timed_wait_names_what_the_task_ended_by() {
    watchdog(|| {
        let pool = pool(1);
        let future = pool.submit(|| -> u8 { panic!("on purpose") });
        let error = future.result_timeout(Duration::MAX).unwrap_err();
        let source = error.source().expect("the panic").to_string();
        assert!(source.contains("on purpose"), "{source}");
        let gate = hold(&pool, 1);
        let error = pool
            .submit(|| ())
            .result_timeout(Duration::ZERO)
            .unwrap_err();
        assert!(matches!(error, ResultTimeoutError::TimedOut(_)));
        assert!(error.source().is_none());
        gate.release();
    });
}

fn names(report: &WatchdogReport) -> Vec<&str> {
    let tasks = report.tasks.iter();
    tasks.filter_map(|task| task.task.name.as_deref()).collect()
}

#[test]
fn a_watchdog_forgets_a_task_that_has_ended_and_no_other() {
    watchdog(|| {
        let (tell, reports) = mpsc::channel();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .watchdog(
                Watchdog::new()
                    .task_limit(Duration::from_millis(10))
                    .queue_limit(Duration::MAX)
                    .standstill_limit(Duration::MAX)
                    .on_report(move |report| drop(tell.send(report.clone()))),
            )
            .build()
            .unwrap();
        let gates = [Gate::new(), Gate::new()];
        let [short, long] = ["short", "long"].map(|name| {
            let gate = gates[usize::from(name == "long")].clone();
            pool.task().name(name).submit(move || gate.wait())
        });
        let until = |wanted: &str| {
            reports
                .iter()
                .find(|report: &WatchdogReport| names(report).contains(&wanted))
                .expect("a report")
        };
        let text = until("short").to_string();
        assert!(!text.contains("nothing"), "{text}");
        until("long");
        gates[0].open();
        short.result().unwrap();
        // One that is under way may still name it; none that comes later does.
        let later: Vec<_> = reports.iter().take(4).collect();
        assert!(
            later[1..].iter().all(|report| names(report) == ["long"]),
            "{later:?}"
        );
        gates[1].open();
        long.result().unwrap();
    });
}

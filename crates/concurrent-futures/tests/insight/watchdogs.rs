//! What does not go on is reported.

use std::{
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use concurrent_futures::{ThreadPoolExecutor, Trouble, Watchdog, WatchdogReport};

use crate::support::{Gate, LogCapture, Probe, hold, watchdog};

const LIMIT: Duration = Duration::from_millis(20);

/// Nothing has a limit.
fn blind() -> Watchdog {
    Watchdog::new()
        .task_limit(Duration::MAX)
        .queue_limit(Duration::MAX)
        .standstill_limit(Duration::MAX)
}

fn watched(
    max_workers: usize,
    watchdog: Watchdog,
) -> (ThreadPoolExecutor, Receiver<WatchdogReport>) {
    let (tell, told) = mpsc::channel();
    let watchdog = watchdog.on_report(move |report| drop(tell.send(report.clone())));
    let pool = ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .thread_name_prefix("watched")
        .watchdog(watchdog)
        .build()
        .unwrap();
    (pool, told)
}

#[test]
fn a_task_that_runs_too_long_is_named() {
    watchdog(|| {
        let (pool, reports) = watched(2, blind().task_limit(LIMIT));
        let gate = Gate::new();
        let long = gate.clone();
        let line = line!() + 1;
        let future = pool.task().name("long").submit(move || long.wait());
        let report = reports.recv().unwrap();
        assert_eq!(
            (report.trouble, &*report.pool),
            (Trouble::LongTask, "watched")
        );
        assert!(report.duration >= LIMIT);
        let [task] = &report.tasks[..] else {
            panic!("one task: {report:?}");
        };
        assert_eq!(
            (task.task.name.as_deref(), &*task.worker),
            (Some("long"), "watched_0")
        );
        assert_eq!(
            (task.task.location.file(), task.task.location.line()),
            (file!(), line)
        );
        assert_eq!(task.age, report.duration);
        let text = report.to_string();
        assert!(
            text.starts_with("pool watched: a task has been running for "),
            "{text}"
        );
        assert!(text.contains("\"long\" on watched_0 for "), "{text}");
        gate.open();
        future.result().unwrap();
    });
}

#[test]
fn it_is_named_again_when_its_time_has_doubled() {
    watchdog(|| {
        let (pool, reports) = watched(1, blind().task_limit(LIMIT));
        let held = hold(&pool, 1);
        let ages: Vec<_> = reports
            .iter()
            .take(3)
            .map(|report| report.duration)
            .collect();
        assert!(ages[0] >= LIMIT);
        assert!(ages[1] >= 2 * LIMIT && ages[2] >= 4 * LIMIT, "{ages:?}");
        drop(held);
    });
}

#[test]
fn a_pool_that_was_idle_is_watched_again() {
    watchdog(|| {
        let (pool, reports) = watched(1, blind().task_limit(LIMIT));
        for _ in 0..3 {
            pool.map(0..100, |n| n).for_each(drop);
            let held = hold(&pool, 1);
            let report = reports.iter().next().unwrap();
            assert_eq!(report.trouble, Trouble::LongTask);
            drop(held);
        }
    });
}

#[test]
fn a_queue_that_does_not_move_is_reported_with_what_runs() {
    watchdog(|| {
        let (pool, reports) = watched(1, blind().queue_limit(LIMIT));
        let held = hold(&pool, 1);
        let queued = [pool.submit(|| 1), pool.submit(|| 2)];
        let report = reports.iter().find(|report| report.queued == 2).unwrap();
        assert_eq!(report.trouble, Trouble::StuckQueue);
        assert!(report.duration >= LIMIT);
        assert_eq!(report.tasks.len(), 1);
        assert!(
            report.to_string().contains("nothing has started for"),
            "{report}"
        );
        drop(held);
        assert!(queued.into_iter().all(|future| future.result().is_ok()));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn tasks_that_all_wait_for_a_queued_one_are_a_standstill() {
    watchdog(|| {
        let (pool, reports) = watched(2, blind().standstill_limit(LIMIT));
        let gate = Gate::new();
        let waiting = ["left", "right"].map(|name| {
            let gate = gate.clone();
            pool.task().name(name).submit(move || gate.wait())
        });
        let opens = pool.submit(|| ());
        // Before the last of them began, others may have waited for long.
        let all_wait = |report: &WatchdogReport| (report.queued, report.tasks.len()) == (1, 2);
        let report = reports.iter().find(all_wait).unwrap();
        assert_eq!(report.trouble, Trouble::Standstill);
        assert!(report.tasks.iter().all(|task| task.waiting >= Some(LIMIT)));
        let text = report.to_string();
        assert!(
            text.contains("\"left\"") && text.contains("\"right\""),
            "{text}"
        );
        assert!(text.contains(", waiting for "), "{text}");
        gate.open();
        opens.result().unwrap();
        drop(waiting);
    });
}

#[test]
fn without_a_handler_it_is_logged() {
    watchdog(|| {
        let logs = LogCapture::containing("pool logged-by-a-watchdog: ");
        let pool = ThreadPoolExecutor::builder()
            .thread_name_prefix("logged-by-a-watchdog")
            .watchdog(blind().task_limit(LIMIT))
            .build()
            .unwrap();
        let held = hold(&pool, 1);
        while logs.records().is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(logs.records()[0].level, log::Level::Warn);
        drop(held);
    });
}

#[test]
fn a_handler_that_panics_is_called_again() {
    watchdog(|| {
        let (tell, told) = mpsc::channel();
        let watchdog = blind().task_limit(LIMIT).on_report(move |_| {
            tell.send(()).unwrap();
            panic!("the handler of a test");
        });
        let pool = ThreadPoolExecutor::builder()
            .watchdog(watchdog)
            .build()
            .unwrap();
        let held = hold(&pool, 1);
        told.recv().unwrap();
        told.recv().unwrap();
        drop(held);
    });
}

#[test]
fn a_handler_may_use_the_pool_and_shut_it_down() {
    watchdog(|| {
        let (give, given) = mpsc::channel::<ThreadPoolExecutor>();
        let given = std::sync::Mutex::new(given);
        let (tell, told) = mpsc::channel();
        let watchdog = blind().task_limit(LIMIT).on_report(move |_| {
            let Ok(pool) = given.lock().unwrap().try_recv() else {
                return;
            };
            let future = pool.submit(|| 1);
            pool.shutdown();
            tell.send(future).unwrap();
        });
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .watchdog(watchdog)
            .build();
        let pool = pool.unwrap();
        give.send(pool.clone()).unwrap();
        let held = hold(&pool, 1);
        let future = told.recv().unwrap();
        drop(held);
        assert_eq!(future.result().unwrap(), 1);
    });
}

#[test]
fn its_thread_ends_with_the_pool() {
    watchdog(|| {
        for tasks in [0, 1, 100] {
            let probe = Probe::new();
            let value = probe.value();
            let watchdog = blind().on_report(move |_| drop(format!("{value:?}")));
            let pool = ThreadPoolExecutor::builder()
                .watchdog(watchdog)
                .build()
                .unwrap();
            pool.map(0..tasks, |n| n).for_each(drop);
            drop(pool);
            assert_eq!(probe.alive(), 0);
        }
    });
}

#[test]
fn a_pool_without_workers_ends_too() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .thread_factory(|_| Err(std::io::Error::other("no threads today")))
            .watchdog(blind())
            .build()
            .unwrap();
        assert!(pool.submit(|| 1).result().is_err());
        pool.shutdown();
    });
}

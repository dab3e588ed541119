//! A pool that finds its number of workers by itself.

use std::{thread, time::Duration};

use concurrent_futures::{Builder, Reason, Shutdown, ThreadPoolExecutor};

use crate::support::{hold, watchdog};

fn builder(max_workers: usize) -> Builder {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .thread_name_prefix("adaptive")
        .adaptive()
}

#[test]
fn it_begins_with_the_processors_within_its_bounds() {
    watchdog(|| {
        let cpus = thread::available_parallelism().unwrap().get();
        let target = |builder: Builder| builder.build().unwrap().stats().target_workers;
        assert_eq!(target(builder(1)), 1);
        assert_eq!(target(builder(1000)), cpus.min(1000));
        assert_eq!(target(builder(1000).min_workers(900)), 900.max(cpus));
        assert!(builder(4).build().unwrap().stats().decisions.is_empty());
    });
}

/// Tasks that wait for each other: only if all of them run does any of them end.
#[test]
fn tasks_that_wait_get_ever_more_workers() {
    watchdog(|| {
        let pool = builder(40).build().unwrap();
        drop(hold(&pool, 40));
        let stats = pool.stats();
        assert_eq!((stats.target_workers, stats.max_workers), (40, 40));
        let decisions = stats.decisions;
        assert!(
            decisions
                .iter()
                .any(|it| it.reason == Reason::ProcessorsFree)
        );
        assert!(decisions.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert!(
            decisions
                .windows(2)
                .all(|pair| pair[0].after <= pair[1].after)
        );
        let text = decisions[0].to_string();
        assert!(text.contains("workers, because"), "{text}");
    });
}

#[test]
fn never_more_than_the_most_that_was_set_last() {
    watchdog(|| {
        let pool = builder(64).build().unwrap();
        drop(hold(&pool, 10));
        pool.set_max_workers(5).unwrap();
        assert!(pool.stats().target_workers <= 5);
        drop(hold(&pool, 5));
        assert!(pool.stats().target_workers <= 5);
        pool.set_max_workers(12).unwrap();
        drop(hold(&pool, 12));
        assert_eq!(pool.stats().target_workers, 12);
    });
}

#[test]
fn a_long_queue_is_drained_adaptively_after_the_close() {
    watchdog(|| {
        let pool = builder(32).build().unwrap();
        let meeting = std::sync::Arc::new(std::sync::Barrier::new(32));
        let tasks = [(); 32].map(|()| {
            let meeting = std::sync::Arc::clone(&meeting);
            pool.submit(move || {
                meeting.wait();
            })
        });
        drop(pool);
        for task in tasks {
            task.result().unwrap();
        }
    });
}

#[test]
fn its_thread_ends_with_the_pool() {
    watchdog(|| {
        for round in 0..100 {
            let pool = builder(4).build().unwrap();
            for _ in 0..round % 3 {
                pool.submit(|| ()).result().unwrap();
            }
            if round % 2 == 0 {
                let how = Shutdown::new().timeout(Duration::MAX);
                pool.shutdown_with(how).unwrap();
            }
        }
    });
}

#[cfg(target_os = "linux")]
mod rest {
    use std::{
        fs,
        path::{Path, PathBuf},
        thread,
        time::Duration,
    };

    use super::{builder, watchdog};
    use crate::support::alone;

    fn controllers() -> Vec<PathBuf> {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        let paths = tasks.map(|task| task.unwrap().path());
        // The system keeps fifteen bytes of a name.
        let is_controller = |path: &PathBuf| {
            fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim() == "adaptive_contro")
        };
        paths.filter(is_controller).collect()
    }

    fn switches(task: &Path) -> Vec<String> {
        let status = fs::read_to_string(task.join("status")).unwrap();
        let switches = status.lines().filter(|line| line.contains("ctxt_switches"));
        switches.map(str::to_owned).collect()
    }

    #[test]
    fn it_sleeps_while_there_is_nothing_to_do() {
        alone(&[], || {
            watchdog(|| {
                let pool = builder(4).build().unwrap();
                assert_eq!(controllers().len(), 0);
                pool.submit(|| ()).result().unwrap();
                // It gives itself its name when it begins.
                let controller = loop {
                    if let Some(controller) = controllers().pop() {
                        break controller;
                    }
                };
                let mut before = switches(&controller);
                loop {
                    thread::sleep(Duration::from_millis(200));
                    let now = switches(&controller);
                    if now == before {
                        break;
                    }
                    before = now;
                }
                pool.shutdown();
                // The system forgets a thread a moment after it was joined.
                while !controllers().is_empty() {}
            });
        });
    }
}

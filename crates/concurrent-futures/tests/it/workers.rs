//! Worker threads: when they start, how they are reused and named, what they keep, and that they rest.

use std::{
    cell::Cell,
    collections::HashSet,
    sync::{Arc, Barrier},
    thread,
};

use concurrent_futures::{ThreadPoolExecutor, wait};

use crate::support::{Gate, alone, hold, pool, watchdog};

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

#[test]
fn one_submit_starts_one_worker() {
    watchdog(|| {
        let pool = pool(8);
        let _first = hold(&pool, 1);
        assert_eq!(pool.worker_count(), 1);
        let _second = hold(&pool, 1);
        assert_eq!(pool.worker_count(), 2);
    });
}

#[test]
fn never_more_workers_than_the_limit() {
    watchdog(|| {
        let pool = pool(3);
        let held = hold(&pool, 3);
        let queued: Vec<_> = (0..100).map(|_| pool.submit(|| ())).collect();
        assert_eq!(pool.worker_count(), 3);
        held.release();
        wait(&queued, concurrent_futures::ReturnWhen::AllCompleted);
        assert_eq!(pool.worker_count(), 3);
    });
}

#[test]
fn workers_stay_while_the_pool_lives() {
    watchdog(|| {
        let pool = pool(4);
        let held = hold(&pool, 4);
        held.release();
        for task in held.tasks() {
            assert!(task.exception().is_none());
        }
        for _ in 0..100 {
            pool.submit(|| ()).result().unwrap();
        }
        assert_eq!(pool.worker_count(), 4);
    });
}

#[test]
fn one_after_another_needs_one_thread() {
    watchdog(|| {
        for _ in 0..20 {
            let pool = pool(4);
            let threads: HashSet<_> = (0..50)
                .map(|_| pool.submit(|| thread::current().id()).result().unwrap())
                .collect();
            assert_eq!(threads.len(), 1);
            assert_eq!(pool.worker_count(), 1);
        }
    });
}

#[test]
fn as_many_tasks_as_workers_all_run_at_once() {
    watchdog(|| {
        for count in 1..=8 {
            for _ in 0..20 {
                let pool = pool(8);
                let meeting = Arc::new(Barrier::new(count));
                let tasks: Vec<_> = (0..count)
                    .map(|_| {
                        let meeting = Arc::clone(&meeting);
                        pool.submit(move || {
                            meeting.wait();
                        })
                    })
                    .collect();
                for task in tasks {
                    task.result().unwrap();
                }
            }
        }
    });
}

#[test]
fn tasks_that_meet_get_their_workers_also_in_a_used_pool() {
    watchdog(|| {
        let pool = pool(8);
        for round in 0..200 {
            let count = 1 + round % 8;
            let meeting = Arc::new(Barrier::new(count));
            let tasks: Vec<_> = (0..count)
                .map(|_| {
                    let meeting = Arc::clone(&meeting);
                    pool.submit(move || {
                        meeting.wait();
                    })
                })
                .collect();
            for task in tasks {
                task.result().unwrap();
            }
        }
    });
}

#[test]
fn submitters_side_by_side_each_get_a_worker() {
    watchdog(|| {
        for _ in 0..50 {
            let pool = pool(4);
            let meeting = Arc::new(Barrier::new(4));
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let meeting = Arc::clone(&meeting);
                        pool.submit(move || {
                            meeting.wait();
                        })
                        .result()
                        .unwrap();
                    });
                }
            });
        }
    });
}

#[test]
fn a_worker_held_by_a_callback_leaves_the_other_places_free() {
    watchdog(|| {
        let pool = pool(2);
        let (entered, leave) = (Gate::new(), Gate::new());
        let start = Gate::new();
        let first = pool.submit({
            let start = start.clone();
            move || start.wait()
        });
        first.add_done_callback({
            let (entered, leave) = (entered.clone(), leave.clone());
            move |_| {
                entered.open();
                leave.wait();
            }
        });
        start.open();
        entered.wait();
        assert_eq!(pool.submit(|| 2).result().unwrap(), 2);
        leave.open();
    });
}

#[test]
fn names_are_prefix_and_index_from_zero() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(3)
            .thread_name_prefix("download")
            .build()
            .unwrap();
        let mut names = Vec::new();
        let mut held = Vec::new();
        for _ in 0..3 {
            let (gate, started) = (Gate::new(), std::sync::mpsc::channel());
            let task = pool.submit({
                let (gate, started) = (gate.clone(), started.0);
                move || {
                    started.send(thread_name()).unwrap();
                    gate.wait();
                }
            });
            names.push(started.1.recv().unwrap());
            held.push((gate, task));
        }
        assert_eq!(names, ["download_0", "download_1", "download_2"]);
        for (gate, _) in &held {
            gate.open();
        }
    });
}

#[test]
fn two_pools_may_share_a_prefix() {
    watchdog(|| {
        let build = || {
            ThreadPoolExecutor::builder()
                .max_workers(1)
                .thread_name_prefix("twin")
                .build()
                .unwrap()
        };
        let (one, other) = (build(), build());
        assert_eq!(one.submit(thread_name).result().unwrap(), "twin_0");
        assert_eq!(other.submit(thread_name).result().unwrap(), "twin_0");
    });
}

#[test]
fn the_default_prefix_counts_unnamed_pools_only() {
    alone(&[], || {
        watchdog(|| {
            let name = |pool: &ThreadPoolExecutor| pool.submit(thread_name).result().unwrap();
            let first = ThreadPoolExecutor::new();
            assert_eq!(name(&first), "ThreadPoolExecutor-0_0");
            let named = ThreadPoolExecutor::builder().thread_name_prefix("named");
            assert_eq!(name(&named.build().unwrap()), "named_0");
            assert!(
                ThreadPoolExecutor::builder()
                    .max_workers(0)
                    .build()
                    .is_err()
            );
            let empty = ThreadPoolExecutor::builder().thread_name_prefix("");
            assert_eq!(name(&empty.build().unwrap()), "ThreadPoolExecutor-1_0");
            assert_eq!(
                name(&ThreadPoolExecutor::default()),
                "ThreadPoolExecutor-2_0"
            );
            assert_eq!(name(&first), "ThreadPoolExecutor-0_0");
        });
    });
}

#[test]
fn a_long_name_is_kept_whole() {
    watchdog(|| {
        let prefix = "a prefix of many more bytes than the kernel shows".repeat(10);
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_name_prefix(prefix.clone())
            .build()
            .unwrap();
        assert_eq!(pool.submit(thread_name).result().unwrap(), prefix + "_0");
    });
}

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count_up() -> usize {
    COUNT.replace(COUNT.get() + 1)
}

#[test]
fn a_worker_keeps_its_thread_locals_from_task_to_task() {
    watchdog(|| {
        let pool = pool(1);
        for expected in 0..5 {
            assert_eq!(pool.submit(count_up).result().unwrap(), expected);
        }
    });
}

#[test]
fn a_worker_survives_panics_with_its_thread_locals() {
    watchdog(|| {
        let pool = pool(1);
        for _ in 0..5 {
            let task = pool.submit(|| {
                count_up();
                panic!("a task's own affair");
            });
            assert!(task.result().unwrap_err().is_panic());
        }
        assert_eq!(pool.submit(count_up).result().unwrap(), 5);
        assert_eq!(pool.worker_count(), 1);
    });
}

#[test]
fn the_submitter_s_thread_never_runs_a_task() {
    watchdog(|| {
        let pool = pool(2);
        let here = thread::current().id();
        for _ in 0..200 {
            let task = pool.submit(|| thread::current().id());
            assert_ne!(task.result().unwrap(), here);
        }
    });
}

#[cfg(target_os = "linux")]
mod rest {
    use std::{collections::HashSet, fs, path::Path, thread, time::Duration};

    use super::{pool, watchdog};

    /// How often the thread gave up or was taken off its CPU, and whether it sleeps now.
    fn switches(task: &Path) -> (bool, Vec<String>) {
        let status = fs::read_to_string(task.join("status")).expect("the worker lives");
        let sleeps = status.lines().any(|line| line.starts_with("State:\tS"));
        let switches = status.lines().filter(|line| line.contains("ctxt_switches"));
        (sleeps, switches.map(str::to_owned).collect())
    }

    #[test]
    fn idle_workers_come_to_rest() {
        watchdog(|| {
            let pool = pool(3);
            let tasks: Vec<_> = (0..30)
                .map(|_| pool.submit(|| fs::read_link("/proc/thread-self").unwrap()))
                .collect();
            let workers: HashSet<_> = tasks
                .into_iter()
                .map(|task| task.result().unwrap())
                .collect();
            for worker in workers {
                let task = Path::new("/proc").join(worker);
                let mut before = switches(&task);
                loop {
                    thread::sleep(Duration::from_millis(100));
                    let now = switches(&task);
                    if now.0 && now == before {
                        break;
                    }
                    before = now;
                }
            }
        });
    }
}

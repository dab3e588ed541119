//! Sizes, names, and what each worker does first.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread::{self, available_parallelism};

use concurrent_futures::ThreadPoolExecutor;

use super::stand_ins::{Journal, work};
use crate::support::{pool, watchdog};

#[test]
fn four_ways_to_construct_and_none_starts_a_thread() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let pools = [
        ThreadPoolExecutor::new(),
        pool(10),
        ThreadPoolExecutor::builder()
            .max_workers(5)
            .thread_name_prefix("worker")
            .build()
            .unwrap(),
        ThreadPoolExecutor::builder()
            .max_workers(5)
            .initializer(move || {
                counted.fetch_add(1, SeqCst);
            })
            .build()
            .unwrap(),
    ];
    for pool in &pools {
        assert_eq!(pool.worker_count(), 0);
    }
    drop(pools);
    assert_eq!(calls.load(SeqCst), 0);
}

#[test]
fn a_pool_reports_its_limit() {
    let cpus = available_parallelism().map_or(1, usize::from);
    assert_eq!(ThreadPoolExecutor::new().max_workers(), 32.min(cpus + 4));
    for limit in [10, 20, 500] {
        let pool = pool(limit);
        assert_eq!((pool.max_workers(), pool.worker_count()), (limit, 0));
    }
}

#[test]
fn a_closure_that_returns_a_text() {
    watchdog(|| {
        let pool = pool(1);
        assert_eq!(pool.submit(|| "a text").result().unwrap(), "a text");
    });
}

#[test]
fn workers_are_not_the_callers_thread() {
    watchdog(|| {
        let own = thread::current();
        let pool = pool(1);
        let (id, name) = pool
            .submit(|| {
                (
                    thread::current().id(),
                    thread::current().name().map(str::to_owned),
                )
            })
            .result()
            .unwrap();
        assert_ne!(id, own.id());
        assert_ne!(name.as_deref(), own.name());
    });
}

fn names_of_ten_tasks(pool: &ThreadPoolExecutor) -> BTreeSet<String> {
    pool.map(0..10, |_| {
        thread::current()
            .name()
            .expect("workers have names")
            .to_owned()
    })
    .map(Result::unwrap)
    .collect()
}

#[test]
fn default_names_count_pools_and_workers() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::new();
        let names = names_of_ten_tasks(&pool);
        assert!((1..=10).contains(&names.len()));
        let mut pools = BTreeSet::new();
        for name in &names {
            let number = name.strip_prefix("ThreadPoolExecutor-").expect(name);
            let (pool_number, index) = number.split_once('_').expect(name);
            pools.insert(pool_number.parse::<usize>().expect(name));
            assert!(index.parse::<usize>().expect(name) < pool.worker_count());
        }
        assert_eq!(pools.len(), 1);
    });
}

#[test]
fn chosen_names_count_workers() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("TaskPool")
            .build()
            .unwrap();
        let meeting = Barrier::new(2);
        let names: BTreeSet<_> = pool
            .map(0..2, move |_| {
                meeting.wait();
                thread::current().name().unwrap().to_owned()
            })
            .map(Result::unwrap)
            .collect();
        assert_eq!(
            names,
            ["TaskPool_0".to_owned(), "TaskPool_1".to_owned()].into()
        );
    });
}

#[test]
fn the_initializer_runs_on_each_worker_before_its_first_task() {
    watchdog(|| {
        let journal = Journal::new();
        let lines = journal.clone();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("prepared")
            .initializer(move || {
                lines.write(format!(
                    "initializing {}",
                    thread::current().name().unwrap()
                ));
            })
            .build()
            .unwrap();
        let meeting = Barrier::new(2);
        let values: Vec<_> = pool
            .map(0..10, move |number| {
                if number < 2 {
                    meeting.wait();
                }
                work(1);
                number
            })
            .map(Result::unwrap)
            .collect();
        assert_eq!(values, (0..10).collect::<Vec<_>>());
        assert_eq!(
            journal.sorted(),
            ["initializing prepared_0", "initializing prepared_1"]
        );
    });
}

#[test]
fn each_worker_opens_one_connection_and_keeps_it() {
    thread_local! {
        static CONNECTION: RefCell<Option<String>> = const { RefCell::new(None) };
    }
    watchdog(|| {
        let opened = Arc::new(AtomicUsize::new(0));
        let database = "customers";
        let counted = Arc::clone(&opened);
        let pool = ThreadPoolExecutor::builder()
            .max_workers(3)
            .initializer(move || {
                let number = counted.fetch_add(1, SeqCst);
                CONNECTION.set(Some(format!("connection {number} to {database}")));
            })
            .build()
            .unwrap();
        let meeting = Barrier::new(3);
        let used: BTreeSet<String> = pool
            .map(["a", "b", "c"], move |_query| {
                meeting.wait();
                CONNECTION.with_borrow(|connection| {
                    connection.clone().expect("opened before the first task")
                })
            })
            .map(Result::unwrap)
            .collect();
        let expected: BTreeSet<_> = (0..3)
            .map(|n| format!("connection {n} to customers"))
            .collect();
        assert_eq!(used, expected);
        assert_eq!(opened.load(SeqCst), 3);
    });
}

#[test]
fn local_state_of_a_worker_stays_with_it() {
    thread_local! {
        static KEY: Cell<Option<usize>> = const { Cell::new(None) };
    }
    watchdog(|| {
        let keys = Arc::new(AtomicUsize::new(0));
        let journal = Journal::new();
        let (next, lines) = (Arc::clone(&keys), journal.clone());
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .initializer(move || {
                let key = 100 + next.fetch_add(1, SeqCst);
                KEY.set(Some(key));
                lines.write(format!("initializing with {key}"));
            })
            .build()
            .unwrap();
        let used: Vec<_> = pool
            .map(0..10, |_| KEY.get().expect("set"))
            .map(Result::unwrap)
            .collect();
        // A worker may still be in its initializer when the other has done all the work.
        pool.shutdown();
        assert_eq!(used.len(), 10);
        assert!(
            used.iter()
                .all(|key| (100..100 + keys.load(SeqCst)).contains(key))
        );
        assert_eq!(journal.lines().len(), keys.load(SeqCst));
        assert!(keys.load(SeqCst) <= 2);
    });
}

//! The system itself refuses: threads beyond a limit of the user, of address space, and of mappings.

use std::{
    fs, io,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use concurrent_futures::{Future, TaskError, ThreadPoolExecutor};
use nix::{
    sys::resource::{Resource, getrlimit, setrlimit},
    unistd::{Uid, getpid, setresuid},
};

use crate::support::{Gate, Probe, alone, watchdog, watchdog_for};

const WORKERS: usize = 8;
const TASKS: usize = 3 * WORKERS;

/// Of this process, by the system's own account.
fn threads() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let threads = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"));
    threads.unwrap().trim().parse().unwrap()
}

/// Lets the user have so many threads more than are there.
fn limit_threads(more: u64) {
    let (_, most) = getrlimit(Resource::RLIMIT_NPROC).unwrap();
    setrlimit(Resource::RLIMIT_NPROC, threads() + more, most).unwrap();
}

fn limit_no_threads() {
    let (_, most) = getrlimit(Resource::RLIMIT_NPROC).unwrap();
    setrlimit(Resource::RLIMIT_NPROC, most, most).unwrap();
}

/// Becomes a user who has no other process: the limit is on all threads of a user, and root has none.
fn become_nobody() -> bool {
    let user = Uid::from_raw(60_000 + getpid().as_raw().unsigned_abs() % 5_000);
    setresuid(user, user, user).is_ok()
}

/// What the system does when it is asked for a thread too many.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refuses {
    Once,
    ForEver,
    AfterAPanic,
}

/// More tasks at once than workers, the k-th of which is refused. How many ran and how many were refused.
fn storm(k: u64, refuses: Refuses) -> (usize, usize) {
    let (asked, refusals) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, denied) = (Arc::clone(&asked), Arc::clone(&refusals));
    let pool = ThreadPoolExecutor::builder()
        .max_workers(WORKERS)
        .thread_factory(move |worker| {
            counted.fetch_add(1, SeqCst);
            worker.spawn().inspect_err(|_| {
                denied.fetch_add(1, SeqCst);
                if refuses == Refuses::Once {
                    limit_no_threads();
                }
            })
        })
        .build()
        .unwrap();
    limit_threads(k);
    if refuses == Refuses::AfterAPanic {
        let panicking = pool.submit(|| panic!("boom"));
        assert_eq!(panicking.exception().unwrap().is_panic(), k > 0);
    }
    let (gate, probe) = (Gate::new(), Probe::new());
    let runs = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (gate, runs, value) = (gate.clone(), Arc::clone(&runs), probe.value());
            pool.submit(move || {
                gate.wait();
                drop(value);
                runs.fetch_add(1, SeqCst);
            })
        })
        .collect();
    while asked.load(SeqCst) < (k + 1).min(WORKERS as u64) {
        thread::yield_now();
    }
    gate.open();
    let mut rejected = 0;
    for task in tasks {
        match task.result() {
            Ok(()) => {}
            Err(TaskError::Rejected(reason)) if reason.is_thread_start() => rejected += 1,
            Err(other) => panic!("{other}"),
        }
    }
    pool.shutdown();
    assert_eq!(refusals.load(SeqCst) > 0, k < WORKERS as u64, "k = {k}");
    assert_eq!(probe.births(), probe.deaths());
    (runs.load(SeqCst), rejected)
}

#[test]
fn the_kth_thread_of_a_user() {
    alone(&[], || {
        if !become_nobody() {
            eprintln!("SKIPPED: only root can become a user with a limit of its own");
            return;
        }
        watchdog(|| {
            for k in 0..=WORKERS as u64 {
                for refuses in [Refuses::Once, Refuses::ForEver, Refuses::AfterAPanic] {
                    let before = threads();
                    let (ran, rejected) = storm(k, refuses);
                    assert_eq!(ran + rejected, TASKS, "k = {k}");
                    // Without any worker what was refused is told; with one, all runs.
                    match (k, refuses) {
                        (0, Refuses::Once) => assert_eq!(rejected, 1),
                        (0, _) => assert_eq!(ran, 0),
                        _ => assert_eq!(rejected, 0, "k = {k}"),
                    }
                    // The system counts a thread for a moment longer than its end can be seen.
                    while threads() > before {
                        thread::yield_now();
                    }
                }
            }
        });
    });
}

#[test]
fn address_space() {
    const MIB: u64 = 1024 * 1024;
    fn limit(more: u64) -> io::Result<()> {
        let pages = fs::read_to_string("/proc/self/statm")?;
        let pages = pages.split(' ').next().map(str::parse::<u64>);
        let pages = pages.and_then(Result::ok).expect("a number of pages");
        let (_, most) = getrlimit(Resource::RLIMIT_AS)?;
        setrlimit(Resource::RLIMIT_AS, pages * 4096 + more, most)?;
        Ok(())
    }
    alone(&[], || {
        watchdog(|| {
            // Not one stack of 16 MiB, and then three and a half: where a stack finds room, and what the standard
            // library maps for its signals does not, that ends the process.
            // What other threads give back meanwhile may make room for one.
            for (more, fewest) in [(MIB, 0), (56 * MIB, 200)] {
                limit(more).unwrap();
                let pool = ThreadPoolExecutor::builder()
                    .max_workers(64)
                    .stack_size(16 << 20)
                    .build()
                    .unwrap();
                let tasks: Vec<_> = (0..200).map(|n| pool.submit(move || n)).collect();
                let ran = tasks.into_iter().flat_map(Future::result).count();
                assert!(ran == fewest || ran == 200, "{ran} ran");
            }
        });
    });
}

/// Each thread of the standard library takes four mappings, and a process has 65 530 of them, by default.
#[test]
fn mappings_for_twenty_thousand_threads() {
    const MANY: usize = 20_000;
    // To start so many takes a while.
    const LONG: Duration = Duration::from_secs(180);
    alone(&[], || {
        watchdog_for(LONG, || {
            let pool = ThreadPoolExecutor::builder()
                .max_workers(MANY)
                .stack_size(64 * 1024)
                .build()
                .unwrap();
            let gate = Gate::new();
            let tasks: Vec<_> = (0..MANY)
                .map(|_| {
                    let gate = gate.clone();
                    pool.submit(move || gate.wait())
                })
                .collect();
            assert!(pool.worker_count() > 100);
            gate.open();
            assert!(tasks.into_iter().all(|task| task.result().is_ok()));
        });
    });
}

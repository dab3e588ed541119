//! When a thread cannot be started: nothing is lost, and what was refused never runs.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use concurrent_futures::{Future, Shutdown, TaskError, ThreadPoolExecutor};

use crate::support::{Gate, Probe, find_cause, hold, watchdog};

const WORKERS: usize = 8;

/// Refuses the start of some threads, counted from zero.
fn refusing(refuses: impl Fn(usize) -> bool + Send + Sync + 'static) -> ThreadPoolExecutor {
    counting(refuses, &Count::default())
}

type Count = Arc<AtomicUsize>;

/// As `refusing`, and tells how many threads have been asked for.
fn counting(
    refuses: impl Fn(usize) -> bool + Send + Sync + 'static,
    asked: &Count,
) -> ThreadPoolExecutor {
    let asked = Arc::clone(asked);
    ThreadPoolExecutor::builder()
        .max_workers(WORKERS)
        .thread_factory(move |worker| {
            if refuses(asked.fetch_add(1, Ordering::SeqCst)) {
                Err(io::Error::other("no more threads"))
            } else {
                worker.spawn()
            }
        })
        .build()
        .unwrap()
}

fn wait_until(count: &Count, reached: usize) {
    while count.load(Ordering::SeqCst) < reached {
        thread::yield_now();
    }
}

fn refused<T>(future: Future<T>) {
    let error = future.result().err().expect("it must not run");
    match &error {
        TaskError::Rejected(rejected) => {
            assert!(rejected.is_thread_start());
            assert!(!rejected.is_shutdown());
        }
        other => panic!("{other:?}"),
    }
    let cause = find_cause::<io::Error>(&error).expect("the system's own error");
    assert_eq!(cause.to_string(), "no more threads");
}

/// More tasks at once than workers; those that run wait until `count` has reached `enough`.
/// Gives how many ran and how many were refused.
fn storm(pool: &ThreadPoolExecutor, count: &Count, enough: usize) -> (usize, usize) {
    let gate = Gate::new();
    let (runs, probe) = (Arc::new(AtomicUsize::new(0)), Probe::new());
    let futures: Vec<_> = (0..3 * WORKERS)
        .map(|_| {
            let (gate, runs, value) = (gate.clone(), Arc::clone(&runs), probe.value());
            pool.submit(move || {
                gate.wait();
                drop(value);
                runs.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    wait_until(count, enough);
    gate.open();
    let (mut ran, mut rejected) = (0, 0);
    for future in futures {
        if future.exception().is_none() {
            ran += 1;
        } else {
            refused(future);
            rejected += 1;
        }
    }
    pool.shutdown();
    assert_eq!(
        runs.load(Ordering::SeqCst),
        ran,
        "a refused task ran, or an accepted one did not"
    );
    assert_eq!(probe.births(), probe.deaths());
    (ran, rejected)
}

#[test]
fn the_kth_refused_once() {
    watchdog(|| {
        for k in 0..=WORKERS {
            let asked = Count::default();
            let pool = counting(move |asked| asked == k, &asked);
            let (ran, rejected) = storm(&pool, &asked, WORKERS.min(k + 1));
            // Only the very first refusal finds no worker alive that would take the task.
            assert_eq!(rejected, usize::from(k == 0), "k = {k}");
            assert_eq!(ran + rejected, 3 * WORKERS);
        }
    });
}

#[test]
fn from_the_kth_on_refused_for_ever() {
    watchdog(|| {
        for k in 0..=WORKERS {
            let asked = Count::default();
            let pool = counting(move |asked| asked >= k, &asked);
            let (ran, rejected) = storm(&pool, &asked, WORKERS.min(k + 1));
            assert_eq!(ran, if k == 0 { 0 } else { 3 * WORKERS }, "k = {k}");
            assert_eq!(ran + rejected, 3 * WORKERS);
        }
    });
}

#[test]
fn from_the_kth_on_refused_after_a_panic_of_a_task() {
    watchdog(|| {
        for k in 0..=WORKERS {
            let asked = Count::default();
            let pool = counting(move |asked| asked >= k, &asked);
            let panicking = pool.submit(|| panic!("boom"));
            assert_eq!(panicking.exception().unwrap().is_panic(), k > 0);
            let (ran, rejected) = storm(&pool, &asked, WORKERS.min(k + 1));
            assert_eq!(ran, if k == 0 { 0 } else { 3 * WORKERS }, "k = {k}");
            assert_eq!(ran + rejected, 3 * WORKERS);
        }
    });
}

#[test]
fn with_no_worker_the_refusal_is_told_at_once() {
    watchdog(|| {
        let pool = refusing(|_| true);
        let probe = Probe::new();
        let value = probe.value();
        let future = pool.submit(move || drop(value));
        assert!(future.done());
        assert_eq!(probe.deaths(), 1);
        assert_eq!(pool.worker_count(), 0);
        refused(future);
    });
}

#[test]
fn a_refused_task_does_not_run_when_a_later_one_gets_a_thread() {
    watchdog(|| {
        let pool = refusing(|asked| asked == 0);
        let runs = Arc::new(AtomicUsize::new(0));
        let submit = || {
            let runs = Arc::clone(&runs);
            pool.submit(move || runs.fetch_add(1, Ordering::SeqCst))
        };
        refused(submit());
        submit().result().unwrap();
        pool.shutdown();
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn with_a_busy_worker_the_task_waits_for_it() {
    watchdog(|| {
        let pool = refusing(|asked| asked >= 1);
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
        assert_eq!(pool.worker_count(), 1);
        assert!(queued.iter().all(|future| !future.done()));
        held.release();
        for (index, future) in queued.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), index);
        }
    });
}

#[test]
fn a_refused_place_is_tried_again() {
    watchdog(|| {
        // As often as one submit tries.
        let pool = refusing(|asked| (1..=3).contains(&asked));
        let first = hold(&pool, 1);
        let queued = pool.submit(|| 1);
        assert_eq!(pool.worker_count(), 1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let second = pool.submit({
            let (entered, leave) = (entered.clone(), leave.clone());
            move || {
                entered.open();
                leave.wait();
            }
        });
        // Only a second worker can take it: the first one is held.
        entered.wait();
        assert!(pool.worker_count() >= 2);
        assert_eq!(queued.result().unwrap(), 1);
        leave.open();
        second.result().unwrap();
        first.release();
    });
}

#[test]
fn callbacks_of_a_refused_task_run_in_the_caller() {
    watchdog(|| {
        let pool = refusing(|_| true);
        let (sender, seen) = std::sync::mpsc::channel();
        let future = pool.submit(|| ());
        future.add_done_callback(move |outcome| {
            let refused = matches!(outcome, Err(TaskError::Rejected(_)));
            sender.send(refused).unwrap();
        });
        assert!(seen.try_recv().unwrap());
    });
}

#[test]
fn map_names_the_refusal() {
    watchdog(|| {
        let pool = refusing(|_| true);
        let mut results = pool.map(0..3, |n| n);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 0);
        match error.task_error() {
            Some(TaskError::Rejected(rejected)) => assert!(rejected.is_thread_start()),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_pool_that_never_got_a_thread_ends_at_once() {
    watchdog(|| {
        let pool = refusing(|_| true);
        refused(pool.submit(|| ()));
        pool.shutdown_with(Shutdown::new()).unwrap();
        drop(pool);
    });
}

#[test]
fn a_factory_that_panics_is_a_refusal() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_factory(|_| panic!("the factory fails"))
            .build()
            .unwrap();
        match pool.submit(|| ()).result() {
            Err(TaskError::Rejected(rejected)) => assert!(rejected.is_thread_start()),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_factory_may_start_its_threads_itself() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("made")
            .thread_factory(|worker| {
                let name = format!("by hand: {}", worker.name());
                thread::Builder::new()
                    .name(name)
                    .spawn(move || worker.run())
            })
            .build()
            .unwrap();
        let name = pool.submit(|| thread::current().name().map(str::to_owned));
        assert_eq!(name.result().unwrap().as_deref(), Some("by hand: made_0"));
    });
}

#[cfg(target_os = "linux")]
mod of_the_system {
    use std::{
        env, fs,
        os::unix::fs::MetadataExt,
        process::{self, Command},
    };

    use concurrent_futures::ThreadPoolExecutor;

    use super::{Arc, Count, Ordering, storm};
    use crate::support::{alone, watchdog};

    fn become_user(user: &str) -> String {
        format!("setpriv --reuid {user} --regid {user} --clear-groups")
    }

    /// A limit on threads does not bind root, and counts all threads of a user: so it takes a user without any.
    fn nobody() -> Option<String> {
        let root = fs::metadata("/proc/self").ok()?.uid() == 0;
        let user = (60_000 + process::id() % 5_000).to_string();
        let launcher = format!("prlimit --nproc=8 {}", become_user(&user));
        let mut words = launcher.split(' ');
        let trial = Command::new(words.next()?)
            .args(words)
            .arg(env::current_exe().ok()?)
            .arg("--list")
            .output();
        (root && trial.is_ok_and(|output| output.status.success())).then_some(user)
    }

    fn more_threads_than_the_system_gives() {
        watchdog(|| {
            let refusals = Count::default();
            let pool = ThreadPoolExecutor::builder()
                .max_workers(64)
                .thread_factory({
                    let refusals = Arc::clone(&refusals);
                    move |worker| {
                        worker.spawn().inspect_err(|_| {
                            refusals.fetch_add(1, Ordering::SeqCst);
                        })
                    }
                })
                .build()
                .unwrap();
            let (ran, rejected) = storm(&pool, &refusals, 1);
            assert!(ran > 0 && rejected == 0, "{ran} ran, {rejected} refused");
        });
    }

    #[test]
    fn a_real_limit_on_threads_loses_no_task() {
        let limited = || more_threads_than_the_system_gives();
        if env::var_os("CONCURRENT_FUTURES_TEST_ALONE").is_some() {
            alone(&[], limited);
            return;
        }
        let Some(user) = nobody() else {
            eprintln!("SKIPPED: needs root and setpriv to become a user with a limit on threads");
            return;
        };
        let launcher = format!("prlimit --nproc=8 {}", become_user(&user));
        let launcher: Vec<_> = launcher.split(' ').collect();
        alone(&launcher, limited);
    }
}

//! `fork` copies a pool without its workers. The child is told so, at once, and may make pools of its own.

mod inside;
mod verbs;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
};

use concurrent_futures::{Future, TaskError, ThreadPoolExecutor};
use nix::{
    libc,
    sys::wait::{WaitStatus, waitpid},
    unistd::{ForkResult, alarm, fork},
};

use crate::support::{alone, hold, pool, watchdog};

/// Seconds that a child may take.
const LIMIT: u32 = 10;

/// Runs `child` in a child of this process, and checks that it comes to its end there.
fn in_child(child: impl FnOnce()) {
    // SAFETY: the child may meet locks that other threads held; which it does not is what is tested.
    match unsafe { fork() }.expect("the system can fork") {
        ForkResult::Child => {
            alarm::set(LIMIT);
            let status = i32::from(catch_unwind(AssertUnwindSafe(child)).is_err());
            // SAFETY: ends the process, without the handlers that are the parent's.
            unsafe { libc::_exit(status) }
        }
        ForkResult::Parent { child } => match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, 0)) => {}
            other => panic!("the child: {other:?}"),
        },
    }
}

fn refused<T>(future: Future<T>) {
    match future.result() {
        Err(TaskError::Rejected(rejected)) => assert!(rejected.is_forked(), "{rejected}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it ran"),
    }
}

fn stranded<T>(outcome: Result<T, TaskError>) {
    match outcome {
        Err(TaskError::Deadlock(deadlock)) => assert!(deadlock.is_forked(), "{deadlock}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it ran"),
    }
}

fn works(pool: &ThreadPoolExecutor) {
    let futures: Vec<_> = (0..100).map(|n| pool.submit(move || n)).collect();
    for (n, future) in (0..).zip(futures) {
        assert_eq!(future.result().unwrap(), n);
    }
}

#[test]
fn of_a_pool_that_idles() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(2);
            works(&pool);
            in_child(|| {
                let (future, text) = (pool.submit(|| 1), format!("{pool:?}"));
                assert!(future.done() && text.contains("ThreadPoolExecutor"));
                refused(future);
                works(&crate::support::pool(2));
                pool.shutdown();
            });
            works(&pool);
        });
    });
}

#[test]
fn of_a_pool_that_has_never_had_a_worker() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(2);
            in_child(|| {
                refused(pool.submit(|| 1));
                drop(pool.clone());
            });
            works(&pool);
        });
    });
}

#[test]
fn while_tasks_run_and_are_queued() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(1);
            let done = pool.submit(|| "done");
            assert!(done.exception().is_none());
            let held = hold(&pool, 1);
            let queued = pool.submit(|| "queued");
            let mut handed_down = Some((pool.clone(), done, queued));
            in_child(|| {
                let (pool, done, queued) = handed_down.take().unwrap();
                assert_eq!(done.result().unwrap(), "done");
                assert!(held.tasks()[0].running());
                stranded(queued.result());
                drop(pool);
            });
            let (_, done, queued) = handed_down.unwrap();
            held.release();
            assert_eq!(done.result().unwrap(), "done");
            assert_eq!(queued.result().unwrap(), "queued");
        });
    });
}

#[test]
fn while_others_submit() {
    const FORKS: usize = 200;
    alone(&[], || {
        watchdog(|| {
            let pool = pool(2);
            let over = AtomicBool::new(false);
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        while !over.load(SeqCst) {
                            works(&pool);
                        }
                    });
                }
                for _ in 0..FORKS {
                    let inherited = pool.submit(|| 1);
                    let mut inherited = Some((inherited, pool.clone()));
                    in_child(|| {
                        let (inherited, pool) = inherited.take().unwrap();
                        if !inherited.done() {
                            stranded(inherited.result());
                        }
                        for _ in 0..200 {
                            refused(pool.submit(|| 1));
                        }
                        pool.shutdown();
                        drop(pool);
                        assert_eq!(crate::support::pool(1).submit(|| 2).result().unwrap(), 2);
                    });
                }
                over.store(true, SeqCst);
            });
        });
    });
}

#[test]
fn of_a_child_that_forks_again() {
    alone(&[], || {
        watchdog(|| {
            let oldest = pool(1);
            works(&oldest);
            in_child(|| {
                let middle = pool(1);
                works(&middle);
                in_child(|| {
                    refused(oldest.submit(|| 1));
                    refused(middle.submit(|| 1));
                    works(&pool(1));
                });
                works(&middle);
            });
            works(&oldest);
        });
    });
}

#[test]
fn at_whose_end_handlers_and_statics_are_left() {
    use std::sync::LazyLock;
    static POOL: LazyLock<ThreadPoolExecutor> = LazyLock::new(ThreadPoolExecutor::new);
    alone(&[], || {
        watchdog(|| {
            works(&POOL);
            // SAFETY: as in `in_child`.
            match unsafe { fork() }.expect("the system can fork") {
                ForkResult::Child => {
                    alarm::set(LIMIT);
                    std::process::exit(7)
                }
                ForkResult::Parent { child } => {
                    let end = waitpid(child, None).unwrap();
                    assert!(matches!(end, WaitStatus::Exited(_, 7)), "{end:?}");
                }
            }
            works(&POOL);
        });
    });
}

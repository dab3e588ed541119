//! Forks on a worker, and in the middle of a block that waits at its end.

use std::{
    fs::File,
    io::{Read, Write},
    process,
};

use concurrent_futures::CollectAll;
use nix::{
    libc,
    sys::wait::{WaitStatus, waitpid},
    unistd::{ForkResult, alarm, fork, pipe},
};

use super::LIMIT;
use crate::support::{alone, hold, pool, watchdog};

const OWN_END: i32 = 3;

/// Forks; both processes go on. In the parent, the child has ended, with that status.
fn fork_here(status: i32) {
    // SAFETY: as in `in_child`.
    match unsafe { fork() }.expect("the system can fork") {
        ForkResult::Child => {
            alarm::set(LIMIT);
        }
        ForkResult::Parent { child } => {
            let end = waitpid(child, None).expect("a child");
            assert_eq!(end, WaitStatus::Exited(child, status));
        }
    }
}

/// The child of `parent` ends here.
fn end_child_of(parent: u32) {
    if process::id() != parent {
        // SAFETY: ends the process, without the handlers that are the parent's.
        unsafe { libc::_exit(OWN_END) }
    }
}

#[test]
fn a_task_whose_closure_returns_in_the_child_ends_it() {
    alone(&[], || {
        watchdog(|| {
            let (read, write) = pipe().unwrap();
            let write = File::from(write);
            let pool = pool(1);
            let held = hold(&pool, 1);
            let forks = pool.submit(|| fork_here(0));
            // A task that is queued behind it runs in the parent alone: there is one byte of each.
            for _ in 0..10 {
                let mut write = write.try_clone().unwrap();
                pool.submit(move || write.write_all(b"x").unwrap());
            }
            held.release();
            forks.result().unwrap();
            pool.shutdown();
            drop(write);
            let mut ran = String::new();
            File::from(read).read_to_string(&mut ran).unwrap();
            assert_eq!(ran, "xxxxxxxxxx");
        });
    });
}

#[test]
fn an_item_of_a_map_that_forks_ends_the_child() {
    alone(&[], || {
        watchdog(|| {
            let (read, write) = pipe().unwrap();
            let write = File::from(write);
            let pool = pool(1);
            let mapped = pool.map(0..10, move |n| {
                if n == 0 {
                    fork_here(0);
                } else {
                    (&write).write_all(b"x").unwrap();
                }
            });
            assert_eq!(mapped.flatten().count(), 10);
            drop(pool);
            let mut ran = String::new();
            File::from(read).read_to_string(&mut ran).unwrap();
            assert_eq!(ran, "xxxxxxxxx");
        });
    });
}

#[test]
fn a_task_of_the_child_waits_for_nobody() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(1);
            let own = pool.clone();
            let forks = pool.submit(move || {
                let queued = own.submit(|| 1);
                let parent = process::id();
                fork_here(OWN_END);
                if process::id() == parent {
                    return queued.result().unwrap();
                }
                super::stranded(queued.result());
                super::refused(own.submit(|| 2));
                own.shutdown();
                drop(own);
                super::works(&crate::support::pool(1));
                end_child_of(parent);
                0
            });
            assert_eq!(forks.result().unwrap(), 1);
        });
    });
}

#[test]
fn a_scope_is_over_for_the_child() {
    alone(&[], || {
        watchdog(|| {
            let (pool, parent) = (pool(1), process::id());
            let held = hold(&pool, 1);
            let text = String::from("borrowed");
            let length = pool.scope(|scope| {
                let length = scope.submit(|| text.len());
                fork_here(OWN_END);
                if process::id() == parent {
                    held.release();
                    return length.result().unwrap();
                }
                0
            });
            end_child_of(parent);
            assert_eq!(length, text.len());
        });
    });
}

#[test]
fn a_group_is_over_for_the_child() {
    alone(&[], || {
        watchdog(|| {
            let (pool, parent) = (pool(1), process::id());
            let held = hold(&pool, 1);
            let outcomes = pool.group(CollectAll).scope(|group| {
                group.submit(|| 1);
                fork_here(OWN_END);
                if process::id() == parent {
                    held.release();
                }
            });
            let ran = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            end_child_of(parent);
            assert_eq!(ran, 1);
        });
    });
}

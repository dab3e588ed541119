//! Tasks that do not leave their thread, or their process, as they found it.

use std::{
    hint::black_box,
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use concurrent_futures::{ThreadPoolExecutor, blocking};
use nix::libc;

use crate::support::{alone, pool, watchdog};

#[test]
fn a_panic_hook_left_behind() {
    alone(&[], || {
        watchdog(|| {
            let (pool, calls) = (pool(2), Arc::new(AtomicUsize::new(0)));
            let counted = Arc::clone(&calls);
            let leaves = pool.submit(move || {
                panic::set_hook(Box::new(move |_| {
                    counted.fetch_add(1, SeqCst);
                }));
            });
            leaves.result().unwrap();
            for _ in 0..10 {
                let panicked = pool.submit(|| panic!("told to the hook"));
                assert!(panicked.exception().unwrap().is_panic());
            }
            assert_eq!(calls.load(SeqCst), 10);
            drop(panic::take_hook());
        });
    });
}

#[test]
fn a_lower_priority_is_its_workers_own() {
    fn priority() -> libc::c_int {
        // SAFETY: asks for that of the calling thread.
        unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
    }
    alone(&[], || {
        watchdog(|| {
            let (own, pool) = (priority(), pool(1));
            let lowered = pool.submit(|| {
                // SAFETY: sets that of the calling thread.
                assert_eq!(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 19) }, 0);
                priority()
            });
            assert_eq!(lowered.result().unwrap(), 19);
            // The next task finds it so, on Linux, where threads have priorities of their own.
            let later = pool.submit(priority).result().unwrap();
            assert!(later == 19 && (!cfg!(target_os = "linux") || priority() == own));
            assert_eq!(pool.map(0..1000, |n| n).flatten().count(), 1000);
        });
    });
}

#[test]
fn a_recursion_to_nine_tenths_of_the_stack() {
    const STACK: usize = 1024 * 1024;
    fn deeper(top: usize) -> usize {
        let here = black_box([0_u8; 512]);
        let used = top - here.as_ptr().addr();
        if used >= STACK / 10 * 9 {
            used
        } else {
            deeper(top).max(black_box(used))
        }
    }
    alone(&[], || {
        watchdog(|| {
            let pool = ThreadPoolExecutor::builder()
                .max_workers(1)
                .stack_size(STACK)
                .build()
                .unwrap();
            for _ in 0..10 {
                let task = pool.submit(|| {
                    let top = black_box(0_u8);
                    deeper((&raw const top).addr())
                });
                assert!(task.result().unwrap() >= STACK / 10 * 9);
            }
        });
    });
}

#[test]
fn two_pools_that_wait_for_each_other() {
    watchdog(|| {
        // Of one worker each: `left` waits for `right`, which waits for what is queued in `left`.
        let (left, right) = (pool(1), pool(1));
        let (inner, outer) = (left.clone(), right.clone());
        let first = left.submit(move || {
            let second = outer.submit(move || {
                let third = inner.submit(|| 1);
                third.result().unwrap() + 1
            });
            // A wait for another pool is not seen by this one, unless it is told.
            blocking(|| second.result().unwrap() + 1)
        });
        assert_eq!(first.result().unwrap(), 3);
    });
}

#[test]
fn detached_threads_that_outlive_their_task() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit({
            let pool = pool.clone();
            move || thread::spawn(move || pool.submit(|| 7).result().unwrap())
        });
        assert_eq!(task.result().unwrap().join().unwrap(), 7);
    });
}

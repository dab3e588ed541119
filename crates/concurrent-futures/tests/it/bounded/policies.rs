//! What a submit does that finds no room, and does not wait.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};

use concurrent_futures::{Shutdown, WhenFull};

use super::{bounded, is_discarded, is_queue_full};
use crate::support::{Probe, hold, refused_by_shutdown, watchdog};

#[test]
fn a_rejected_task_is_dropped_and_its_future_says_why() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Reject);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| 1);
        let probe = Probe::new();
        let value = probe.value();
        let rejected = pool.submit(move || drop(value));
        assert!(rejected.done() && !rejected.cancelled());
        assert_eq!(probe.died_on(), [thread::current().id()]);
        assert_eq!(
            rejected.exception().unwrap().to_string(),
            "the queue of the pool is full; submit more slowly, or wait for room"
        );
        assert!(is_queue_full(rejected));
        held.release();
        assert_eq!(queued.result().unwrap(), 1);
        assert_eq!(pool.submit(|| 2).result().unwrap(), 2);
    });
}

#[test]
fn a_caller_runs_what_has_no_room() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::CallerRuns);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| thread::current().id());
        let here = pool.submit(|| thread::current().id());
        assert!(here.done());
        assert_eq!(here.result().unwrap(), thread::current().id());
        held.release();
        assert_ne!(queued.result().unwrap(), thread::current().id());
    });
}

#[test]
fn what_the_caller_runs_ends_like_any_task() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::CallerRuns);
        let held = hold(&pool, 1);
        let _queued = pool.submit(|| ());
        let panicked = pool.submit(|| panic!("on purpose"));
        assert!(panicked.exception().unwrap().is_panic());
        let failed = pool.try_submit(|| "x".parse::<u8>());
        assert!(failed.exception().is_some());
        let followed = pool.submit(|| 20).then(|n| n + 1);
        let (tell, told) = mpsc::channel();
        pool.submit(|| 7)
            .add_done_callback(move |outcome| tell.send(*outcome.unwrap()).unwrap());
        assert_eq!(told.recv().unwrap(), 7);
        held.release();
        assert_eq!(followed.result().unwrap(), 21);
    });
}

#[test]
fn a_caller_runs_nothing_for_a_closed_pool() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::CallerRuns);
        let held = hold(&pool, 1);
        let _queued = pool.submit(|| ());
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        refused_by_shutdown(pool.submit(|| ()));
        held.release();
    });
}

#[test]
fn the_oldest_gives_way() {
    watchdog(|| {
        let pool = bounded(1, 3, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let mut futures: Vec<_> = (0..10)
            .map(|n| {
                let value = probe.value();
                pool.submit(move || {
                    let _value = value;
                    n
                })
            })
            .collect();
        // Their closures are gone.
        assert_eq!(probe.alive(), 3);
        held.release();
        let kept = futures.split_off(7);
        assert!(kept.into_iter().map(|f| f.result().unwrap()).eq(7..10));
        assert_eq!(
            futures[0].exception().unwrap().to_string(),
            "the task was discarded: the queue was full and newer tasks came"
        );
        assert!(futures.into_iter().all(is_discarded));
    });
}

#[test]
fn as_many_give_way_as_the_weight_needs() {
    watchdog(|| {
        let pool = bounded(1, 4, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let old = [1, 2, 3, 4].map(|n| pool.submit(move || n));
        let heavy = pool.task().weight(2).submit(|| 0);
        held.release();
        let [first, second, third, fourth] = old;
        assert!(is_discarded(first) && is_discarded(second));
        assert_eq!((third.result().unwrap(), fourth.result().unwrap()), (3, 4));
        assert_eq!(heavy.result().unwrap(), 0);
    });
}

#[test]
fn a_cancelled_task_gives_way_first_wherever_it_stands() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let (first, second) = (pool.submit(|| 1), pool.submit(|| 2));
        assert!(second.cancel());
        let third = pool.submit(|| 3);
        let fourth = pool.submit(|| 4);
        held.release();
        assert!(is_discarded(first));
        assert_eq!((third.result().unwrap(), fourth.result().unwrap()), (3, 4));
    });
}

#[test]
fn callbacks_of_what_is_discarded_run_on_the_submitting_thread() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let seen = Arc::new(Mutex::new(None));
        let old = pool.submit(|| ());
        old.add_done_callback({
            let (seen, pool) = (Arc::clone(&seen), pool.clone());
            move |outcome| {
                assert!(outcome.is_err());
                // No lock is held: the pool may be used.
                assert!(pool.offer(|| ()).is_err());
                *seen.lock().unwrap() = Some(thread::current().id());
            }
        });
        let new = pool.submit(|| ());
        assert_eq!(*seen.lock().unwrap(), Some(thread::current().id()));
        held.release();
        new.result().unwrap();
    });
}

#[test]
fn nothing_is_discarded_for_a_task_that_is_refused() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let old = pool.submit(|| 1);
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        refused_by_shutdown(pool.submit(|| 2));
        held.release();
        assert_eq!(old.result().unwrap(), 1);
    });
}

/// Of a crowd's submits each ends once: run, or discarded; never both, never neither.
#[test]
fn a_crowd_discards_and_runs_each_task_once() {
    const TASKS: usize = 2000;
    watchdog(|| {
        let pool = bounded(2, 4, WhenFull::DiscardOldest);
        let probe = Probe::new();
        let ends: Vec<(usize, usize)> = thread::scope(|scope| {
            let producers: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        let futures: Vec<_> = (0..TASKS)
                            .map(|_| {
                                let value = probe.value();
                                pool.submit(move || drop(value))
                            })
                            .collect();
                        let mut ends = (0, 0);
                        for future in futures {
                            if future.exception().is_none() {
                                ends.0 += 1;
                            } else {
                                assert!(is_discarded(future));
                                ends.1 += 1;
                            }
                        }
                        ends
                    })
                })
                .collect();
            producers.into_iter().map(|p| p.join().unwrap()).collect()
        });
        assert!(ends.iter().all(|(ran, gone)| ran + gone == TASKS));
        assert_eq!(probe.alive(), 0);
        let _held = hold(&pool, 2);
        assert!((0..4).all(|_| pool.offer(|| ()).is_ok()));
        assert!(pool.offer(|| ()).is_err());
    });
}

#[test]
fn the_newest_is_not_discarded_while_a_worker_takes_an_older_one() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::DiscardOldest);
        for number in 0..20_000 {
            let _older = pool.submit(|| ());
            assert_eq!(pool.submit(move || number).result().unwrap(), number);
        }
    });
}

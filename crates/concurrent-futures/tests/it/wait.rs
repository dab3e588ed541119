//! wait: the three modes, the limit in time, and whatever mixture of futures comes.

use std::{
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use concurrent_futures::{Future, ReturnWhen, wait, wait_timeout};

use crate::support::{Gate, hold, pool, watchdog};

use ReturnWhen::{AllCompleted, FirstCompleted, FirstException};

const MODES: [ReturnWhen; 3] = [AllCompleted, FirstCompleted, FirstException];

fn ids<T, E>(futures: &[&Future<T, E>]) -> Vec<concurrent_futures::FutureId> {
    futures.iter().map(|future| future.id()).collect()
}

#[test]
fn nothing_to_wait_for_is_done_at_once() {
    watchdog(|| {
        for mode in MODES {
            let (done, not_done) = wait(Vec::<Future<()>>::new(), mode);
            assert!(done.is_empty() && not_done.is_empty());
            let (done, not_done) = wait_timeout(Vec::<Future<()>>::new(), mode, Duration::ZERO);
            assert!(done.is_empty() && not_done.is_empty());
        }
    });
}

#[test]
fn already_done_futures_are_not_waited_for() {
    watchdog(|| {
        let futures = {
            let pool = pool(2);
            [pool.submit(|| 1), pool.submit(|| 2)]
        };
        for mode in MODES {
            let (done, not_done) = wait(&futures, mode);
            assert_eq!(ids(&done), ids(&[&futures[0], &futures[1]]));
            assert!(not_done.is_empty());
        }
    });
}

#[test]
fn all_completed_waits_for_every_one() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let futures: Vec<_> = (0..20).map(|n| pool.submit(move || n)).collect();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| wait(&futures, AllCompleted));
            held.release();
            let (done, not_done) = waiter.join().unwrap();
            assert!(
                done.iter()
                    .map(|future| future.id())
                    .eq(futures.iter().map(Future::id))
            );
            assert!(not_done.is_empty());
        });
    });
}

#[test]
fn all_completed_goes_on_after_an_error() {
    watchdog(|| {
        let pool = pool(1);
        let failing = pool.try_submit(|| Err::<(), _>("failed"));
        let fine = pool.try_submit(|| Ok::<_, &str>(()));
        let (done, _) = wait([&failing, &fine], AllCompleted);
        assert_eq!(done.len(), 2);
    });
}

#[test]
fn first_completed_returns_at_the_first() {
    watchdog(|| {
        let pool = pool(2);
        let (slow, quick) = (hold(&pool, 1), hold(&pool, 1));
        let futures = [&slow.tasks()[0], &quick.tasks()[0]];
        quick.release();
        let (done, not_done) = wait(futures, FirstCompleted);
        assert_eq!(ids(&done), ids(&[futures[1]]));
        assert_eq!(ids(&not_done), ids(&[futures[0]]));
    });
}

#[test]
fn first_completed_takes_all_that_are_done() {
    watchdog(|| {
        let pool = pool(1);
        let ready = [pool.submit(|| ()), pool.submit(|| ())];
        wait(&ready, AllCompleted);
        let held = hold(&pool, 1);
        let futures = [&ready[0], &held.tasks()[0], &ready[1]];
        let (done, not_done) = wait(futures, FirstCompleted);
        assert_eq!(ids(&done), ids(&[&ready[0], &ready[1]]));
        assert_eq!(ids(&not_done), ids(&[&held.tasks()[0]]));
    });
}

#[test]
fn first_exception_returns_at_the_first_error() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 1);
        let fine = pool.try_submit(|| Ok::<_, String>(()));
        let failing = pool.try_submit(|| Err::<(), _>(String::from("failed")));
        let gate = Gate::new();
        let pending = pool.try_submit({
            let gate = gate.clone();
            move || {
                gate.wait();
                Ok::<_, String>(())
            }
        });
        let (done, not_done) = wait([&fine, &failing, &pending], FirstException);
        assert!(ids(&done).contains(&failing.id()));
        assert_eq!(ids(&not_done), ids(&[&pending]));
        gate.open();
        held.release();
    });
}

#[test]
fn first_exception_returns_at_the_first_panic() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 1);
        let panicking = pool.submit(|| panic!("boom"));
        let (done, not_done) = wait([&held.tasks()[0], &panicking], FirstException);
        assert_eq!(ids(&done), ids(&[&panicking]));
        assert_eq!(ids(&not_done), ids(&[&held.tasks()[0]]));
    });
}

#[test]
fn first_exception_sees_one_that_is_there_already() {
    watchdog(|| {
        let pool = pool(1);
        let panicked = pool.submit(|| panic!("boom"));
        assert!(panicked.exception().is_some());
        let held = hold(&pool, 1);
        let (done, _) = wait([&held.tasks()[0], &panicked], FirstException);
        assert_eq!(ids(&done), ids(&[&panicked]));
    });
}

#[test]
fn first_exception_without_one_waits_for_all() {
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..20).map(|n| pool.submit(move || n)).collect();
        let (done, not_done) = wait(futures, FirstException);
        assert_eq!((done.len(), not_done.len()), (20, 0));
    });
}

#[test]
fn a_refused_task_is_an_exception() {
    watchdog(|| {
        let (closed, open) = (pool(1), pool(1));
        closed.shutdown();
        let refused = closed.submit(|| ());
        let held = hold(&open, 1);
        let (done, not_done) = wait([&held.tasks()[0], &refused], FirstException);
        assert_eq!(ids(&done), ids(&[&refused]));
        assert_eq!(not_done.len(), 1);
    });
}

#[test]
fn a_cancelled_future_counts_as_done_at_once() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let (cancelled, other) = (pool.submit(|| ()), pool.submit(|| ()));
        assert!(cancelled.cancel());
        let (done, not_done) = wait([&cancelled], AllCompleted);
        assert_eq!((done.len(), not_done.len()), (1, 0));
        let (done, not_done) = wait([&other, &cancelled], FirstCompleted);
        assert_eq!(ids(&done), ids(&[&cancelled]));
        assert_eq!(ids(&not_done), ids(&[&other]));
    });
}

#[test]
fn a_cancelled_future_is_no_exception() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let (cancelled, other) = (pool.submit(|| ()), pool.submit(|| ()));
        assert!(cancelled.cancel());
        let (done, not_done) = wait_timeout(
            [&cancelled, &other],
            FirstException,
            Duration::from_millis(20),
        );
        assert_eq!((done.len(), not_done.len()), (1, 1));
        assert!(other.cancel());
        let (done, _) = wait([&cancelled, &other], FirstException);
        assert_eq!(done.len(), 2);
    });
}

#[test]
fn futures_cancelled_by_shutdown_are_done() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..10).map(|_| pool.submit(|| ())).collect();
        let how = concurrent_futures::Shutdown::new()
            .cancel_futures()
            .no_wait();
        pool.shutdown_with(how).unwrap();
        assert_eq!(wait(&queued, AllCompleted).0.len(), 10);
        held.release();
    });
}

#[test]
fn expiry_is_no_error_and_cancels_nothing() {
    watchdog(|| {
        let pool = pool(1);
        let ready = pool.submit(|| ());
        wait([&ready], AllCompleted);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| ());
        for timeout in [Duration::ZERO, Duration::from_millis(20)] {
            let begin = std::time::Instant::now();
            let (done, not_done) = wait_timeout([&queued, &ready], AllCompleted, timeout);
            assert!(begin.elapsed() >= timeout);
            assert_eq!(ids(&done), ids(&[&ready]));
            assert_eq!(ids(&not_done), ids(&[&queued]));
        }
        assert!(!queued.cancelled());
        held.release();
        queued.result().unwrap();
    });
}

#[test]
fn max_waits_for_ever() {
    watchdog(|| {
        let pool = pool(1);
        for mode in MODES {
            let held = hold(&pool, 1);
            thread::scope(|scope| {
                let waiter = scope.spawn(|| wait_timeout(held.tasks(), mode, Duration::MAX));
                thread::sleep(Duration::from_millis(10));
                held.release();
                assert_eq!(waiter.join().unwrap().0.len(), 1);
            });
        }
    });
}

#[test]
fn futures_of_several_pools_and_kinds() {
    watchdog(|| {
        let (one, other) = (pool(1), pool(1));
        let number = one.submit(|| 1);
        let text = other.try_submit(|| Err::<String, _>(2_u8));
        let shared = other.submit(|| 'c').shared();
        let all: [&dyn concurrent_futures::Waitable; 3] = [&number, &text, &shared];
        let (done, not_done) = wait(all, AllCompleted);
        assert_eq!((done.len(), not_done.len()), (3, 0));
    });
}

#[test]
fn keys_come_back_with_their_futures() {
    watchdog(|| {
        let pool = pool(2);
        let pairs: Vec<_> = (0..10).map(|n| (n, pool.submit(move || n * n))).collect();
        let (done, _) = wait(pairs, AllCompleted);
        assert_eq!(done.len(), 10);
        for (index, (key, future)) in done.into_iter().enumerate() {
            assert_eq!(key, index);
            assert_eq!(future.result().unwrap(), key * key);
        }
    });
}

#[test]
fn the_same_future_twice_under_two_keys() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| ());
        thread::scope(|scope| {
            for mode in MODES {
                let task = &task;
                scope.spawn(move || {
                    let (done, not_done) = wait([("one", task), ("two", task)], mode);
                    assert_eq!((done.len(), not_done.len()), (2, 0), "{mode:?}");
                });
            }
            thread::yield_now();
            held.release();
        });
    });
}

#[test]
fn both_lists_keep_the_input_s_order() {
    watchdog(|| {
        let pool = pool(1);
        let ready: Vec<_> = (0..5).map(|_| pool.submit(|| ())).collect();
        wait(&ready, AllCompleted);
        let _held = hold(&pool, 1);
        let pending: Vec<_> = (0..5).map(|_| pool.submit(|| ())).collect();
        let mixed = pending
            .iter()
            .zip(&ready)
            .flat_map(|(one, other)| [one, other]);
        let (done, not_done) = wait_timeout(mixed, AllCompleted, Duration::ZERO);
        assert!(
            done.iter()
                .map(|future| future.id())
                .eq(ready.iter().map(Future::id))
        );
        assert!(
            not_done
                .iter()
                .map(|future| future.id())
                .eq(pending.iter().map(Future::id))
        );
    });
}

#[test]
fn a_hundred_futures_ending_at_once_are_one_end() {
    watchdog(|| {
        for _ in 0..3 {
            let pool = pool(100);
            let meeting = Arc::new(Barrier::new(100));
            let futures: Vec<_> = (0..100)
                .map(|_| {
                    let meeting = Arc::clone(&meeting);
                    pool.submit(move || {
                        meeting.wait();
                    })
                })
                .collect();
            assert_eq!(wait(futures, AllCompleted).0.len(), 100);
        }
    });
}

#[test]
fn waiting_for_the_rest_again_and_again() {
    watchdog(|| {
        let pool = pool(2);
        let mut rest: Vec<_> = (0..200).map(|n| pool.submit(move || n)).collect();
        let mut sum = 0;
        while !rest.is_empty() {
            let (done, not_done) = wait(rest, FirstCompleted);
            assert!(!done.is_empty());
            sum += done
                .into_iter()
                .map(|future| future.result().unwrap())
                .sum::<u32>();
            rest = not_done;
        }
        assert_eq!(sum, (0..200).sum::<u32>());
    });
}

#[test]
fn many_waiters_of_the_same_futures() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let futures: Vec<_> = (0..50).map(|n| pool.submit(move || n)).collect();
        thread::scope(|scope| {
            for waiter in 0..6 {
                let futures = &futures;
                scope.spawn(move || {
                    let (done, _) = wait(futures, MODES[waiter % 3]);
                    assert!(!done.is_empty());
                });
            }
            thread::yield_now();
            held.release();
        });
    });
}

#[test]
fn a_wait_that_expired_leaves_nothing_behind() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| 1);
        for mode in MODES {
            for _ in 0..1000 {
                let (_, not_done) = wait_timeout([&task], mode, Duration::from_nanos(1));
                assert_eq!(not_done.len(), 1);
            }
        }
        held.release();
        assert_eq!(task.result().unwrap(), 1);
    });
}

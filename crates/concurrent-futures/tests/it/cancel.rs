//! cancel: only before the start, at once, and heard by everyone who waits.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use concurrent_futures::{ReturnWhen, TaskError, as_completed, wait};

use crate::support::{Probe, hold, pool, watchdog};

#[test]
fn a_pending_task_is_cancelled_and_never_runs() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let ran = Arc::new(AtomicBool::new(false));
        let task = pool.submit({
            let ran = Arc::clone(&ran);
            move || ran.store(true, Ordering::SeqCst)
        });
        assert!(task.cancel());
        held.release();
        pool.shutdown();
        assert!(!ran.load(Ordering::SeqCst));
    });
}

#[test]
fn cancelling_again_is_true_again() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| ());
        assert!(task.cancel());
        assert!(task.cancel());
        held.release();
        pool.shutdown();
        assert!(task.cancel());
    });
}

#[test]
fn a_running_task_cannot_be_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let running = &held.tasks()[0];
        assert!(!running.cancel());
        assert!(running.running());
        held.release();
        assert!(running.exception().is_none());
        assert!(!running.cancelled());
    });
}

#[test]
fn a_finished_task_cannot_be_cancelled() {
    watchdog(|| {
        let task = pool(1).submit(|| 5);
        assert!(task.exception().is_none());
        assert!(!task.cancel());
        assert_eq!(task.result().unwrap(), 5);
    });
}

#[test]
fn a_refused_task_cannot_be_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        pool.shutdown();
        let task = pool.submit(|| ());
        assert!(!task.cancel());
        assert!(!task.cancelled());
    });
}

#[test]
fn the_closure_is_dropped_at_once_by_the_canceller() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let task = pool.submit(move || drop(value));
        assert_eq!(probe.alive(), 1);
        assert!(task.cancel());
        assert_eq!(probe.died_on(), [thread::current().id()]);
    });
}

#[test]
fn closures_of_many_cancelled_tasks_are_all_dropped_at_once() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let tasks: Vec<_> = (0..1000)
            .map(|_| {
                let value = probe.value();
                pool.submit(move || drop(value))
            })
            .collect();
        assert!(tasks.iter().rev().all(concurrent_futures::Future::cancel));
        assert_eq!(probe.alive(), 0);
        held.release();
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
        assert_eq!(probe.deaths(), 1000);
    });
}

#[test]
fn wakes_who_waits_for_the_result() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let task = pool.submit(|| ()).shared();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| assert!(task.result().unwrap_err().is_cancelled()));
                scope.spawn(|| assert!(task.exception().unwrap().is_cancelled()));
            }
            thread::yield_now();
            assert!(task.cancel());
        });
    });
}

#[test]
fn wakes_wait_and_as_completed_though_every_worker_is_busy() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let (one, other) = (pool.submit(|| ()), pool.submit(|| ()));
        thread::scope(|scope| {
            scope.spawn(|| assert_eq!(wait([&one], ReturnWhen::AllCompleted).0.len(), 1));
            scope.spawn(|| assert_eq!(as_completed([&other]).count(), 1));
            thread::yield_now();
            assert!(one.cancel());
            assert!(other.cancel());
        });
    });
}

#[test]
fn callbacks_run_in_the_canceller_before_cancel_returns() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let (sender, calls) = mpsc::channel();
        let task = pool.submit(|| ());
        for index in 0..3 {
            let sender = sender.clone();
            task.add_done_callback(move |outcome| {
                let cancelled = outcome.is_err_and(TaskError::is_cancelled);
                sender
                    .send((index, cancelled, thread::current().id()))
                    .unwrap();
            });
        }
        assert!(task.cancel());
        let here = thread::current().id();
        let calls: Vec<_> = calls.try_iter().collect();
        assert_eq!(calls, [(0, true, here), (1, true, here), (2, true, here)]);
        assert!(task.cancel(), "and are not called again");
    });
}

#[test]
fn from_within_another_task() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, victims) = mpsc::channel::<concurrent_futures::Future<()>>();
        let canceller = pool.submit(move || victims.recv().unwrap().cancel());
        sender.send(pool.submit(|| ())).unwrap();
        held.release();
        assert!(canceller.result().unwrap());
    });
}

#[test]
fn a_race_with_the_worker_has_one_winner() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        for _ in 0..3000 {
            let runs = Arc::new(AtomicUsize::new(0));
            let task = pool.submit({
                let (runs, value) = (Arc::clone(&runs), probe.value());
                move || {
                    drop(value);
                    runs.fetch_add(1, Ordering::SeqCst)
                }
            });
            let cancelled = task.cancel();
            let outcome = task.result();
            assert_eq!(outcome.is_err(), cancelled);
            assert_eq!(runs.load(Ordering::SeqCst), usize::from(!cancelled));
        }
        pool.shutdown();
        assert_eq!((probe.births(), probe.deaths()), (3000, 3000));
    });
}

#[test]
fn cancellers_side_by_side_agree() {
    watchdog(|| {
        let pool = pool(1);
        for _ in 0..200 {
            let calls = Arc::new(AtomicUsize::new(0));
            let task = pool.submit(|| ());
            task.add_done_callback({
                let calls = Arc::clone(&calls);
                move |_| {
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            });
            let start = Barrier::new(2);
            let answers = thread::scope(|scope| {
                let cancel = || {
                    start.wait();
                    task.cancel()
                };
                let other = scope.spawn(cancel);
                (cancel(), other.join().unwrap())
            });
            assert_eq!(answers.0, answers.1);
            assert_eq!(answers.0, task.result().is_err());
            // The callback belongs to whoever ended the task, and may still be on its way.
            while calls.load(Ordering::SeqCst) == 0 {
                thread::yield_now();
            }
            assert_eq!(calls.load(Ordering::SeqCst), 1);
        }
    });
}

#[test]
fn cancelled_just_before_shutdown() {
    watchdog(|| {
        for _ in 0..300 {
            let pool = pool(1);
            let task = pool.submit(|| ());
            task.cancel();
            pool.shutdown();
            assert!(task.done());
        }
    });
}

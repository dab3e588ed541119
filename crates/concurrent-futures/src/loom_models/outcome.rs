//! One task and its outcome.

use super::rig::{Alone, Count, model, spawn, task};
use crate::{error::TaskError, task::Ending, time::Limit};
use std::sync::Arc;

/// Catches a value that is taken before it was written, and a sleeper that nobody wakes.
#[test]
fn a_waiting_thread_takes_the_value() {
    model(|| {
        let (task, handle) = task(|| 7);
        let worker = spawn(move || task.run(&mut Alone));
        assert_eq!(handle.take().unwrap(), 7);
        worker.join().unwrap();
    });
}

/// Catches a task that both runs and is cancelled, or neither, a closure that is dropped twice or
/// lives on when the task is seen done, and a waiter that a cancel does not wake.
#[test]
fn a_task_runs_or_is_cancelled() {
    model(|| {
        let (ran, dropped) = (Count::default(), Count::watched());
        let (count, probe) = (ran.clone(), dropped.probe());
        let (task, handle) = task(move || {
            let _captured = probe;
            count.add();
        });
        let handle = Arc::new(handle);
        let shared = Arc::clone(&handle);
        let canceller = spawn(move || shared.cancel());
        let worker = spawn(move || task.run(&mut Alone));
        assert!(handle.wait_done(Limit::Forever).unwrap());
        let seen = dropped.get();
        let cancelled = canceller.join().unwrap();
        // That of a cancelled one is gone when the call returns that cancels it.
        assert!(cancelled || seen == 1, "a task that ran has no closure");
        worker.join().unwrap();
        assert_eq!(ran.get() + usize::from(cancelled), 1);
        assert_eq!(dropped.get(), 1);
        let outcome = Arc::into_inner(handle).unwrap().take();
        assert_eq!(cancelled, matches!(outcome, Err(TaskError::Cancelled)));
    });
}

/// Catches a task that is ended by the pool and by its owner, and two owners of one closure.
#[test]
fn a_task_is_refused_or_cancelled() {
    model(|| {
        let dropped = Count::default();
        let probe = dropped.probe();
        let (task, handle) = task(move || drop(probe));
        let pool = spawn(move || task.end(&Ending::Shutdown));
        let cancelled = handle.cancel();
        let outcome = handle.take();
        pool.join().unwrap();
        match outcome {
            Err(TaskError::Cancelled) => assert!(cancelled),
            Err(TaskError::Rejected(_)) => assert!(!cancelled),
            _ => panic!("it did not run"),
        }
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches an outcome that both ends drop, or neither, and a slot that is freed twice, too early,
/// or never.
#[test]
fn a_dropped_handle_leaves_the_outcome_to_the_worker() {
    model(|| {
        let dropped = Count::default();
        let probe = dropped.probe();
        let (task, handle) = task(move || probe);
        let worker = spawn(move || task.run(&mut Alone));
        drop(handle);
        worker.join().unwrap();
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches the same for an outcome that is moved out: the worker must not drop it once more.
#[test]
fn a_taken_outcome_is_dropped_by_its_taker() {
    model(|| {
        let dropped = Count::watched();
        let probe = dropped.probe();
        let (task, handle) = task(move || probe);
        let worker = spawn(move || task.run(&mut Alone));
        let value = handle.take().unwrap();
        assert_eq!(dropped.get(), 0);
        drop(value);
        worker.join().unwrap();
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches a slot that is freed twice or never when its worker finds the task cancelled while the
/// canceller lets go.
#[test]
fn a_cancelled_slot_is_freed_once() {
    model(|| {
        let (ran, dropped) = (Count::default(), Count::default());
        let (count, probe) = (ran.clone(), dropped.probe());
        let (task, handle) = task(move || {
            let _captured = probe;
            count.add();
        });
        let worker = spawn(move || task.run(&mut Alone));
        let cancelled = handle.cancel();
        drop(handle);
        worker.join().unwrap();
        assert_eq!(ran.get() + usize::from(cancelled), 1);
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches a box that is freed twice, or never, when closure and outcome do not fit into the slot.
#[test]
fn a_boxed_task_frees_its_box() {
    model(|| {
        let dropped = Count::default();
        let captured = ([1_usize; 8], dropped.probe());
        let (task, handle) = task(move || captured);
        let worker = spawn(move || task.run(&mut Alone));
        if handle.wait_done(Limit::Poll).unwrap() {
            assert_eq!(handle.take().unwrap().0, [1; 8]);
        } else {
            drop(handle);
        }
        worker.join().unwrap();
        assert_eq!(dropped.get(), 1);
    });
}

//! Tasks that nobody here runs.

use super::rig::{Count, Probe, model, spawn};
use crate::{Promise, error::TaskError, sync::Mutex, sync::lock};
use std::sync::Arc;

/// Catches a promise that is both kept and cancelled, or neither, a value that is dropped twice or never,
/// and a waiter that is not woken.
#[test]
fn a_promise_is_kept_or_cancelled() {
    model(|| {
        let dropped = Count::default();
        let probe = dropped.probe();
        let (promise, future) = Promise::<Probe>::new();
        let keeper = spawn(move || promise.set_result(probe).is_ok());
        let cancelled = future.cancel();
        let outcome = future.result();
        assert_eq!(cancelled, matches!(outcome, Err(TaskError::Cancelled)));
        drop(outcome);
        assert_eq!(keeper.join().unwrap(), !cancelled);
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches a promise that says it has begun, and is cancelled.
#[test]
fn a_promise_that_has_begun_is_not_cancelled() {
    model(|| {
        let (promise, future) = Promise::<i32>::new();
        let keeper = spawn(move || {
            promise
                .set_running_or_notify_cancel()
                .then(|| promise.set_result(1))
        });
        let cancelled = future.cancel();
        assert_eq!(future.result().is_err(), cancelled);
        assert_eq!(keeper.join().unwrap().is_none(), cancelled);
    });
}

/// Catches a cancel that ends what is decided elsewhere, one that is true of a task that is not
/// cancelled, and a slot that is used when what decides has gone.
#[test]
fn elsewhere_the_holder_alone_decides() {
    model(|| {
        let place = Arc::new(Mutex::new(None::<Promise<i32>>));
        let asked = Arc::clone(&place);
        let (promise, future) = Promise::<i32>::builder()
            .revoke(move || {
                let promise = lock(&asked).take();
                if let Some(promise) = promise {
                    promise.complete(Err(TaskError::Cancelled)).unwrap();
                }
            })
            .build();
        *lock(&place) = Some(promise);
        let keeper = spawn(move || {
            let promise = lock(&place).take();
            promise.map(|promise| promise.set_result(1))
        });
        let cancelled = future.cancel();
        assert_eq!(future.result().is_err(), cancelled);
        let kept = keeper.join().unwrap();
        assert_eq!(kept, (!cancelled).then_some(Ok(())));
    });
}

/// Catches a promise that nobody keeps and whose future is waited for, also if it has begun.
#[test]
fn a_promise_that_is_dropped_ends_its_future() {
    model(|| {
        let (promise, future) = Promise::<i32>::new();
        let keeper = spawn(move || {
            promise.set_running_or_notify_cancel();
            drop(promise);
        });
        assert!(matches!(future.result(), Err(TaskError::Cancelled)));
        keeper.join().unwrap();
    });
}

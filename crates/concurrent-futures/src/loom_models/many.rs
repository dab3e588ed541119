//! One thread that waits for several tasks.

use super::rig::{Alone, Count, large_model, model, spawn, spoil_stack, task};
use crate::{Future, ReturnWhen, as_completed, error::TaskError, task::Ending, wait};
use std::time::Duration;

/// Catches a count that misses one of two ends that meet, and a last one that does not wake.
#[test]
fn a_thread_waits_for_two() {
    model(|| {
        let (first, one) = task(|| 1);
        let (second, two) = task(|| 2);
        let a = spawn(move || first.run(&mut Alone));
        let b = spawn(move || second.run(&mut Alone));
        let futures = [Future::new(one), Future::new(two)];
        let (done, not_done) = wait(futures, ReturnWhen::AllCompleted);
        spoil_stack();
        assert_eq!((done.len(), not_done.len()), (2, 0));
        a.join().unwrap();
        b.join().unwrap();
    });
}

/// Catches a worker that tells a waiter who has left, because one of the tasks was enough for it.
#[test]
fn a_thread_waits_for_the_first_of_two() {
    large_model(|| {
        let (first, one) = task(|| 1);
        let (second, two) = task(|| 2);
        let a = spawn(move || first.run(&mut Alone));
        let b = spawn(move || second.run(&mut Alone));
        let futures = [Future::new(one), Future::new(two)];
        let (done, _) = wait(&futures, ReturnWhen::FirstCompleted);
        spoil_stack();
        assert!(!done.is_empty());
        a.join().unwrap();
        b.join().unwrap();
    });
}

/// Catches an error that does not end the wait while the other task has not even begun.
#[test]
fn a_thread_waits_for_the_first_error() {
    model(|| {
        let (first, one) = task(|| 1);
        let (second, two) = task(|| 2);
        let a = spawn(move || first.end(&Ending::Shutdown));
        let futures = [Future::new(one), Future::new(two)];
        let (done, not_done) = wait(&futures, ReturnWhen::FirstException);
        spoil_stack();
        assert_eq!((done.len(), not_done.len()), (1, 1));
        a.join().unwrap();
        second.run(&mut Alone);
        let [one, two] = futures.map(Future::result);
        assert!(matches!(one, Err(TaskError::Rejected(_))));
        assert_eq!(two.unwrap(), 2);
    });
}

/// Catches a completion that is pushed while the consumer falls asleep and does not wake it, and
/// one that is lost or given out twice when two meet.
#[test]
fn a_thread_takes_two_as_they_complete() {
    large_model(|| {
        let (first, one) = task(|| 1);
        let (second, two) = task(|| 2);
        let a = spawn(move || first.run(&mut Alone));
        let b = spawn(move || second.run(&mut Alone));
        let sum: i32 = as_completed([Future::new(one), Future::new(two)])
            .map(|future| future.result().unwrap())
            .sum();
        assert_eq!(sum, 3);
        a.join().unwrap();
        b.join().unwrap();
    });
}

/// Catches a worker that pushes on the stack of a consumer that has gone half-way.
#[test]
fn a_consumer_goes_half_way() {
    large_model(|| {
        let dropped = Count::default();
        let (x, y) = (dropped.probe(), dropped.probe());
        let (first, one) = task(move || x);
        let (second, two) = task(move || y);
        let a = spawn(move || first.run(&mut Alone));
        let b = spawn(move || second.run(&mut Alone));
        let mut completed = as_completed([Future::new(one), Future::new(two)]);
        drop(completed.next().unwrap().result().unwrap());
        drop(completed);
        a.join().unwrap();
        b.join().unwrap();
        assert_eq!(dropped.get(), 2);
    });
}

/// Catches a member that is given out or given back twice, or not at all, when the time is over
/// while its task ends.
#[test]
fn a_consumer_has_no_time() {
    model(|| {
        let (first, one) = task(|| 1);
        let a = spawn(move || first.run(&mut Alone));
        let mut completed = as_completed([Future::new(one)]).timeout(Duration::ZERO);
        let in_time = completed.next().unwrap().ok();
        let mut left = completed.into_pending();
        let future = in_time.or_else(|| left.pop()).unwrap();
        assert!(left.is_empty());
        assert_eq!(future.result().unwrap(), 1);
        a.join().unwrap();
    });
}

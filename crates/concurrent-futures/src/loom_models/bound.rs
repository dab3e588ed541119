//! Room in a bounded queue, and those who wait for it.

use super::{
    pool::Crew,
    rig::{Count, here, large_model, model, spawn},
};
use crate::{
    error::TaskError,
    pool::bound::{Bound, Full},
    submission::{WhenFull, submit},
    task::work::Plain,
    time::Limit,
};
use std::sync::Arc;

fn bound(capacity: usize) -> Arc<Bound> {
    Bound::new(capacity, WhenFull::Block)
}

/// Catches room that is given back just when somebody goes to wait for it, and two who are let in for
/// one.
#[test]
fn room_is_given_back_while_one_goes_to_wait() {
    model(|| {
        let bound = bound(1);
        let permit = bound.try_take(1).unwrap();
        let waiting = Arc::clone(&bound);
        let waiter = spawn(move || drop(waiting.take(1, Limit::Forever).unwrap().unwrap()));
        drop(permit);
        waiter.join().unwrap();
        assert!(bound.try_take(1).is_some());
    });
}

/// Catches a waiter behind another one whom nobody serves, and one who is overlooked because the
/// flag was taken down.
#[test]
fn two_wait() {
    model(|| {
        let bound = bound(1);
        let permit = bound.try_take(1).unwrap();
        let waiters = [(); 2].map(|()| {
            let waiting = Arc::clone(&bound);
            spawn(move || drop(waiting.take(1, Limit::Forever).unwrap().unwrap()))
        });
        drop(permit);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert!(bound.try_take(1).is_some());
    });
}

/// Catches a heavy waiter who misses one of two that give back.
#[test]
fn a_heavy_one_waits_for_two() {
    model(|| {
        let bound = bound(2);
        let permits = [(); 2].map(|()| bound.try_take(1).unwrap());
        let waiting = Arc::clone(&bound);
        let waiter = spawn(move || drop(waiting.take(2, Limit::Forever).unwrap().unwrap()));
        let [first, second] = permits;
        let giver = spawn(move || drop(first));
        drop(second);
        giver.join().unwrap();
        waiter.join().unwrap();
        assert!(bound.try_take(2).is_some());
    });
}

/// Catches room that is lost when a task is let in over the bound.
#[test]
fn one_is_let_in_while_room_is_given_back() {
    model(|| {
        let bound = bound(2);
        let permit = bound.try_take(1).unwrap();
        let giver = spawn(move || drop(permit));
        drop(bound.force(2));
        giver.join().unwrap();
        assert!(bound.try_take(2).is_some());
    });
}

/// Catches room that is lost when the bound is closed.
#[test]
fn the_bound_is_closed_while_room_is_given_back() {
    model(|| {
        let bound = bound(1);
        let permit = bound.try_take(1).unwrap();
        let giver = spawn(move || drop(permit));
        bound.close();
        giver.join().unwrap();
        assert!(bound.try_take(1).is_some());
    });
}

/// Catches a waiter that sleeps through the close.
#[test]
fn the_bound_is_closed_while_one_goes_to_wait() {
    model(|| {
        let bound = bound(1);
        let permit = bound.try_take(1).unwrap();
        let waiting = Arc::clone(&bound);
        let waiter = spawn(move || waiting.take(1, Limit::Forever).map(drop));
        bound.close();
        assert_eq!(waiter.join().unwrap(), Ok(()));
        drop(permit);
    });
}

/// Catches room that is given to somebody who does not wait, and flags that stay behind.
#[test]
fn one_asks_while_room_is_given_back() {
    model(|| {
        let bound = bound(1);
        let permit = bound.try_take(1).unwrap();
        let asking = Arc::clone(&bound);
        let asker = spawn(move || match asking.take(1, Limit::Poll) {
            Ok(permit) => assert!(permit.is_some()),
            Err(Full) => {}
        });
        drop(permit);
        asker.join().unwrap();
        assert!(bound.try_take(1).is_some());
    });
}

/// Catches a submitter who waits for room that a worker has given back, and a worker that sleeps
/// while somebody comes in from the line.
#[test]
fn a_submitter_waits_for_a_worker() {
    large_model(|| {
        let crew = Crew::narrow(WhenFull::Block);
        let first = crew.submit(|| 1);
        let second = crew.submit(|| 2);
        assert_eq!(first.take().unwrap(), 1);
        assert_eq!(second.take().unwrap(), 2);
        crew.end();
    });
}

/// Catches a submitter who waits for a pool that was closed, and room that is lost with a refusal.
#[test]
fn a_pool_is_closed_while_a_submitter_waits() {
    large_model(|| {
        let crew = Crew::narrow(WhenFull::Block);
        let pool = Arc::clone(&crew.pool);
        let producer = spawn(move || {
            let handles = [(); 2].map(|()| submit(&pool, Plain(|| 1), here()));
            drop(pool);
            handles.map(|handle| match handle.take() {
                Ok(value) => assert_eq!(value, 1),
                Err(error) => assert!(matches!(error, TaskError::Rejected(_))),
            })
        });
        crew.pool.close();
        producer.join().unwrap();
        crew.end();
    });
}

/// Catches a task that is discarded and run, or neither, and one that gives way to nobody.
#[test]
fn a_task_is_discarded_or_run() {
    large_model(|| {
        let crew = Crew::narrow(WhenFull::DiscardOldest);
        let ran = Count::default();
        let handles = [(); 2].map(|()| {
            let ran = ran.clone();
            crew.submit(move || ran.add())
        });
        let ends = handles.map(|handle| match handle.take() {
            Ok(_) => 1,
            Err(TaskError::Rejected(reason)) if reason.is_discarded() => 0,
            Err(other) => panic!("{other:?}"),
        });
        assert_eq!(ends.iter().sum::<usize>(), ran.get());
        assert_eq!(ends[1], 1);
        crew.end();
    });
}

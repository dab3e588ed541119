//! Room in a bounded queue, and those who wait for it.

use super::rig::{model, spawn};
use crate::{
    pool::bound::{Bound, Full},
    submission::WhenFull,
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

//! Pools whose workers come and go.

use super::{
    super::ledger::Ledger,
    super::rig::{catches_mutant, model, spawn},
    house::{House, up_to},
};
use crate::sync::mutant::{Access, Twist};
use std::{sync::Arc, time::Duration};

/// Workers that go as soon as they are idle, while two producers wait for one task after the other.
fn keep_alive() {
    let ledger = Ledger::default();
    let house = House::new(up_to(2).keep_alive(Duration::ZERO));
    let producers = [(); 2].map(|()| {
        let (pool, ledger) = (Arc::clone(&house.pool), ledger.clone());
        spawn(move || {
            for _ in 0..3 {
                ledger.collect([pool.submit(ledger.task())]);
            }
        })
    });
    for producer in producers {
        producer.join().unwrap();
    }
    house.end();
    ledger.settle();
    assert_eq!(ledger.ran(), 6);
}

/// Catches a task whose producer counted on a worker that was going.
#[test]
fn workers_expire_while_tasks_come() {
    model(keep_alive);
}

#[test]
fn a_torn_departure_is_caught() {
    catches_mutant(
        "storms::sizes::a_torn_departure_is_caught",
        "",
        Access::new(
            "pool/idle/retire.rs",
            "step_off(&self, step",
            "compare_exchange_weak",
        ),
        Twist::Torn,
        || model(keep_alive),
    );
}

/// Limits that go up and down, while tasks come of which one waits for the other.
fn resizes() {
    let ledger = Ledger::default();
    let house = House::new(up_to(1));
    let resizer = {
        let pool = Arc::clone(&house.pool);
        spawn(move || {
            for limit in [3, 1, 2] {
                pool.set_max_workers(limit).unwrap();
            }
        })
    };
    let producers = [(); 2].map(|()| {
        let (pool, ledger) = (Arc::clone(&house.pool), ledger.clone());
        spawn(move || ledger.collect([(); 3].map(|()| pool.submit(ledger.task()))))
    });
    resizer.join().unwrap();
    // As many as are allowed by now, all at once.
    let meeting = Arc::new(super::super::rig::Meeting::new(2));
    let guests = [(); 2].map(|()| {
        let meeting = Arc::clone(&meeting);
        house.pool.submit(move || meeting.attend())
    });
    for guest in guests {
        guest.result().unwrap();
    }
    for producer in producers {
        producer.join().unwrap();
    }
    house.end();
    ledger.settle();
    assert_eq!(ledger.ran(), 6);
}

/// Catches a task that is forgotten by a worker that leaves, and one that waits although one more worker
/// is allowed.
#[test]
fn limits_change_while_tasks_come() {
    model(resizes);
}

#[test]
fn a_limit_that_is_lost_is_caught() {
    catches_mutant(
        "storms::sizes::a_limit_that_is_lost_is_caught",
        "",
        Access::new(
            "pool/idle/quota.rs",
            "change(&self",
            "compare_exchange_weak",
        ),
        Twist::Skipped,
        || model(resizes),
    );
}

//! Bounded queues, groups and maps.

use super::{
    super::ledger::Ledger,
    super::rig::{JoinHandle, catches_mutant, model, spawn},
    house::{House, up_to},
};
use crate::{
    CancelToken, FailFast, Shutdown, WhenFull,
    sync::mutant::{Access, Twist},
};
use std::sync::Arc;

/// Three submitters before a queue with room for one.
fn submitters(ledger: &Ledger, house: &House) -> [JoinHandle<()>; 3] {
    [(); 3].map(|()| {
        let (pool, ledger) = (Arc::clone(&house.pool), ledger.clone());
        spawn(move || ledger.collect([(); 2].map(|()| pool.submit(ledger.task()))))
    })
}

fn narrow() -> House {
    let builder = up_to(1).queue_capacity(1);
    House::new(builder.when_full(WhenFull::Block))
}

fn bounded() {
    let (ledger, house) = (Ledger::default(), narrow());
    for submitter in submitters(&ledger, &house) {
        submitter.join().unwrap();
    }
    house.end();
    ledger.settle();
    assert_eq!(ledger.ran(), 6);
}

/// Catches a submitter who is not told of room, and room that is lost.
#[test]
fn submitters_wait_before_a_full_queue() {
    model(bounded);
}

#[test]
fn room_that_is_lost_is_caught() {
    catches_mutant(
        "storms::doors::room_that_is_lost_is_caught",
        "deadlock",
        Access::new("pool/bound/mod.rs", "give_back(&self", "fetch_sub"),
        Twist::Torn,
        || model(bounded),
    );
}

/// The same, and the queue is closed at any moment.
fn bounded_and_closed() {
    let (ledger, house) = (Ledger::default(), narrow());
    let submitters = submitters(&ledger, &house);
    house.pool.shutdown_with(Shutdown::new()).unwrap();
    for submitter in submitters {
        submitter.join().unwrap();
    }
    house.end();
    ledger.settle();
}

/// Catches a submitter who is not told of the close.
#[test]
fn a_full_queue_is_closed() {
    model(bounded_and_closed);
}

#[test]
fn an_answer_that_is_not_given_is_caught() {
    catches_mutant(
        "storms::doors::an_answer_that_is_not_given_is_caught",
        "deadlock",
        Access::new("pool/bound/line.rs", "tell(&self", "store"),
        Twist::Skipped,
        || model(bounded_and_closed),
    );
}

/// A group of which one fails at any moment, while another thread adds tasks.
fn group() {
    let ledger = Ledger::default();
    let house = House::new(up_to(2));
    let group = house.pool.group(FailFast).open::<_, &str>();
    let group = Arc::new(group);
    let adder = {
        let (group, ledger) = (Arc::clone(&group), ledger.clone());
        spawn(move || {
            for _ in 0..2 {
                let task = ledger.task();
                group.try_submit(move || Ok(task()));
            }
        })
    };
    group.try_submit(|| Err("broken"));
    group.try_submit(|| {
        CancelToken::current().wait();
        Err("stopped")
    });
    let task = ledger.task();
    group.try_submit(move || Ok(task()));
    adder.join().unwrap();
    let group = Arc::into_inner(group).expect("the only handle");
    assert!(group.join().is_err());
    house.end();
    ledger.settle_drops();
}

/// Catches a group that waits for a member which was cancelled, and a member that is added while the
/// others are stopped, and goes on.
#[test]
fn a_group_fails_while_tasks_are_added() {
    model(group);
}

#[test]
fn a_stop_that_is_not_told_is_caught() {
    catches_mutant(
        "storms::doors::a_stop_that_is_not_told_is_caught",
        "",
        Access::new("token/node.rs", "cancel(", "store"),
        Twist::Skipped,
        || model(group),
    );
}

/// Two maps at the same time, of which one is given up half-way, in a pool that grows.
fn maps() {
    let house = House::new(up_to(1));
    let other = {
        let pool = Arc::clone(&house.pool);
        spawn(move || drop(pool.map(0..3, |n| n).next()))
    };
    let grower = {
        let pool = Arc::clone(&house.pool);
        spawn(move || pool.set_max_workers(2).unwrap())
    };
    let results = house.pool.map(0..4, |n| n + 1);
    let values: Vec<i32> = results.collect::<Result<_, _>>().unwrap();
    assert_eq!(values, [1, 2, 3, 4]);
    other.join().unwrap();
    grower.join().unwrap();
    house.end();
}

/// Catches an item that is run twice or never, and an iteration that sleeps through its outcome.
#[test]
fn maps_share_a_pool_that_grows() {
    model(maps);
}

#[test]
fn items_that_are_taken_twice_are_caught() {
    catches_mutant(
        "storms::doors::items_that_are_taken_twice_are_caught",
        "",
        Access::new("map/claims.rs", "take_sealed(&self", "fetch_add"),
        Twist::Torn,
        || model(maps),
    );
}

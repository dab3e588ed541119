//! How tasks and pools end.

use super::{
    super::ledger::Ledger,
    super::rig::{Probe, catches_mutant, model, spawn},
    house::{House, up_to},
};
use crate::{
    Future, Shutdown, ThreadPoolExecutor,
    sync::mutant::{Access, Twist},
};
use std::sync::Arc;

/// Two producers, of whom each cancels one of its tasks, two workers, and a shutdown that comes at any
/// moment.
fn whole_pool() {
    let ledger = Ledger::default();
    let house = House::new(up_to(2));
    let producers = [(); 2].map(|()| {
        let (pool, ledger) = (Arc::clone(&house.pool), ledger.clone());
        spawn(move || {
            let futures = [(); 3].map(|()| pool.submit(ledger.task()));
            drop(pool);
            futures[1].cancel();
            ledger.collect(futures);
        })
    });
    house
        .pool
        .shutdown_with(Shutdown::new().cancel_futures())
        .unwrap();
    for producer in producers {
        producer.join().unwrap();
    }
    house.end();
    ledger.settle();
}

/// Catches a task that is lost, run twice, not dropped or dropped twice, and a shutdown that waits in
/// vain or not long enough.
#[test]
fn a_whole_pool() {
    model(whole_pool);
}

#[test]
fn a_torn_claim_is_caught() {
    catches_mutant(
        "storms::ends::a_torn_claim_is_caught",
        "",
        Access::new("task/state.rs", "claim(", "compare_exchange_weak"),
        Twist::Torn,
        || model(whole_pool),
    );
}

/// Futures that go while their tasks end, in another thread than the pool, which goes too.
fn last_drops() {
    let ledger = Ledger::default();
    let house = House::new(up_to(2));
    let submit = |_| house.pool.submit(ledger.task());
    let futures: Vec<Future<Probe>> = (0..4).map(submit).collect();
    let mut futures = futures.into_iter();
    let dropper = {
        let some: Vec<_> = futures.by_ref().take(2).collect();
        spawn(move || drop(some))
    };
    let then = futures.next().unwrap().then(|value| drop(value));
    let shared = futures.next().unwrap().shared();
    let reader = {
        let shared = shared.clone();
        spawn(move || assert!(shared.result().is_ok()))
    };
    drop(shared);
    drop(then);
    house.end();
    dropper.join().unwrap();
    reader.join().unwrap();
    ledger.settle_drops();
}

/// Catches an outcome that both ends drop, or neither, and a slot that is freed twice or never.
#[test]
fn the_last_drop_meets_the_end() {
    model(last_drops);
}

#[test]
fn a_torn_farewell_is_caught() {
    catches_mutant(
        "storms::ends::a_torn_farewell_is_caught",
        "",
        Access::new("task/state.rs", "let_go(", "fetch_or"),
        Twist::Torn,
        || model(last_drops),
    );
}

/// The first and the third start are refused, while two submit.
fn refused_starts() {
    let ledger = Ledger::default();
    let house = House::refusing(up_to(2), |number| number % 2 == 1);
    let producers = [(); 2].map(|()| {
        let (pool, ledger) = (Arc::clone(&house.pool), ledger.clone());
        spawn(move || ledger.collect([(); 2].map(|()| pool.submit(ledger.task()))))
    });
    for producer in producers {
        producer.join().unwrap();
    }
    house.end();
    ledger.settle();
}

/// Catches a task that waits for a thread which does not come.
#[test]
fn starts_are_refused() {
    model(refused_starts);
}

#[test]
fn a_refused_worker_that_stays_counted_is_caught() {
    catches_mutant(
        "storms::ends::a_refused_worker_that_stays_counted_is_caught",
        "",
        Access::new("pool/idle.rs", "start_failed(", "fetch_sub"),
        Twist::Skipped,
        || model(refused_starts),
    );
}

/// Tasks that submit and wait for others of their own pool, which has one worker fewer than it takes.
fn nested() {
    let ledger = Ledger::default();
    let house = House::new(up_to(2));
    let outer = [(); 2].map(|()| {
        let (pool, ledger) = (Arc::downgrade(&house.pool), ledger.clone());
        house.pool.submit(move || {
            let inner = [(); 2].map(|()| {
                let pool: Arc<ThreadPoolExecutor> = pool.upgrade().unwrap();
                pool.submit(ledger.task())
            });
            ledger.collect(inner);
        })
    });
    for future in outer {
        future.result().unwrap();
    }
    house.end();
    ledger.settle();
}

/// Catches a worker that waits for a task which nobody is left to run, and one that two run.
#[test]
fn tasks_wait_for_tasks() {
    model(nested);
}

#[test]
fn a_torn_reclaim_is_caught() {
    catches_mutant(
        "storms::ends::a_torn_reclaim_is_caught",
        "",
        Access::new("task/state.rs", "reclaim(", "compare_exchange_weak"),
        Twist::Torn,
        || model(nested),
    );
}

//! A whole small pool: two producers, two workers, a task that is cancelled, and a shutdown; with mutants
//! of the library's code that must fail.

use super::{
    ledger::Ledger,
    pool::Crew,
    rig::{Probe, catches_mutant, here, large_model, spawn},
};
use crate::{
    submission::submit,
    sync::mutant::{Access, Twist},
    task::{Handle, work::Plain},
    time::Limit,
};
use std::{convert::Infallible, sync::Arc};

/// How the pool ends.
#[derive(Clone, Copy)]
enum End {
    /// What is queued still runs.
    Runs,
    /// What is queued is cancelled.
    Cancels,
}

fn whole(end: End) {
    large_model(move || {
        let ledger = Ledger::default();
        let crew = Crew::new(2);
        let producer = {
            let (pool, ledger) = (Arc::clone(&crew.pool), ledger.clone());
            spawn(move || {
                let handle: Handle<Probe, Infallible> = submit(&pool, Plain(ledger.task()), here());
                drop(pool);
                ledger.note(handle.take());
            })
        };
        let cancelled = crew.submit(ledger.task());
        let _ = cancelled.cancel();
        crew.pool.close();
        if matches!(end, End::Cancels) {
            crew.pool.cancel_queued();
        }
        assert!(crew.pool.join(Limit::Forever).is_ok());
        ledger.note(cancelled.take());
        producer.join().unwrap();
        crew.end();
        ledger.settle();
    });
}

/// Catches a lost wake-up, a task that runs twice, a closure or a value that is dropped twice or
/// never, and a slot that is freed too early or never.
#[test]
fn a_whole_pool_runs_what_is_queued() {
    whole(End::Runs);
}

/// The same, and a task that is neither run nor cancelled.
#[test]
fn a_whole_pool_cancels_what_is_queued() {
    whole(End::Cancels);
}

fn mutant(test: &str, message: &str, access: Access, twist: Twist) {
    catches_mutant(test, message, access, twist, || whole(End::Runs));
}

#[test]
fn a_worker_that_is_never_told_is_caught() {
    mutant(
        "whole::a_worker_that_is_never_told_is_caught",
        "deadlock",
        Access::new("pool/idle/sleeper.rs", "tell(", "store"),
        Twist::Skipped,
    );
}

#[test]
fn a_claim_in_two_steps_is_caught() {
    mutant(
        "whole::a_claim_in_two_steps_is_caught",
        "",
        Access::new("task/state.rs", "claim(", "compare_exchange_weak"),
        Twist::Torn,
    );
}

//! A follow-up was accepted with its parent: it counts, and is not held back.

use concurrent_futures::{Future, WhenFull};

use super::{bounded, is_discarded, is_queue_full};
use crate::support::{Gate, hold, watchdog};

#[test]
fn follow_ups_run_in_a_full_pool() {
    watchdog(|| {
        for policy in [WhenFull::Block, WhenFull::Reject, WhenFull::CallerRuns] {
            let pool = bounded(1, 1, policy);
            let held = hold(&pool, 1);
            let last = (0..50).fold(pool.submit(|| 0), |future, _| future.then(|n| n + 1));
            held.release();
            assert_eq!(last.result().unwrap(), 50);
        }
    });
}

#[test]
fn a_queued_follow_up_takes_room() {
    watchdog(|| {
        let pool = bounded(2, 2, WhenFull::Reject);
        let gates = [Gate::new(), Gate::new()];
        let parents = gates.clone().map(|gate| pool.submit(move || gate.wait()));
        while !parents.iter().all(Future::running) {}
        let [first, second] = parents;
        let begun = Gate::new();
        let _busy = first.then({
            let (begun, gate) = (begun.clone(), gates[1].clone());
            move |()| {
                begun.open();
                gate.wait();
            }
        });
        gates[0].open();
        begun.wait();
        // Both workers are busy; what comes now waits.
        let (queued, last) = (pool.submit(|| ()), pool.submit(|| ()));
        assert!(is_queue_full(pool.submit(|| ())));
        let followed = second.then(|()| 1);
        gates[1].open();
        assert_eq!(followed.result().unwrap(), 1);
        queued.result().unwrap();
        last.result().unwrap();
    });
}

#[test]
fn follow_ups_may_be_discarded() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::DiscardOldest);
        let (begun, go_on) = (Gate::new(), Gate::new());
        let (parent_done, submitted) = (Gate::new(), Gate::new());
        // The callback keeps the worker busy when the follow-up of the first is already due.
        let first = pool.submit({
            let (begun, go_on) = (begun.clone(), go_on.clone());
            move || {
                begun.open();
                go_on.wait();
            }
        });
        begun.wait();
        let second = pool.submit({
            let (parent_done, submitted) = (parent_done.clone(), submitted.clone());
            move || {
                parent_done.open();
                submitted.wait();
            }
        });
        let follow_up = first.then(|()| 1);
        go_on.open();
        parent_done.wait();
        // Only the follow-up is queued.
        let new = pool.submit(|| 2);
        submitted.open();
        assert!(is_discarded(follow_up));
        assert_eq!(new.result().unwrap(), 2);
        second.result().unwrap();
    });
}

#[test]
fn follow_ups_of_what_is_discarded_end_with_it() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::DiscardOldest);
        let held = hold(&pool, 1);
        let old = pool.submit(|| 1).then(|n| n + 1).then(|n| n + 1);
        let new = pool.submit(|| 2);
        assert!(old.done());
        assert!(is_discarded(old));
        held.release();
        assert_eq!(new.result().unwrap(), 2);
    });
}

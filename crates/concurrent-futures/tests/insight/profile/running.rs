//! Profiles taken while tasks run.

use super::{profile, profiled};
use crate::support::{Gate, watchdog};
use std::sync::mpsc;

#[test]
fn what_is_queued_and_what_runs_is_told_apart() {
    watchdog(|| {
        let pool = profiled(1);
        let gate = Gate::new();
        let (started, has_started) = mpsc::channel();
        let first = pool.task().name("holder").submit({
            let gate = gate.clone();
            move || {
                started.send(()).unwrap();
                gate.wait();
            }
        });
        let others: Vec<_> = (0..3).map(|_| pool.submit(|| ())).collect();
        has_started.recv().unwrap();

        let early = profile(&pool);
        let counts = early.counts();
        assert_eq!((counts.submitted, counts.queued, counts.running), (4, 3, 1));
        let [running] = early.tasks() else {
            panic!("one task runs, none has ended")
        };
        assert!(running.is_running());
        assert_eq!(
            (running.name(), running.worker()),
            (Some("holder"), Some("w_0"))
        );
        assert_eq!(early.slowest()[0].id(), running.id());

        gate.open();
        first.result().unwrap();
        for other in others {
            other.result().unwrap();
        }
        let late = profile(&pool);
        assert_eq!((late.counts().queued, late.counts().running), (0, 0));
        assert_eq!(late.counts().completed, 4);
        assert_eq!(early.counts(), counts, "a profile does not change");
    });
}

#[test]
fn snapshots_fit_themselves_under_load() {
    watchdog(|| {
        let pool = profiled(2);
        let results = pool.map(0..20_000, |n| n);
        for _ in 0..20 {
            let profile = profile(&pool);
            let counts = profile.counts();
            let ended = counts.completed;
            assert_eq!(counts.submitted, counts.queued + counts.running + ended);
            assert_eq!(profile.run().count(), ended);
            assert_eq!(profile.over_time().finished.iter().sum::<u64>(), ended);
            assert!(counts.running <= 2);
        }
        assert_eq!(results.count(), 20_000);
        assert_eq!(profile(&pool).counts().completed, 20_000);
    });
}

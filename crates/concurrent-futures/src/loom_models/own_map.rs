//! A map that is read on a worker of its own pool, which runs the item that it waits for.

use super::{
    map::batch,
    rig::{Count, Probe, catches_mutant, model, spawn},
};
use crate::{
    error::TaskError,
    map::{Outcomes, cells::Reader},
    sync::{mutant::Access, mutant::Twist},
    time::Limit,
};
use std::{convert::Infallible, sync::Arc};

fn next(
    batch: &Arc<dyn Outcomes<(), Infallible>>,
    reader: &mut Reader,
) -> Result<(), TaskError<Infallible>> {
    loop {
        if let Some(outcome) = batch.take(reader) {
            return outcome;
        }
        match Arc::clone(batch).unstarted(reader) {
            Some(item) => item.row.run(item.place),
            None => batch.sleep(reader, Limit::Forever),
        }
    }
}

fn beside_a_runner() {
    model(|| {
        let (function, inputs, ran) = (Count::watched(), Count::watched(), Count::default());
        let (owned, runs) = (function.probe(), ran.clone());
        let f = move |input: Probe| {
            let _owned = &owned;
            drop(input);
            runs.add();
        };
        let (batch, mut reader, runners) = batch([inputs.probe(), inputs.probe()], f, 1);
        let workers: Vec<_> = runners.into_iter().map(spawn).collect();
        next(&batch, &mut reader).unwrap();
        next(&batch, &mut reader).unwrap();
        assert_eq!((function.get(), inputs.get()), (1, 2));
        for worker in workers {
            worker.join().unwrap();
        }
        assert_eq!(ran.get(), 2, "an item ran twice, or never");
    });
}

/// Catches an item that both the reader and a runner take, one that neither takes, and a function that
/// outlives the last outcome.
#[test]
fn the_reader_runs_what_it_waits_for() {
    beside_a_runner();
}

fn beside_a_cancellation() {
    model(|| {
        let (inputs, ran) = (Count::watched(), Count::default());
        let runs = ran.clone();
        let f = move |input: Probe| {
            drop(input);
            runs.add();
        };
        let (batch, mut reader, _) = batch([inputs.probe(), inputs.probe()], f, 0);
        let cancels = {
            let batch = Arc::clone(&batch);
            spawn(move || batch.cancel())
        };
        let outcomes = [(); 2].map(|()| next(&batch, &mut reader));
        assert_eq!(inputs.get(), 2);
        cancels.join().unwrap();
        let finished = outcomes.iter().filter(|outcome| outcome.is_ok());
        assert_eq!(finished.count(), ran.get(), "an item both ran and did not");
    });
}

/// Catches an item that both runs and is cancelled, or neither.
#[test]
fn the_reader_runs_an_item_or_it_is_cancelled() {
    beside_a_cancellation();
}

#[test]
fn an_item_that_two_take_is_caught() {
    let test = "own_map::an_item_that_two_take_is_caught";
    let access = Access::new("map/claims.rs", "take_at", "compare_exchange");
    catches_mutant(test, "panicked", access, Twist::Torn, beside_a_cancellation);
}

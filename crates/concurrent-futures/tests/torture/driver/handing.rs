//! Futures that another thread reads or drops than the one that made them.

use std::sync::Arc;

use super::{Driver, Held};
use crate::ledger::counted::Callback;
use crate::ledger::ending::Ending;
use crate::ledger::record::Origin;
use crate::tally::Event;
use crate::tasks::{Kind, Watched, Work};

impl Driver {
    /// Gives a future to a callback of another one, which cancels it or drops it.
    pub(super) fn entangle_two(&mut self) {
        let Some(given) = self.take_one() else { return };
        let Some(first) = self.take_one() else {
            return self.held.push(given);
        };
        let callback = Callback::new(first.record());
        let world = Arc::clone(&self.world);
        let cancels = self.random.percent(60);
        let end = move || {
            world.tally.count(Event::Callback);
            if cancels {
                world.tally.count(Event::CancelByCallback);
                given.cancel();
            }
            world.tally.count(Event::DroppedByCallback);
            drop(given);
        };
        match &first {
            Held::Plain(watched) => watched.future.add_done_callback(move |outcome| {
                callback.run(outcome);
                end();
            }),
            Held::Fallible(watched) => watched.future.add_done_callback(move |outcome| {
                callback.run(outcome);
                end();
            }),
            Held::Shared(watched) => watched.future.add_done_callback(move |outcome| {
                callback.run(outcome);
                end();
            }),
        }
        self.held.push(first);
    }

    /// Gives a future to a task of a lower layer, which waits for it.
    pub(super) fn carry_one(&mut self) {
        let Some(held) = self.take_one() else { return };
        let layer = held.record().pool.layer;
        let lower = (0..layer).find_map(|layer| self.world.pool(layer));
        let Some(pool) = lower else {
            return self.held.push(held);
        };
        self.world.tally.count(Event::Carried);
        let kind = Kind::new(Origin::Submit, &pool.record, 0, Ending::Result);
        let work = Work::new(&self.world, kind, &mut self.random);
        let record = work.record();
        let world = Arc::clone(&self.world);
        let future = pool.executor.submit(move || {
            match held {
                Held::Plain(watched) => watched.read(&world),
                Held::Fallible(watched) => watched.read(&world),
                Held::Shared(watched) => watched.record.hear(watched.future.result()),
            }
            work.run_plain()
        });
        let watched = Watched { future, record };
        self.held.push(Held::Plain(watched.finish_submit(
            &self.world,
            &mut self.random,
            0,
        )));
    }
}

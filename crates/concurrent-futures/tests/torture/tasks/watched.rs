//! A future together with the account of its task.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use concurrent_futures::{Future, TaskError};

use super::submit::follow_up;
use super::{DEEPEST, fallible_plan, plain_plan, submit};
use crate::ledger::counted::{Callback, Grief, Token};
use crate::ledger::record::TaskRecord;
use crate::random::Random;
use crate::stops::Within;
use crate::tally::Event;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Watched<F> {
    pub(crate) future: F,
    pub(crate) record: Arc<TaskRecord>,
}

pub(crate) type PlainFuture = Watched<Future<Token>>;
pub(crate) type FallibleFuture = Watched<Future<Token, Token>>;

impl PlainFuture {
    pub(crate) fn then(self, world: &Arc<World>, random: &mut Random) -> Self {
        let plan = plain_plan(random);
        let work = follow_up(world, &self.record, plan, random);
        let record = work.record();
        let future = self.future.then(move |value| {
            value.defuse();
            drop(value);
            work.run_plain()
        });
        Self { future, record }
    }
}

impl FallibleFuture {
    pub(crate) fn try_then(self, world: &Arc<World>, random: &mut Random) -> Self {
        let plan = fallible_plan(random);
        let work = follow_up(world, &self.record, plan, random);
        let record = work.record();
        let future = self.future.try_then(move |value| {
            value.defuse();
            drop(value);
            work.run()
        });
        Self { future, record }
    }
}

impl<E: Grief> Watched<Future<Token, E>> {
    pub(crate) fn finish_submit(self, world: &Arc<World>, random: &mut Random, depth: u8) -> Self {
        if matches!(
            self.future.exception_timeout(Duration::ZERO),
            Ok(Some(TaskError::Rejected(_)))
        ) {
            self.record.refuse();
        }
        if random.percent(30) {
            self.add_callback(world, random, depth);
        }
        if random.percent(10) {
            self.cancel(world);
        }
        if random.percent(5) {
            self.request_cancel(world);
        }
        self
    }

    pub(crate) fn add_callback(&self, world: &Arc<World>, random: &mut Random, depth: u8) {
        let callback = Callback::new(&self.record);
        let world = Arc::clone(world);
        let record = Arc::clone(&self.record);
        let mut random = Random::new(random.next());
        self.future.add_done_callback(move |outcome| {
            callback.run(outcome);
            world.tally.count(Event::Callback);
            let _within = Within::add(&record.stops);
            react(&world, record.pool.layer, &mut random, depth);
        });
    }

    pub(crate) fn cancel(&self, world: &World) {
        self.record.try_cancel();
        if !self.future.cancel() {
            world.tally.count(Event::CancelLost);
            return;
        }
        world.tally.count(Event::CancelWon);
        self.record.cancel_won();
        if !self.future.cancelled() || !self.future.done() || self.future.running() {
            self.record
                .contradict(format!("cancelled, and yet {:?}", self.future));
        }
    }

    pub(crate) fn request_cancel(&self, world: &World) {
        world.tally.count(Event::CancelAsked);
        self.record.try_cancel();
        let ended_before = self.future.done() && !self.future.cancelled();
        if self.future.request_cancel() && ended_before {
            self.record
                .contradict("asked to stop after its end".to_owned());
        }
    }

    pub(crate) fn read(self, world: &World) {
        world.tally.count(Event::ResultRead);
        let outcome = self.future.result();
        self.record.hear(outcome.as_ref());
    }

    pub(crate) fn exception(&self) {
        if let Some(error) = self.future.exception() {
            self.record.hear(Err(error));
        }
    }
}

/// What a callback does. It waits for nobody but for room in a queue.
fn react(world: &Arc<World>, layer: usize, random: &mut Random, depth: u8) {
    match random.below(100) {
        0..20 if depth < DEEPEST => {
            if let Some(pool) = world.pool_from(layer, random) {
                world.tally.count(Event::FromCallback);
                drop(submit(world, &pool, random, depth + 1));
            }
        }
        20..35 => {
            world.tally.count(Event::CallbackPanic);
            resume_unwind(Box::new("a callback gives up"));
        }
        35 if random.percent(30) => {
            if let Some(pool) = world.pool(layer) {
                pool.shut_down_without_waiting(world, random);
            }
        }
        36 if random.percent(30) => {
            world.tally.count(Event::PoolDropped);
            drop(world.take(layer));
        }
        37..40 => world.stops.use_one(world, random),
        _ => {}
    }
}

//! A thread outside all pools that runs a random program over the public interface.

mod handing;
mod reading;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use concurrent_futures::{SharedFuture, Waitable};

use crate::ledger::counted::Token;
use crate::ledger::record::TaskRecord;
use crate::pools::Pool;
use crate::random::Random;
use crate::tally::Event;
use crate::tasks::{FallibleFuture, PlainFuture, Watched, submit, try_submit};
use crate::world::{LAYERS, World};
use crate::{groups, maps, scopes};

const STEPS: usize = 300;
const HELD_AT_MOST: usize = 48;

/// A handle that the program has not used up yet.
#[derive(Debug)]
enum Held {
    Plain(PlainFuture),
    Fallible(FallibleFuture),
    Shared(Watched<SharedFuture<Token, Token>>),
}

impl Held {
    fn waitable(&self) -> &dyn Waitable {
        match self {
            Self::Plain(watched) => &watched.future,
            Self::Fallible(watched) => &watched.future,
            Self::Shared(watched) => &watched.future,
        }
    }

    fn record(&self) -> &Arc<TaskRecord> {
        match self {
            Self::Plain(watched) => &watched.record,
            Self::Fallible(watched) => &watched.record,
            Self::Shared(watched) => &watched.record,
        }
    }

    fn cancel(&self) {
        self.record().try_cancel();
        let won = match self {
            Self::Plain(watched) => watched.future.cancel(),
            Self::Fallible(watched) => watched.future.cancel(),
            Self::Shared(watched) => watched.future.cancel(),
        };
        if won {
            self.record().cancel_won();
        }
    }

    fn done(&self) -> bool {
        match self {
            Self::Plain(watched) => watched.future.done(),
            Self::Fallible(watched) => watched.future.done(),
            Self::Shared(watched) => watched.future.done(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Driver {
    world: Arc<World>,
    random: Random,
    held: Vec<Held>,
}

impl Driver {
    pub(crate) fn new(world: &Arc<World>, seed: u64) -> Self {
        Self {
            world: Arc::clone(world),
            random: Random::new(seed),
            held: Vec::new(),
        }
    }

    pub(crate) fn run(mut self) {
        for _ in 0..STEPS {
            self.step();
            if self.held.len() > HELD_AT_MOST {
                self.read_one();
            }
        }
        while !self.held.is_empty() {
            self.read_one();
        }
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..38 => self.submit_one(),
            38..47 => self.read_one(),
            47..51 => self.cancel_one(),
            51..55 => self.share_one(),
            55..60 => self.follow_one(),
            60..65 => self.drop_one(),
            65..71 => self.wait_for_some(),
            71..77 => self.take_as_completed(),
            77..81 => {
                self.with_pool(|driver, pool| {
                    maps::read_map(&driver.world, pool, &mut driver.random, 0);
                });
            }
            81..84 => {
                self.with_pool(|driver, pool| {
                    scopes::run_scope(&driver.world, pool, &mut driver.random, 0);
                });
            }
            84..87 => {
                self.with_pool(|driver, pool| {
                    groups::run_group(&driver.world, pool, &mut driver.random, 0);
                });
            }
            87..89 => {
                self.with_pool(|driver, pool| pool.resize(&driver.world, &mut driver.random));
            }
            89 => self.world.stops.use_one(&self.world, &mut self.random),
            90 => self.carry_one(),
            91 => self.entangle_two(),
            92..96 => self.leave_one_pool(),
            _ => self.look_at_one(),
        }
    }

    /// A pool of any layer; where a task has taken the last one away, a fresh one.
    fn with_pool(&mut self, action: impl FnOnce(&mut Self, &Pool)) {
        let layer = self.random.below(LAYERS);
        let pool = self.world.pool(layer).filter(|pool| {
            // Most of the time it is more telling to go on with an open pool.
            !pool.record.shut_down.load(SeqCst) || self.random.percent(30)
        });
        match pool {
            Some(pool) => action(self, &pool),
            None => drop(self.world.renew(layer, &mut self.random)),
        }
    }

    fn submit_one(&mut self) {
        if self.random.percent(3) {
            let world = Arc::clone(&self.world);
            let mut random = Random::new(self.random.next());
            return world
                .stops
                .enter(&world, &mut random, || self.submit_here());
        }
        self.submit_here();
    }

    fn submit_here(&mut self) {
        self.with_pool(|driver, pool| {
            let held = if driver.random.percent(50) {
                Held::Plain(submit(&driver.world, pool, &mut driver.random, 0))
            } else {
                Held::Fallible(try_submit(&driver.world, pool, &mut driver.random, 0))
            };
            driver.held.push(held);
        });
    }

    fn take_one(&mut self) -> Option<Held> {
        if self.held.is_empty() {
            return None;
        }
        let position = self.random.below(self.held.len());
        Some(self.held.swap_remove(position))
    }

    fn cancel_one(&mut self) {
        match self.take_one() {
            Some(Held::Plain(watched)) => {
                if self.random.percent(30) {
                    watched.request_cancel(&self.world);
                } else {
                    watched.cancel(&self.world);
                }
                self.held.push(Held::Plain(watched));
            }
            Some(Held::Fallible(watched)) => {
                if self.random.percent(30) {
                    watched.request_cancel(&self.world);
                } else {
                    watched.cancel(&self.world);
                }
                self.held.push(Held::Fallible(watched));
            }
            Some(shared) => {
                shared.cancel();
                self.held.push(shared);
            }
            None => {}
        }
    }

    fn share_one(&mut self) {
        match self.take_one() {
            Some(Held::Fallible(Watched { future, record })) => {
                let future = future.shared();
                let copy = Watched {
                    future: future.clone(),
                    record: Arc::clone(&record),
                };
                self.held.push(Held::Shared(copy));
                self.held.push(Held::Shared(Watched { future, record }));
            }
            other => self.held.extend(other),
        }
    }

    fn follow_one(&mut self) {
        match self.take_one() {
            Some(Held::Plain(first)) => {
                let next = first.then(&self.world, &mut self.random);
                self.held.push(Held::Plain(next));
            }
            Some(Held::Fallible(first)) => {
                let next = first.try_then(&self.world, &mut self.random);
                self.held.push(Held::Fallible(next));
            }
            other => self.held.extend(other),
        }
    }

    fn drop_one(&mut self) {
        if let Some(held) = self.take_one() {
            self.world.tally.count(Event::DroppedUnread);
            if self.random.percent(30) {
                self.world.bury(held);
            } else {
                drop(held);
            }
        }
    }

    fn look_at_one(&mut self) {
        match self.take_one() {
            Some(Held::Plain(watched)) => {
                watched.add_callback(&self.world, &mut self.random, 0);
                watched.exception();
            }
            Some(Held::Fallible(watched)) => {
                watched.exception();
                watched.add_callback(&self.world, &mut self.random, 0);
                watched.read(&self.world);
            }
            Some(Held::Shared(watched)) => {
                drop(format!("{:?} {}", watched.future, watched.future.running()));
                self.held.push(Held::Shared(watched));
            }
            None => {}
        }
    }

    fn leave_one_pool(&mut self) {
        let layer = self.random.below(LAYERS);
        let old = if self.random.percent(50) {
            self.world.renew(layer, &mut self.random)
        } else {
            self.world.take(layer)
        };
        let Some(old) = old else { return };
        if self.random.percent(70) {
            old.shut_down(&self.world, &mut self.random);
        }
        self.world.tally.count(Event::PoolDropped);
        if self.random.percent(30) {
            self.world.bury(old);
        }
    }
}

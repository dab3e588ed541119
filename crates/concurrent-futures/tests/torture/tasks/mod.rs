//! Tasks that are accounted for.

mod act;
mod submit;
mod watched;

use std::panic::resume_unwind;
use std::sync::Arc;

use crate::ledger::counted::{Closure, Token};
use crate::ledger::ending::Ending;
use crate::ledger::record::{Draft, Origin, TaskRecord};
use crate::ledger::stop::Stop;
use crate::pools::PoolRecord;
use crate::random::Random;
use crate::stops::{Within, ambient};
use crate::world::World;

pub(crate) use act::Draw;
pub(crate) use submit::{submit, try_submit};
pub(crate) use watched::{FallibleFuture, PlainFuture, Watched};

/// How many tasks may be submitted from within each other.
pub(crate) const DEEPEST: u8 = 3;

/// What a task carries through the queue.
#[derive(Debug)]
pub(crate) struct Work {
    closure: Closure,
    world: Arc<World>,
    seed: u64,
    depth: u8,
}

/// Which task it is to be.
pub(crate) struct Kind<'a> {
    pub(crate) origin: Origin,
    pub(crate) pool: &'a Arc<PoolRecord>,
    pub(crate) source: Option<Arc<TaskRecord>>,
    /// What may stop it; that of the task that submits it, if it has none of its own.
    pub(crate) stops: Option<Vec<Arc<Stop>>>,
    /// Its own deadline is over when it is submitted.
    pub(crate) comes_too_late: bool,
    pub(crate) depth: u8,
    pub(crate) plan: Ending,
}

impl<'a> Kind<'a> {
    pub(crate) fn new(origin: Origin, pool: &'a Arc<PoolRecord>, depth: u8, plan: Ending) -> Self {
        Self {
            origin,
            pool,
            source: None,
            stops: None,
            comes_too_late: false,
            depth,
            plan,
        }
    }
}

/// 5 % of the tasks panic.
pub(crate) fn plain_plan(random: &mut Random) -> Ending {
    if random.percent(5) {
        Ending::Panic
    } else {
        Ending::Result
    }
}

/// And every tenth of those that can fail does.
pub(crate) fn fallible_plan(random: &mut Random) -> Ending {
    match random.below(100) {
        0..5 => Ending::Panic,
        5..15 => Ending::Error,
        _ => Ending::Result,
    }
}

impl Work {
    pub(crate) fn new(world: &Arc<World>, kind: Kind<'_>, random: &mut Random) -> Self {
        let record = world.ledger.open(Draft {
            origin: kind.origin,
            plan: kind.plan,
            // What an offer gives back is dropped by the program.
            explodes: kind.origin != Origin::Offer && random.percent(5),
            pool: Arc::clone(kind.pool),
            source: kind.source,
            stops: kind.stops.unwrap_or_else(ambient),
            comes_too_late: kind.comes_too_late,
        });
        Self {
            closure: Closure::new(record),
            world: Arc::clone(world),
            seed: random.next(),
            depth: kind.depth,
        }
    }

    pub(crate) fn record(&self) -> Arc<TaskRecord> {
        Arc::clone(&self.closure.record)
    }

    pub(crate) fn run(self) -> Result<Token, Token> {
        self.closure.defuse();
        let record = &self.closure.record;
        record.start();
        {
            let _within = Within::enter(&record.stops);
            act::act(&self.world, record, &mut Random::new(self.seed), self.depth);
        }
        match record.plan {
            Ending::Error => Err(Token::new(record)),
            // The panic hook would print each of them.
            Ending::Panic => resume_unwind(Box::new(Token::new(record))),
            _ => Ok(Token::new(record)),
        }
    }

    pub(crate) fn run_plain(self) -> Token {
        self.run()
            .unwrap_or_else(|_| unreachable!("planned for tasks that can fail only"))
    }
}

//! One function for many inputs: in order or as they come, all at once or a few at a time.

use std::sync::{Arc, Mutex};

use concurrent_futures::MapError;

use crate::ledger::counted::{Grief, Token};
use crate::ledger::ending::Ending;
use crate::ledger::record::{Origin, TaskRecord};
use crate::pools::{Pool, PoolRecord};
use crate::random::Random;
use crate::tally::Event;
use crate::tasks::{Kind, Work, fallible_plan, plain_plan};
use crate::world::World;

/// The tasks of the inputs that have been taken so far.
type Taken = Arc<Mutex<Vec<Arc<TaskRecord>>>>;

struct Reading<'a> {
    world: &'a Arc<World>,
    pool: &'a PoolRecord,
    taken: Taken,
    inputs: usize,
    wanted: usize,
    in_order: bool,
}

/// Each kind of iteration has a time limit of its own name.
macro_rules! read {
    ($reading:ident, $results:expr, $limit:ident) => {
        match $limit {
            Some(limit) => $reading.read($results.timeout(limit)),
            None => $reading.read($results),
        }
    };
}

/// Submits a few inputs and reads all, some, or none of the results.
pub(crate) fn read_map(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    let inputs = random.below(8);
    let taken = Taken::default();
    let way = random.below(9);
    // The last ways are those of functions that cannot fail.
    let plan = if way < 6 { fallible_plan } else { plain_plan };
    let works = works(world, pool, &taken, (inputs, random.next(), depth), plan);
    let limit = random.percent(30).then(|| random.limit());
    let wanted = match random.below(10) {
        0 => 0,
        1..4 => random.below(inputs + 1),
        _ => inputs,
    };
    let mut reading = Reading {
        world,
        pool: &pool.record,
        taken,
        inputs,
        wanted,
        in_order: matches!(way, 0..4 | 6 | 7),
    };
    let executor = &pool.executor;
    let buffer = 1 + random.below(4);
    let count = |events: &[Event]| events.iter().for_each(|&event| world.tally.count(event));
    match way {
        0..3 => {
            count(&[Event::Map]);
            let results = executor.try_map(works, Work::run);
            reading.expect_len(results.len());
            read!(reading, results, limit);
        }
        3 => {
            count(&[Event::MapBuffered]);
            let results = executor.try_map_buffered(buffer, works, Work::run);
            read!(reading, results, limit);
        }
        4 => {
            count(&[Event::MapUnordered]);
            let results = executor.try_map_unordered(works, Work::run);
            read!(reading, results, limit);
        }
        5 => {
            count(&[Event::MapBuffered, Event::MapUnordered]);
            let results = executor.try_map_buffered(buffer, works, Work::run);
            read!(reading, results.unordered(), limit);
        }
        6 => {
            count(&[Event::Map]);
            read!(reading, executor.map(works, Work::run_plain), limit);
        }
        7 => {
            count(&[Event::MapBuffered]);
            let results = executor.map_buffered(buffer, works, Work::run_plain);
            read!(reading, results, limit);
        }
        _ => {
            count(&[Event::MapUnordered]);
            let results = executor.map_unordered(works, Work::run_plain);
            read!(reading, results, limit);
        }
    }
}

/// The inputs, each of which becomes a task as it is taken.
fn works(
    world: &Arc<World>,
    pool: &Pool,
    taken: &Taken,
    (inputs, seed, depth): (usize, u64, u8),
    plan: fn(&mut Random) -> Ending,
) -> impl Iterator<Item = Work> + use<> {
    let (world, taken) = (Arc::clone(world), Arc::clone(taken));
    let pool = Arc::clone(&pool.record);
    let mut random = Random::new(seed);
    (0..inputs).map(move |_| {
        world.tally.count(Event::MapItem);
        let plan = plan(&mut random);
        let kind = Kind::new(Origin::Map, &pool, depth, plan);
        let work = Work::new(&world, kind, &mut random);
        let mut taken = taken.lock().expect("held for a push only");
        taken.push(work.record());
        work
    })
}

impl Reading<'_> {
    fn expect_len(&self, len: usize) {
        let inputs = self.inputs;
        if len != inputs {
            let complaint = format!("a map of {inputs} inputs promised {len} results");
            self.world.object(complaint);
        }
    }

    fn record(&self, index: usize) -> Option<Arc<TaskRecord>> {
        let taken = self.taken.lock().expect("held for a look only");
        taken.get(index).cloned()
    }

    /// From the first look on, an error or a drop cancels what is left.
    fn cancel_is_possible(&self) {
        for record in &*self.taken.lock().expect("held for a look only") {
            record.try_cancel();
        }
    }

    fn read<E: Grief>(&mut self, mut results: impl Iterator<Item = Result<Token, MapError<E>>>) {
        if self.wanted == 0 {
            self.world.tally.count(Event::MapUnread);
        } else if self.wanted < self.inputs {
            self.world.tally.count(Event::MapLeft);
        }
        for position in 0..self.wanted {
            self.cancel_is_possible();
            let result = results.next();
            self.cancel_is_possible();
            match result {
                Some(Ok(token)) => self.hear_value(position, &token),
                Some(Err(error)) => {
                    self.hear_error(position, &error);
                    if !self.in_order && !error.is_timeout() {
                        continue;
                    }
                    if results.next().is_some() {
                        let complaint = "a map went on after its last error";
                        self.world.object(complaint.to_owned());
                    }
                    break;
                }
                // A lazy one reads no more of its input when the pool is at its end.
                None if !self.in_order && self.pool.may_end() => break,
                None => {
                    let complaint = format!("a map ended before its input {position}");
                    self.world.object(complaint);
                    break;
                }
            }
        }
        self.cancel_is_possible();
    }

    fn hear_value(&self, position: usize, token: &Token) {
        if !self.in_order {
            let own = self.taken.lock().expect("held for a look only");
            let is_its = |record: &Arc<TaskRecord>| Arc::ptr_eq(record, &token.record);
            if !own.iter().any(is_its) {
                self.world.object("a result of another map".to_owned());
            }
            return token.record.hear::<Token>(Ok(token));
        }
        match self.record(position) {
            Some(record) => record.hear::<Token>(Ok(token)),
            None => self.world.object("a result of no input".to_owned()),
        }
    }

    fn hear_error<E: Grief>(&self, position: usize, error: &MapError<E>) {
        let index = error.index();
        if self.in_order && index != position {
            self.world
                .object(format!("the error of input {position} names input {index}"));
        }
        if let Some(task_error) = error.task_error() {
            match self.record(index) {
                Some(record) => record.hear(Err(task_error)),
                None => self.world.object("an error of no input".to_owned()),
            }
        }
    }
}

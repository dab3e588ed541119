//! Tasks that are accounted for, and what they do while they run.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use concurrent_futures::{Future, Map, ReturnWhen, TaskError, as_completed, wait_timeout};

use super::ledger::{Callback, Closure, Ending, Grief, Origin, PoolRecord, TaskRecord, Token};
use super::random::Random;
use super::tally::Event;
use super::world::{LAYERS, Pool, World};

const DEEPEST: u8 = 3;

/// A future together with the account of its task.
#[derive(Debug)]
pub(super) struct Watched<F> {
    pub(super) future: F,
    pub(super) record: Arc<TaskRecord>,
}

pub(super) type PlainFuture = Watched<Future<Token>>;
pub(super) type FallibleFuture = Watched<Future<Token, Token>>;

/// 5 % of the tasks panic, and about as many return an error: every tenth of those that can.
fn plan(random: &mut Random, may_fail: bool) -> Ending {
    match random.below(100) {
        0..5 => Ending::Panic,
        5..15 if may_fail => Ending::Error,
        _ => Ending::Result,
    }
}

/// What a task carries through the queue.
struct Work {
    closure: Closure,
    world: Arc<World>,
    seed: u64,
    depth: u8,
}

impl Work {
    fn run(self) -> Result<Token, Token> {
        let record = &self.closure.0;
        record.start();
        let mut random = Random::new(self.seed);
        act(&self.world, &record.pool, &mut random, self.depth);
        match record.plan {
            Ending::Error => Err(Token::new(record)),
            // The panic hook would print each of them.
            Ending::Panic => resume_unwind(Box::new(Token::new(record))),
            _ => Ok(Token::new(record)),
        }
    }

    fn run_plain(self) -> Token {
        self.run()
            .unwrap_or_else(|_| unreachable!("planned for tasks that can fail only"))
    }
}

fn work(
    world: &Arc<World>,
    (origin, pool): (Origin, &Arc<PoolRecord>),
    source: Option<Arc<TaskRecord>>,
    random: &mut Random,
    (depth, may_fail): (u8, bool),
) -> Work {
    let record = world
        .ledger
        .open(origin, plan(random, may_fail), pool, source);
    Work {
        closure: Closure(record),
        world: Arc::clone(world),
        seed: random.next(),
        depth,
    }
}

pub(super) fn submit(
    world: &Arc<World>,
    pool: &Pool,
    random: &mut Random,
    depth: u8,
) -> PlainFuture {
    world.tally.count(Event::Submit);
    let work = work(
        world,
        (Origin::Submit, &pool.record),
        None,
        random,
        (depth, false),
    );
    let record = Arc::clone(&work.closure.0);
    let watched = Watched {
        future: pool.executor.submit(move || work.run_plain()),
        record,
    };
    watched.finish_submit(world, random, depth)
}

pub(super) fn try_submit(
    world: &Arc<World>,
    pool: &Pool,
    random: &mut Random,
    depth: u8,
) -> FallibleFuture {
    world.tally.count(Event::TrySubmit);
    let work = work(
        world,
        (Origin::Submit, &pool.record),
        None,
        random,
        (depth, true),
    );
    let record = Arc::clone(&work.closure.0);
    let watched = Watched {
        future: pool.executor.try_submit(move || work.run()),
        record,
    };
    watched.finish_submit(world, random, depth)
}

pub(super) fn then(world: &Arc<World>, first: PlainFuture, random: &mut Random) -> PlainFuture {
    world.tally.count(Event::FollowUp);
    let source = Some(Arc::clone(&first.record));
    let work = work(
        world,
        (Origin::Then, &first.record.pool),
        source,
        random,
        (DEEPEST, false),
    );
    let record = Arc::clone(&work.closure.0);
    let future = first.future.then(move |value| {
        drop(value);
        work.run_plain()
    });
    Watched { future, record }
}

pub(super) fn try_then(
    world: &Arc<World>,
    first: FallibleFuture,
    random: &mut Random,
) -> FallibleFuture {
    world.tally.count(Event::FollowUp);
    let source = Some(Arc::clone(&first.record));
    let work = work(
        world,
        (Origin::Then, &first.record.pool),
        source,
        random,
        (DEEPEST, true),
    );
    let record = Arc::clone(&work.closure.0);
    let future = first.future.try_then(move |value| {
        drop(value);
        work.run()
    });
    Watched { future, record }
}

impl<E: Grief> Watched<Future<Token, E>> {
    fn finish_submit(self, world: &Arc<World>, random: &mut Random, depth: u8) -> Self {
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
        self
    }

    pub(super) fn add_callback(&self, world: &Arc<World>, random: &mut Random, depth: u8) {
        let callback = Callback::new(&self.record);
        let world = Arc::clone(world);
        let layer = self.record.pool.layer;
        let mut random = Random::new(random.next());
        self.future.add_done_callback(move |outcome| {
            callback.run(outcome);
            world.tally.count(Event::Callback);
            react(&world, layer, &mut random, depth);
        });
    }

    pub(super) fn cancel(&self, world: &World) {
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

    pub(super) fn read(self, world: &World) {
        world.tally.count(Event::ResultRead);
        let outcome = self.future.result();
        self.record.hear(outcome.as_ref());
    }

    pub(super) fn exception(&self) {
        if let Some(error) = self.future.exception() {
            self.record.hear(Err(error));
        }
    }
}

/// A callback may run below the task that made it, on another pool's thread: it never waits.
fn react(world: &Arc<World>, layer: usize, random: &mut Random, depth: u8) {
    match random.below(100) {
        0..20 if depth < DEEPEST => {
            if let Some(pool) = world.pool(layer + random.below(LAYERS - layer)) {
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
        _ => {}
    }
}

/// What a task of this pool does before it ends.
fn act(world: &Arc<World>, own: &Arc<PoolRecord>, random: &mut Random, depth: u8) {
    let layer = own.layer;
    match random.below(100) {
        0..5 => thread::yield_now(),
        // A stray token: whoever parks next on this thread must not take it for news.
        5..10 => thread::current().unpark(),
        10..14 => thread::park_timeout(Duration::from_micros(50)),
        14..30 if depth < DEEPEST => {
            if let Some(pool) = world.pool(layer + random.below(LAYERS - layer)) {
                world.tally.count(Event::Nested);
                drop(try_submit(world, &pool, random, depth + 1));
            }
        }
        30..50 if depth < DEEPEST && layer + 1 < LAYERS => {
            if let Some(pool) = world.pool(layer + 1 + random.below(LAYERS - layer - 1)) {
                wait_for_others(world, &pool, random, depth + 1);
            }
        }
        50 => leave_a_pool(world, own, random),
        _ => {}
    }
}

/// Blocks on a higher pool, in one of the ways there are.
fn wait_for_others(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    world.tally.count(Event::Nested);
    let first = try_submit(world, pool, random, depth);
    match random.below(4) {
        0 => first.read(world),
        1 => {
            let futures = [
                &first.future,
                &try_submit(world, pool, random, depth).future,
            ];
            world.tally.count(Event::TimedWait);
            drop(wait_timeout(
                futures,
                ReturnWhen::FirstCompleted,
                random.limit(),
            ));
        }
        2 => {
            let second = try_submit(world, pool, random, depth);
            world.tally.count(Event::AsCompleted);
            for done in
                as_completed([first, second].map(|watched| (watched.record, watched.future)))
            {
                let (record, future) = done;
                record.hear(future.result().as_ref());
            }
        }
        _ => read_map(world, pool, random, depth),
    }
}

fn leave_a_pool(world: &Arc<World>, own: &Arc<PoolRecord>, random: &mut Random) {
    let Some(pool) = world.pool(own.layer + random.below(LAYERS - own.layer)) else {
        return;
    };
    if random.percent(40) {
        world.tally.count(Event::PoolDropped);
        drop(world.take_this(&pool));
    } else {
        pool.shut_down(world, random);
    }
}

/// Submits a few inputs and reads all, some, or none of the results.
pub(super) fn read_map(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    let inputs: Vec<Work> = (0..random.below(8))
        .map(|_| {
            work(
                world,
                (Origin::Map, &pool.record),
                None,
                random,
                (depth, false),
            )
        })
        .collect();
    let records: Vec<_> = inputs
        .iter()
        .map(|work| Arc::clone(&work.closure.0))
        .collect();
    for _ in &records {
        world.tally.count(Event::MapItem);
    }
    let mut results = pool.executor.map(inputs, Work::run_plain);
    if results.len() != records.len() {
        world.object(format!(
            "a map of {} inputs promised {} results",
            records.len(),
            results.len()
        ));
    }
    if random.percent(20) {
        world.tally.count(Event::MapUnread);
        return;
    }
    // From the first look on, an error or a drop cancels the rest.
    for record in &records {
        record.try_cancel();
    }
    if random.percent(30) {
        results = results.timeout(random.limit());
    }
    let wanted = if random.percent(30) {
        random.below(records.len() + 1)
    } else {
        records.len()
    };
    if wanted < records.len() {
        world.tally.count(Event::MapLeft);
    }
    check_map(world, &mut results, &records[..wanted]);
}

fn check_map(world: &World, results: &mut Map<Token, Infallible>, records: &[Arc<TaskRecord>]) {
    for (position, record) in records.iter().enumerate() {
        match results.next() {
            Some(Ok(token)) => record.hear::<Infallible>(Ok(&token)),
            Some(Err(error)) => {
                if error.index() != position {
                    world.object(format!(
                        "the error of input {position} names input {}",
                        error.index()
                    ));
                }
                if let Some(task_error) = error.task_error() {
                    record.hear(Err(task_error));
                }
                if results.next().is_some() {
                    world.object("a map went on after an error".to_owned());
                }
                return;
            }
            None => world.object(format!("a map ended before its input {position}")),
        }
    }
}

/// Borrows from this frame: when the scope returns, its tasks have let go.
pub(super) fn run_scope(world: &Arc<World>, pool: &Pool, random: &mut Random) {
    let ran = std::sync::atomic::AtomicUsize::new(0);
    let count = 1 + random.below(4);
    let records = pool.executor.scope(|scope| {
        (0..count)
            .map(|_| {
                world.tally.count(Event::ScopeTask);
                let work = work(
                    world,
                    (Origin::Map, &pool.record),
                    None,
                    random,
                    (DEEPEST, false),
                );
                let record = Arc::clone(&work.closure.0);
                drop(scope.submit(|| {
                    ran.fetch_add(1, SeqCst);
                    let work = work;
                    work.run_plain()
                }));
                record
            })
            .collect::<Vec<_>>()
    });
    if !records.iter().all(|record| record.closure_is_gone()) {
        world.object("a scope returned before its tasks had ended".to_owned());
    }
    if ran.load(SeqCst) > count {
        world.object("a scope ran a task twice".to_owned());
    }
}

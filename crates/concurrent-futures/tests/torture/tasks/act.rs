//! What a task does before it ends.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use concurrent_futures::{
    CancelToken, ReturnWhen, as_completed, blocking, check_cancelled, wait, wait_timeout,
};

use super::{DEEPEST, try_submit};
use crate::ledger::record::TaskRecord;
use crate::pools::Pool;
use crate::random::Random;
use crate::tally::Event;
use crate::world::{LAYERS, World};
use crate::{groups, maps, scopes};

pub(super) fn act(world: &Arc<World>, record: &Arc<TaskRecord>, random: &mut Random, depth: u8) {
    let layer = record.pool.layer;
    match random.below(100) {
        0..5 => thread::yield_now(),
        // A stray token: whoever parks next on this thread must not take it for news.
        5..10 => thread::current().unpark(),
        10..14 => thread::park_timeout(Duration::from_micros(50)),
        14..25 if depth < DEEPEST => {
            if let Some(pool) = world.pool_from(layer, random) {
                world.tally.count(Event::Nested);
                drop(try_submit(world, &pool, random, depth + 1));
            }
        }
        25..55 if depth < DEEPEST => {
            if let Some(pool) = world.pool_from(layer, random) {
                wait_for_others(world, record, &pool, random, depth + 1);
            }
        }
        55..63 => ask(world, record, random),
        63..65 => {
            if let Some(pool) = world.pool_from(layer, random) {
                pool.resize(world, random);
            }
        }
        65 => world.stops.use_one(world, random),
        66 => leave_a_pool(world, layer, random),
        _ => {}
    }
}

/// Looks whether it is to stop, in one of the ways there are.
fn ask(world: &World, record: &TaskRecord, random: &mut Random) {
    world.tally.count(Event::Checked);
    let nap = Duration::from_micros(50);
    let answer = match random.below(3) {
        0 => check_cancelled(),
        1 => CancelToken::current().check(),
        _ => CancelToken::current().sleep(nap),
    };
    if answer.is_err() {
        world.tally.count(Event::Stopping);
        if !record.may_be_asked() {
            record.contradict("asked to stop by nobody".to_owned());
        }
    }
}

/// Blocks on its own pool or a higher one, in one of the ways there are.
fn wait_for_others(
    world: &Arc<World>,
    record: &TaskRecord,
    pool: &Pool,
    random: &mut Random,
    depth: u8,
) {
    world.tally.count(Event::NestedWait);
    if Arc::ptr_eq(&pool.record, &record.pool) {
        world.tally.count(Event::NestedOwn);
    }
    match random.below(10) {
        0..2 => try_submit(world, pool, random, depth).read(world),
        2 => wait_for_two(world, pool, random, depth),
        3 => iterate(world, pool, random, depth),
        4 => maps::read_map(world, pool, random, depth),
        5 => scopes::run_scope(world, pool, random, depth),
        6..8 => groups::run_group(world, pool, random, depth),
        8 => block(world, pool, random, depth),
        _ => {
            let next = try_submit(world, pool, random, depth).try_then(world, random);
            next.read(world);
        }
    }
}

fn wait_for_two(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    let first = try_submit(world, pool, random, depth);
    let second = try_submit(world, pool, random, depth);
    let futures = [&first.future, &second.future];
    let return_when = ReturnWhen::draw(random);
    if random.percent(50) {
        world.tally.count(Event::Wait);
        drop(wait(futures, return_when));
    } else {
        world.tally.count(Event::TimedWait);
        drop(wait_timeout(futures, return_when, random.limit()));
    }
}

pub(crate) trait Draw {
    fn draw(random: &mut Random) -> Self;
}

impl Draw for ReturnWhen {
    fn draw(random: &mut Random) -> Self {
        match random.below(3) {
            0 => Self::FirstCompleted,
            1 => Self::FirstException,
            _ => Self::AllCompleted,
        }
    }
}

fn iterate(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    world.tally.count(Event::AsCompleted);
    let both = [(); 2].map(|()| try_submit(world, pool, random, depth));
    for (record, future) in as_completed(both.map(|watched| (watched.record, watched.future))) {
        record.hear(future.result().as_ref());
    }
}

/// Waits by a channel, of which the pool knows nothing but that something is waited for.
fn block(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    let (tell, told) = mpsc::channel();
    let watched = try_submit(world, pool, random, depth);
    watched.future.add_done_callback(move |_| {
        // Nobody listens who did not want to block.
        let _ = tell.send(());
    });
    if !pool.record.threads_fail {
        world.tally.count(Event::Blocking);
        if blocking(|| told.recv()).is_err() {
            world.object("a callback was dropped uncalled".to_owned());
        }
    }
    watched.read(world);
}

fn leave_a_pool(world: &Arc<World>, layer: usize, random: &mut Random) {
    let Some(pool) = world.pool(layer + random.below(LAYERS - layer)) else {
        return;
    };
    if random.percent(40) {
        world.tally.count(Event::PoolDropped);
        drop(world.take_this(&pool));
    } else {
        pool.shut_down(world, random);
    }
}

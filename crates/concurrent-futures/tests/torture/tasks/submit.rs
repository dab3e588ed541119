//! All the ways to hand in one task.

use std::sync::Arc;
use std::time::{Duration, Instant};

use concurrent_futures::{CancelToken, QueueFull, TaskBuilder};

use super::{DEEPEST, Kind, Watched, Work, fallible_plan, plain_plan};
use super::{FallibleFuture, PlainFuture};
use crate::ledger::ending::Ending;
use crate::ledger::record::{Origin, TaskRecord};
use crate::ledger::stop::Stop;
use crate::pools::Pool;
use crate::random::Random;
use crate::stops::{ambient, deadline_of};
use crate::tally::Event;
use crate::world::World;

pub(crate) fn submit(
    world: &Arc<World>,
    pool: &Pool,
    random: &mut Random,
    depth: u8,
) -> PlainFuture {
    world.tally.count(Event::Submit);
    if random.percent(10) {
        let plan = plain_plan(random);
        let (task, work) = dressed(world, pool, random, (Origin::Offer, depth, plan));
        let record = work.record();
        let limit = random.short_limit();
        let run = move || work.run_plain();
        let offered = match (task, random.below(2)) {
            (None, 0) => pool.executor.offer(run),
            (None, _) => pool.executor.offer_timeout(run, limit),
            (Some(task), 0) => task.offer(run),
            (Some(task), _) => task.offer_timeout(run, limit),
        };
        let offered = offered.map(|future| Watched {
            future,
            record: Arc::clone(&record),
        });
        match taken(world, offered, &record) {
            Some(watched) => return watched.finish_submit(world, random, depth),
            None => return submit(world, pool, random, depth),
        }
    }
    let plan = plain_plan(random);
    let (task, work) = dressed(world, pool, random, (Origin::Submit, depth, plan));
    let record = work.record();
    let run = move || work.run_plain();
    let future = match task {
        Some(task) => task.submit(run),
        None => pool.executor.submit(run),
    };
    Watched { future, record }.finish_submit(world, random, depth)
}

pub(crate) fn try_submit(
    world: &Arc<World>,
    pool: &Pool,
    random: &mut Random,
    depth: u8,
) -> FallibleFuture {
    world.tally.count(Event::TrySubmit);
    if random.percent(10) {
        let plan = fallible_plan(random);
        let (task, work) = dressed(world, pool, random, (Origin::Offer, depth, plan));
        let record = work.record();
        let limit = random.short_limit();
        let run = move || work.run();
        let offered = match (task, random.below(2)) {
            (None, 0) => pool.executor.try_offer(run),
            (None, _) => pool.executor.try_offer_timeout(run, limit),
            (Some(task), 0) => task.try_offer(run),
            (Some(task), _) => task.try_offer_timeout(run, limit),
        };
        let offered = offered.map(|future| Watched {
            future,
            record: Arc::clone(&record),
        });
        match taken(world, offered, &record) {
            Some(watched) => return watched.finish_submit(world, random, depth),
            None => return try_submit(world, pool, random, depth),
        }
    }
    let plan = fallible_plan(random);
    let (task, work) = dressed(world, pool, random, (Origin::Submit, depth, plan));
    let record = work.record();
    let run = move || work.run();
    let future = match task {
        Some(task) => task.try_submit(run),
        None => pool.executor.try_submit(run),
    };
    Watched { future, record }.finish_submit(world, random, depth)
}

/// What came of an offer. One that is refused gives the task back, which goes unrun here.
fn taken<W, F>(world: &World, offered: Result<W, QueueFull<F>>, record: &TaskRecord) -> Option<W> {
    world.tally.count(Event::Offer);
    match offered {
        Ok(watched) => Some(watched),
        Err(full) => {
            world.tally.count(Event::OfferRefused);
            record.refuse();
            drop(full.into_task());
            None
        }
    }
}

/// A task, and for some the builder with their name, weight and stops.
fn dressed<'a>(
    world: &Arc<World>,
    pool: &'a Pool,
    random: &mut Random,
    (origin, depth, plan): (Origin, u8, Ending),
) -> (Option<TaskBuilder<'a>>, Work) {
    let mut kind = Kind::new(origin, &pool.record, depth, plan);
    if random.percent(60) {
        return (None, Work::new(world, kind, random));
    }
    let mut task = pool.executor.task();
    if random.percent(30) {
        world.tally.count(Event::Named);
        task = task.name(format!("task {}", random.below(1000)));
    }
    if random.percent(40) {
        world.tally.count(Event::Weighed);
        task = task.weight(random.below(9));
    }
    if random.percent(50) {
        world.tally.count(Event::Stoppable);
        let mut stops = ambient();
        if random.percent(60) {
            let stop = world.stops.draw(world, random);
            task = task.token(&stop.token);
            stops = vec![stop];
        }
        if random.percent(50) {
            let limit = random.limit();
            let deadline = deadline_of(limit);
            kind.comes_too_late = limit == Duration::ZERO;
            task = if limit == Duration::ZERO && random.percent(50) {
                task.deadline(Instant::now())
            } else {
                task.timeout(limit)
            };
            stops = vec![Stop::new(CancelToken::new(), deadline, stops)];
        }
        kind.stops = Some(stops);
    }
    (Some(task), Work::new(world, kind, random))
}

pub(super) fn follow_up(
    world: &Arc<World>,
    first: &Arc<TaskRecord>,
    plan: Ending,
    random: &mut Random,
) -> Work {
    world.tally.count(Event::FollowUp);
    let mut kind = Kind::new(Origin::Then, &first.pool, DEEPEST, plan);
    kind.source = Some(Arc::clone(first));
    Work::new(world, kind, random)
}

//! Workers that leave an open pool, and a limit that changes while tasks come.

use super::{
    idle::{Wrong, Yard},
    pool::Crew,
    rig::{catches, deep_model, here, large_model, model, pair, spawn, yield_now},
};
use crate::{Future, map::Map, pool::sizing::Sizing};
use std::{sync::Arc, time::Duration};

/// A pool whose workers go as soon as they are idle, if they are not woken just then.
fn fleeting(max_workers: usize) -> Crew {
    Crew::sized(Sizing {
        keep_alive: Some(Duration::ZERO),
        ..Sizing::up_to(max_workers)
    })
}

/// Catches a task whose producer counted on a sleeper that had gone, or was going.
#[test]
fn a_task_while_the_only_worker_goes() {
    large_model(|| {
        let crew = fleeting(1);
        assert_eq!(crew.submit(|| 1).take().unwrap(), 1);
        assert_eq!(crew.submit(|| 2).take().unwrap(), 2);
        crew.end();
    });
}

/// Catches a task that gets no worker although another one has gone.
#[test]
fn two_tasks_run_at_once_while_workers_go() {
    large_model(|| {
        let crew = fleeting(2);
        let (run, wait) = pair();
        let older = crew.submit(wait);
        let younger = crew.submit(run);
        older.take().unwrap();
        younger.take().unwrap();
        crew.end();
    });
}

/// Catches two tasks of which one waits although the limit allows both, in whatever order limit and
/// tasks come.
fn growth(wrong: Wrong) {
    large_model(move || {
        let yard = Yard::new(1, wrong);
        let other = Arc::clone(&yard);
        let grower = spawn(move || other.resize(2));
        let (run, wait) = pair();
        let older = yard.submit(wait);
        let younger = yard.submit(run);
        older.take().unwrap();
        younger.take().unwrap();
        grower.join().unwrap();
        yard.end();
    });
}

#[test]
fn a_higher_limit_brings_workers() {
    growth(Wrong::Nothing);
}

#[test]
fn growing_silently_is_caught() {
    let model = || growth(Wrong::GrowsSilently);
    catches("sizing::growing_silently_is_caught", "deadlock", model);
}

/// One worker too many, and a task that comes meanwhile.
fn shrink(wrong: Wrong) {
    let yard = Yard::new(2, wrong);
    yard.call();
    yard.call();
    yard.resize(1);
    assert_eq!(yard.submit(|| 1).take().unwrap(), 1);
    yard.end();
}

/// Catches a task whose producer counted on a worker that was searching, and left.
#[test]
fn a_lower_limit_loses_no_task() {
    large_model(|| shrink(Wrong::Nothing));
}

/// It takes two preemptions.
#[test]
fn leaving_blindly_is_caught() {
    let model = || model(|| shrink(Wrong::LeavesBlindly));
    catches("sizing::leaving_blindly_is_caught", "deadlock", model);
}

/// Catches a worker that is too many and stays, because it was told just before it lay down or
/// because the notice was taken away: two limits, one after the other, and then a wait for
/// the number to come true.
fn staying(wrong: Wrong) {
    let yard = Yard::new(3, wrong);
    yard.call();
    yard.call();
    yard.resize(2);
    yard.resize(1);
    while yard.idle.workers() > 1 {
        yield_now();
    }
    yard.end();
}

#[test]
fn nobody_too_many_stays() {
    model(|| staying(Wrong::Nothing));
}

/// It takes three preemptions.
#[test]
fn oversleeping_the_notice_is_caught() {
    let model = || deep_model(|| staying(Wrong::OversleepsTheNotice));
    let name = "sizing::oversleeping_the_notice_is_caught";
    catches(name, "exceeded maximum number of branches", model);
}

/// Catches a follow-up that is forgotten in a closed pool because its worker left as one too many
/// while the other one was ending.
#[test]
fn a_follow_up_of_a_worker_that_leaves_a_closed_pool() {
    large_model(|| {
        let crew = Crew::new(2);
        crew.pool.prestart(2);
        let follow_up = Future::new(crew.submit(|| 1)).then(|n| n + 1);
        crew.pool.set_max_workers(1);
        crew.pool.close();
        assert_eq!(follow_up.result().unwrap(), 2);
        crew.end();
    });
}

/// Catches the same task in a pool that shrinks, or a worker that is counted twice.
#[test]
fn a_pool_shrinks_under_load() {
    large_model(|| {
        let crew = Crew::new(2);
        let first = crew.submit(|| 1);
        let pool = Arc::clone(&crew.pool);
        let shrinker = spawn(move || {
            pool.set_max_workers(1);
            drop(pool);
        });
        let second = crew.submit(|| 2);
        assert_eq!(first.take().unwrap(), 1);
        assert_eq!(second.take().unwrap(), 2);
        shrinker.join().unwrap();
        crew.end();
    });
}

/// Catches an item whose runner has left with its worker.
#[test]
fn a_map_goes_on_in_a_pool_that_shrinks() {
    large_model(|| {
        let crew = Crew::new(2);
        let results = Map::<usize>::of(&crew.pool, 0..2, Ok, here());
        let pool = Arc::clone(&crew.pool);
        let shrinker = spawn(move || {
            pool.set_max_workers(1);
            drop(pool);
        });
        let values: Result<Vec<_>, _> = results.collect();
        assert_eq!(values.unwrap(), [0, 1]);
        shrinker.join().unwrap();
        crew.end();
    });
}

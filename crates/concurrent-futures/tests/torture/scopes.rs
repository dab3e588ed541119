//! Tasks that borrow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use concurrent_futures::Scope;

use crate::ledger::record::{Origin, TaskRecord};
use crate::pools::Pool;
use crate::random::Random;
use crate::tally::Event;
use crate::tasks::{Kind, Work, fallible_plan, plain_plan};
use crate::world::World;

/// Borrows from this frame: when the scope returns, its tasks have let go.
pub(crate) fn run_scope(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    let ran = AtomicUsize::new(0);
    let count = 1 + random.below(4);
    let records = pool.executor.scope(|scope| {
        (0..count)
            .map(|_| {
                world.tally.count(Event::ScopeTask);
                if random.percent(20) {
                    return submit_plain(scope, world, pool, random, depth);
                }
                let plan = fallible_plan(random);
                let kind = Kind::new(Origin::Scope, &pool.record, depth, plan);
                let work = Work::new(world, kind, random);
                let record = work.record();
                let ran = &ran;
                let future = scope.try_submit(move || {
                    ran.fetch_add(1, SeqCst);
                    work.run()
                });
                match random.below(4) {
                    0 => record.hear(future.result().as_ref()),
                    1 => {
                        record.try_cancel();
                        if future.cancel() {
                            record.cancel_won();
                        }
                    }
                    2 => world.bury(future),
                    _ => drop(future),
                }
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

/// One that cannot fail, whose future goes at once.
fn submit_plain<'scope>(
    scope: &'scope Scope<'scope, '_>,
    world: &Arc<World>,
    pool: &Pool,
    random: &mut Random,
    depth: u8,
) -> Arc<TaskRecord> {
    let plan = plain_plan(random);
    let kind = Kind::new(Origin::Scope, &pool.record, depth, plan);
    let work = Work::new(world, kind, random);
    let record = work.record();
    drop(scope.submit(move || work.run_plain()));
    record
}

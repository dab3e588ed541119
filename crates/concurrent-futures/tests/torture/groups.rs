//! Tasks that belong together, under each policy, owned and borrowing.

use std::sync::Arc;
use std::time::Instant;

use concurrent_futures::{
    CollectAll, FailFast, FirstSuccess, GroupBuilder, GroupError, GroupPolicy, NoSuccess, TaskError,
};

use crate::ledger::counted::Token;
use crate::ledger::ending::Ending;
use crate::ledger::record::{Origin, TaskRecord};
use crate::ledger::stop::{Deadline, Rule, Stop};
use crate::pools::Pool;
use crate::random::Random;
use crate::stops::{Within, ambient, deadline_of};
use crate::tally::Event;
use crate::tasks::{Kind, Work, fallible_plan};
use crate::world::World;

type Records = [Arc<TaskRecord>];

pub(crate) fn run_group(world: &Arc<World>, pool: &Pool, random: &mut Random, depth: u8) {
    let group = &pool.executor;
    match random.below(3) {
        0 => {
            world.tally.count(Event::FailFast);
            let run = Run::new(world, pool, Rule::AfterError, (random, depth));
            run.through(group.group(FailFast), fail_fast);
        }
        1 => {
            world.tally.count(Event::CollectAll);
            let run = Run::new(world, pool, Rule::Never, (random, depth));
            run.through(group.group(CollectAll), |world, records, output| {
                collect_all(world, records, &output);
            });
        }
        _ => {
            world.tally.count(Event::FirstSuccess);
            let run = Run::new(world, pool, Rule::AfterValue, (random, depth));
            run.through(group.group(FirstSuccess), first_success);
        }
    }
}

/// What is to become of a group.
struct Run<'a> {
    world: &'a Arc<World>,
    random: &'a mut Random,
    works: Vec<Work>,
    stop: Arc<Stop>,
    parent: Option<Arc<Stop>>,
    limit: Option<std::time::Duration>,
}

impl<'a> Run<'a> {
    fn new(
        world: &'a Arc<World>,
        pool: &'a Pool,
        rule: Rule,
        (random, depth): (&'a mut Random, u8),
    ) -> Self {
        let parent = random.percent(20).then(|| world.stops.draw(world, random));
        let above = parent.clone().map_or_else(ambient, |parent| vec![parent]);
        let limit = random.percent(20).then(|| random.limit());
        let deadline = limit.map_or(Deadline::None, deadline_of);
        let stop = Stop::of_group(rule, deadline, above);
        let works = (0..random.below(5)).map(|_| {
            world.tally.count(Event::GroupTask);
            let plan = fallible_plan(random);
            let mut kind = Kind::new(Origin::Group, &pool.record, depth, plan);
            kind.stops = Some(vec![Arc::clone(&stop)]);
            let work = Work::new(world, kind, random);
            stop.enrol(&work.record());
            work
        });
        Self {
            works: works.collect(),
            world,
            random,
            stop,
            parent,
            limit,
        }
    }

    fn through<P: GroupPolicy + Send + 'static>(
        mut self,
        mut builder: GroupBuilder<'_, P>,
        check: impl FnOnce(&World, &Records, P::Output<Token, Token>),
    ) {
        if let Some(parent) = &self.parent {
            builder = builder.token(&parent.token);
        }
        if let Some(limit) = self.limit {
            builder = match Instant::now().checked_add(limit) {
                Some(end) if self.random.percent(50) => builder.deadline(end),
                _ => builder.timeout(limit),
            };
        }
        let works = std::mem::take(&mut self.works);
        let records: Vec<_> = works.iter().map(Work::record).collect();
        let cancels = self.random.percent(15);
        let output = if self.random.percent(50) {
            let borrowed = &self.stop;
            builder.scope(|group| {
                let _within = Within::add(std::slice::from_ref(borrowed));
                for work in works {
                    group.try_submit(move || {
                        std::hint::black_box(borrowed);
                        work.run()
                    });
                }
                if cancels {
                    borrowed.ask();
                    group.cancel();
                }
            })
        } else {
            let group = builder.open();
            for work in works {
                group.try_submit(move || work.run());
            }
            if cancels {
                self.stop.ask();
                group.cancel();
                if !group.token().is_cancelled() {
                    let complaint = "a cancelled group denies it";
                    self.world.object(complaint.to_owned());
                }
            }
            if self.random.percent(20) {
                self.world.tally.count(Event::GroupLeft);
                self.stop.ask();
                return if self.random.percent(50) {
                    self.world.bury(group);
                } else {
                    drop(group);
                };
            }
            group.join()
        };
        if !records.iter().all(|record| record.closure_is_gone()) {
            let complaint = "a group returned before its tasks had ended";
            self.world.object(complaint.to_owned());
        }
        check(self.world, &records, output);
    }
}

fn fail_fast(world: &World, records: &Records, output: Result<Vec<Token>, GroupError<Token>>) {
    match output {
        Ok(values) => {
            expect_one_each(world, records, values.len());
            for (record, value) in records.iter().zip(&values) {
                record.hear::<Token>(Ok(value));
            }
        }
        Err(error) => match records.get(error.index()) {
            Some(record) => record.hear(Err(error.task_error())),
            None => world.object("a group's error is of none of its tasks".to_owned()),
        },
    }
}

fn collect_all(world: &World, records: &Records, output: &[Result<Token, TaskError<Token>>]) {
    expect_one_each(world, records, output.len());
    for (record, outcome) in records.iter().zip(output) {
        record.hear(outcome.as_ref());
    }
}

fn first_success(world: &World, records: &Records, output: Result<Token, NoSuccess<Token>>) {
    match output {
        Ok(value) => {
            let is_its = |record: &&Arc<TaskRecord>| Arc::ptr_eq(record, &value.record);
            match records.iter().find(is_its) {
                Some(record) => record.hear::<Token>(Ok(&value)),
                None => world.object("a group's value is of none of its tasks".to_owned()),
            }
        }
        Err(failure) => {
            expect_one_each(world, records, failure.errors().len());
            for (record, error) in records.iter().zip(failure.errors()) {
                record.hear(Err(error));
            }
            let succeeded =
                |record: &Arc<TaskRecord>| record.has_run() && record.plan == Ending::Result;
            if records.iter().any(succeeded) {
                world.object("a group missed a success".to_owned());
            }
        }
    }
}

fn expect_one_each(world: &World, records: &Records, outcomes: usize) {
    if outcomes != records.len() {
        let tasks = records.len();
        world.object(format!("a group of {tasks} tasks gave {outcomes} outcomes"));
    }
}

//! The items of a map: the real rows, and the loops of runner and reader reduced to their steps, so
//! that a step can be left out to see that the model notices.

use super::{
    pool::Crew,
    rig::{Alone, Count, Probe, catches, gone, here, large_model, model, pair, spawn},
};
use crate::{
    error::TaskError,
    map::{
        Map, Outcomes,
        batch::{Batch, Job},
        cells::{Published, Reader, Row, Writer},
        claims::{Known, Leave},
    },
    pool::backlog::Backlog,
    queue::Queue,
    sync::{Thread, current, park},
    task::{Ending, Work, source::Source},
    time::Limit,
};
use std::{convert::Infallible, sync::Arc};

fn backlog() -> Arc<Backlog> {
    Backlog::new(&Source::new(gone()), 1)
}

/// What a mutant does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Nothing,
    /// A runner that found nothing goes, whether or not something has come meanwhile.
    LeavesBlindly,
    /// The reader sleeps and has told nobody.
    SleepsUnannounced,
    /// The reader that has announced its sleep does not look again.
    SleepsBlindly,
}

struct Stage {
    row: Row<usize, usize, Infallible>,
    reader: Thread,
    wrong: Wrong,
}

impl Stage {
    fn new(wrong: Wrong) -> (Arc<Self>, Writer) {
        let (row, writer) = Row::new(2);
        let reader = current();
        (Arc::new(Self { row, reader, wrong }), writer)
    }

    fn work(&self) {
        let mut known = Known::default();
        loop {
            if let Some(claim) = self.row.claim(&mut known) {
                let (input, blank) = claim.begin();
                if let Published::Awaited = blank.fill(Ok(input)).publish() {
                    self.reader.unpark();
                }
            } else if self.wrong == Wrong::LeavesBlindly {
                let _ = self.row.strike_off();
                return;
            } else if self.row.leave(known) == Leave::Left {
                return;
            }
        }
    }

    fn read(&self, reader: &mut Reader) -> usize {
        loop {
            if let Some(outcome) = self.row.take(reader) {
                return outcome.unwrap();
            }
            if self.wrong != Wrong::SleepsUnannounced {
                self.row.announce_sleep(reader);
            }
            if self.wrong == Wrong::SleepsBlindly || !self.row.is_ready(reader) {
                park();
            }
        }
    }
}

/// A second item comes while the runner of the first looks for one, finds none, and goes.
fn extended(wrong: Wrong) {
    model(move || {
        let (stage, mut writer) = Stage::new(wrong);
        let mut workers = Vec::new();
        for input in [1, 2] {
            if stage.row.push(&mut writer, input) == 0 {
                stage.row.enlist();
                let stage = Arc::clone(&stage);
                workers.push(spawn(move || stage.work()));
            }
        }
        let mut reader = writer.seal(&stage.row);
        assert_eq!(stage.read(&mut reader), 1);
        assert_eq!(stage.read(&mut reader), 2);
        for worker in workers {
            worker.join().unwrap();
        }
        assert!(stage.row.is_over());
    });
}

/// Catches an item that counts on a runner which has gone, one that is skipped because a runner
/// took it before it came, and a reader that sleeps on.
#[test]
fn a_row_grows_while_it_is_run() {
    extended(Wrong::Nothing);
}

#[test]
fn leaving_blindly_is_caught() {
    let model = || extended(Wrong::LeavesBlindly);
    catches("map::leaving_blindly_is_caught", "deadlock", model);
}

#[test]
fn sleeping_unannounced_is_caught() {
    let model = || extended(Wrong::SleepsUnannounced);
    catches("map::sleeping_unannounced_is_caught", "deadlock", model);
}

#[test]
fn sleeping_blindly_is_caught() {
    let model = || extended(Wrong::SleepsBlindly);
    catches("map::sleeping_blindly_is_caught", "deadlock", model);
}

/// Two items of a function that owns something, with so many runners.
pub(super) fn batch<R: Send + 'static>(
    inputs: [Probe; 2],
    f: impl Fn(Probe) -> R + Send + Sync + 'static,
    runners: usize,
) -> (
    Arc<dyn Outcomes<R, Infallible>>,
    Reader,
    Vec<impl FnOnce() + Send + 'static>,
) {
    let job = Job::new(move |input| Ok(f(input)), backlog(), None);
    let (batch, mut writer) = Batch::new(&job, 2, Queue::new(gone()).mark());
    for input in inputs {
        batch.push(&mut writer, input);
    }
    let runners = (0..runners).map(|_| {
        let runner = batch.runner();
        move || drop(runner.perform(&mut Alone))
    });
    let runners = runners.collect();
    let reader = batch.seal(writer);
    job.close_one();
    (batch, reader, runners)
}

fn next<R>(
    batch: &Arc<dyn Outcomes<R, Infallible>>,
    reader: &mut Reader,
) -> Result<R, TaskError<Infallible>> {
    batch.sleep(reader, Limit::Forever);
    batch.take(reader).unwrap()
}

/// Catches an item that two runners take, or none, and a function that outlives the last outcome.
#[test]
fn two_runners_share_a_batch() {
    large_model(|| {
        let (function, inputs) = (Count::watched(), Count::watched());
        let owned = function.probe();
        let f = move |input| {
            let _owned = &owned;
            drop(input);
        };
        let (batch, mut reader, runners) = batch([inputs.probe(), inputs.probe()], f, 2);
        let workers: Vec<_> = runners.into_iter().map(spawn).collect();
        next(&batch, &mut reader).unwrap();
        next(&batch, &mut reader).unwrap();
        assert_eq!((function.get(), inputs.get()), (1, 2));
        for worker in workers {
            worker.join().unwrap();
        }
        assert_eq!((function.get(), inputs.get()), (1, 2));
    });
}

/// Catches an item that both runs and is cancelled, or neither, and a function that stays.
#[test]
fn a_batch_is_cancelled_while_it_is_run() {
    model(|| {
        let (function, inputs, ran) = (Count::watched(), Count::watched(), Count::default());
        let (owned, runs) = (function.probe(), ran.clone());
        let f = move |input| {
            let _owned = &owned;
            drop(input);
            runs.add();
        };
        let (batch, mut reader, runners) = batch([inputs.probe(), inputs.probe()], f, 1);
        let workers: Vec<_> = runners.into_iter().map(spawn).collect();
        batch.cancel();
        let first = next(&batch, &mut reader);
        let second = next(&batch, &mut reader);
        assert_eq!((function.get(), inputs.get()), (1, 2));
        for worker in workers {
            worker.join().unwrap();
        }
        let finished = [&first, &second].into_iter().filter(|item| item.is_ok());
        assert_eq!(finished.count(), ran.get());
        assert!(first.is_ok() || second.is_err());
    });
}

/// Catches an outcome that both the reader and the runner drop, or neither.
#[test]
fn a_reader_goes_while_a_batch_is_run() {
    model(|| {
        let inputs = Count::default();
        let (batch, mut reader, runners) =
            batch([inputs.probe(), inputs.probe()], |input| input, 1);
        let workers: Vec<_> = runners.into_iter().map(spawn).collect();
        batch.abandon(&mut reader);
        for worker in workers {
            worker.join().unwrap();
        }
        assert_eq!(inputs.get(), 2);
    });
}

/// Catches items that nobody ends when one of two runners is refused, and items that are ended
/// although the other runner would run them.
#[test]
fn a_runner_is_refused_beside_one_that_runs() {
    large_model(|| {
        let inputs = Count::default();
        let job = Job::new(
            |input: Probe| Ok::<_, Infallible>(drop(input)),
            backlog(),
            None,
        );
        let (batch, mut writer) = Batch::new(&job, 2, Queue::new(gone()).mark());
        batch.push(&mut writer, inputs.probe());
        batch.push(&mut writer, inputs.probe());
        let (runs, refused) = (batch.runner(), batch.runner());
        let mut reader = batch.seal(writer);
        job.close_one();
        let batch: Arc<dyn Outcomes<(), Infallible>> = batch;
        let worker = spawn(move || drop(runs.perform(&mut Alone)));
        refused.refuse(&Ending::Shutdown);
        let outcomes = [next(&batch, &mut reader), next(&batch, &mut reader)];
        assert!(outcomes.iter().all(Result::is_ok) || outcomes[1].is_err());
        worker.join().unwrap();
        assert_eq!(inputs.get(), 2);
    });
}

/// Catches an item that is neither run nor ended when its pool closes while the input is read, and
/// a batch that waits for a worker that has ended.
#[test]
fn a_pool_closes_while_the_input_is_read() {
    large_model(|| {
        let crew = Crew::new(1);
        let pool = Arc::clone(&crew.pool);
        let closer = spawn(move || {
            pool.close();
            pool.cancel_queued();
        });
        let results = Map::<usize>::of(&crew.pool, 0..2, Ok, here());
        for (index, result) in results.enumerate() {
            assert!(result.is_err() || result.is_ok_and(|value| value == index));
        }
        closer.join().unwrap();
        crew.end();
    });
}

/// Catches more runners than there are items, a runner that is forgotten on the account, and one
/// that goes although something has come meanwhile.
#[test]
fn a_row_gets_more_runners_while_it_is_run() {
    large_model(|| {
        let (stage, mut writer) = Stage::new(Wrong::Nothing);
        for input in [1, 2] {
            stage.row.push(&mut writer, input);
        }
        stage.row.enlist();
        let mut reader = writer.seal(&stage.row);
        let first = {
            let stage = Arc::clone(&stage);
            spawn(move || stage.work())
        };
        let more = stage.row.reinforce(2);
        assert!(more <= 1);
        for _ in 0..more {
            stage.work();
        }
        first.join().unwrap();
        assert_eq!([(); 2].map(|()| stage.read(&mut reader)), [1, 2]);
        assert_eq!(stage.row.reinforce(2), 0);
        assert_eq!(stage.row.runners(), 0, "runners are left");
    });
}

/// Catches a runner that is forgotten on the account, or counted twice, because another one goes while it
/// comes and is refused.
#[test]
fn a_runner_comes_and_is_refused_while_another_one_goes() {
    model(|| {
        let (stage, mut writer) = Stage::new(Wrong::Nothing);
        stage.row.push(&mut writer, 1);
        stage.row.enlist();
        let first = {
            let stage = Arc::clone(&stage);
            spawn(move || stage.work())
        };
        stage.row.enlist();
        let _ = stage.row.strike_off();
        first.join().unwrap();
        assert_eq!(stage.row.runners(), 0, "runners are left");
        let mut reader = writer.seal(&stage.row);
        assert_eq!(stage.read(&mut reader), 1);
    });
}

/// Catches an item that neither who adds it nor who raises the number of workers sees to: two
/// items and two workers, and a runner for one.
#[test]
fn an_item_comes_while_more_workers_may_come() {
    large_model(|| {
        let backlog = backlog();
        let (row, mut writer) = Row::<usize, usize, Infallible>::new(2);
        let row = Arc::new(row);
        row.push(&mut writer, 1);
        row.enlist();
        let grower = {
            let (row, backlog) = (Arc::clone(&row), Arc::clone(&backlog));
            spawn(move || {
                let _ = backlog.reinforce(2);
                row.reinforce(2)
            })
        };
        let runners = row.push(&mut writer, 2);
        if runners < backlog.workers() {
            row.enlist();
        }
        grower.join().unwrap();
        assert!(row.runners() >= 2);
        let _ = writer.seal(&row);
    });
}

/// Catches a map that goes on with one worker when a second one is allowed: the items meet.
#[test]
fn a_map_gets_the_second_worker() {
    large_model(|| {
        let crew = Crew::new(2);
        crew.pool.backlog().reinforce(1);
        let (ours, theirs) = pair();
        let items: [Box<dyn FnOnce() + Send>; 2] = [Box::new(theirs), Box::new(ours)];
        let results = Map::<()>::of(
            &crew.pool,
            items,
            |item| {
                item();
                Ok(())
            },
            here(),
        );
        crew.pool.reinforce_maps(2);
        assert_eq!(results.filter(Result::is_ok).count(), 2);
        crew.end();
    });
}

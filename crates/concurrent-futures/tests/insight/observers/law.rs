use std::{sync::mpsc, thread};

use concurrent_futures::{FailFast, Shutdown, TaskOutcome, ThreadPoolExecutor};

use crate::{
    support::{Gate, Probe, watchdog},
    witness::Witness,
};

fn builder(max_workers: usize) -> concurrent_futures::Builder {
    ThreadPoolExecutor::builder().max_workers(max_workers)
}

#[test]
fn a_task_is_enqueued_started_and_finished() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1).thread_name_prefix("law"));
        pool.task().name("one").submit(|| 1).result().unwrap();
        let story = witness.story("one");
        let (worker, started) = story.started.clone().expect("started");
        assert_eq!(
            (worker.as_str(), story.run().worker.as_str()),
            ("law_0", "law_0")
        );
        assert!(story.enqueued <= started);
        assert!(started + story.run().time <= story.end.as_ref().unwrap().finished);
        assert_eq!(story.outcome(), TaskOutcome::Completed);
    });
}

#[test]
fn enqueued_comes_from_the_submitter_before_the_task_can_run() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(2));
        for _ in 0..200 {
            let known = witness.stories().len();
            let seen = {
                let witness = witness.clone();
                pool.submit(move || witness.stories().len())
            };
            assert_eq!(witness.stories().len(), known + 1);
            assert_eq!(seen.result().unwrap(), known + 1);
        }
    });
}

#[test]
fn finished_comes_before_the_outcome_can_be_seen() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(3));
        for number in 0..300_usize {
            let future = pool.submit(move || number);
            while !future.done() {
                thread::yield_now();
            }
            assert!(witness.stories()[number].end.is_some());
        }
        let (tell, told) = mpsc::channel();
        let seen = witness.clone();
        let future = pool.submit(|| ());
        future.add_done_callback(move |_| {
            let last = seen.stories().pop().expect("a story");
            tell.send(last.end.is_some()).unwrap();
        });
        assert!(told.recv().unwrap());
    });
}

#[test]
fn no_closure_is_left_when_it_is_told_that_it_has_ended() {
    watchdog(|| {
        struct Looks(Probe);
        impl concurrent_futures::Observer for Looks {
            fn finished(&self, _: &concurrent_futures::FinishedTask<'_>) {
                assert_eq!(self.0.alive(), 0, "a capture is alive");
            }
        }
        let probe = Probe::new();
        let logs = crate::support::LogCapture::containing("a capture is alive");
        let pool = builder(1).observer(Looks(probe.clone())).build().unwrap();
        for _ in 0..10 {
            let value = probe.value();
            pool.submit(move || format!("{value:?}").len())
                .result()
                .unwrap();
        }
        assert!(logs.records().is_empty());
    });
}

#[test]
fn each_task_is_told_once_whatever_becomes_of_it() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(3));
        let gate = Gate::new();
        let mut futures = Vec::new();
        for number in 0..3000_u32 {
            let gate = gate.clone();
            futures.push(pool.try_submit(move || {
                if number < 3 {
                    gate.wait();
                }
                if number % 7 == 0 {
                    Err(number)
                } else {
                    Ok(number)
                }
            }));
        }
        let cancels = thread::scope(|scope| {
            let half = futures.split_at(1500);
            let cancels = [half.0, half.1].map(|half| {
                scope.spawn(move || half.iter().step_by(3).filter(|f| f.cancel()).count())
            });
            gate.open();
            cancels
                .map(|count| count.join().unwrap())
                .iter()
                .sum::<usize>()
        });
        let followed: Vec<_> = futures
            .into_iter()
            .map(|future| future.then(|n| n + 1))
            .collect();
        pool.shutdown_with(Shutdown::new()).unwrap();
        drop(followed);
        let fates = witness.fates();
        assert_eq!(fates.len(), 6000);
        let cancelled = |fates: &[(TaskOutcome, bool)]| {
            let is_cancelled =
                |fate: &&(TaskOutcome, bool)| **fate == (TaskOutcome::Cancelled, false);
            fates.iter().filter(is_cancelled).count()
        };
        assert_eq!(cancelled(&fates[..3000]), cancels);
        assert_eq!(cancelled(&fates[3000..]), cancels);
        let completed = fates.iter().filter(|fate| fate.0.is_success()).count() as u64;
        assert_eq!(completed, pool.stats().completed);
    });
}

#[test]
fn observers_are_told_in_their_order_and_go_with_the_pool() {
    watchdog(|| {
        struct Numbered(u32, mpsc::Sender<u32>, Box<dyn std::any::Any + Send + Sync>);
        impl concurrent_futures::Observer for Numbered {
            fn finished(&self, _: &concurrent_futures::FinishedTask<'_>) {
                self.1.send(self.0).unwrap();
            }
        }
        let (tell, told) = mpsc::channel();
        let probe = Probe::new();
        let mut builder = builder(1);
        for number in 0..3 {
            builder = builder.observer(Numbered(number, tell.clone(), Box::new(probe.value())));
        }
        let pool = builder.build().unwrap();
        pool.submit(|| ()).result().unwrap();
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(probe.alive(), 3);
        drop(pool);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn a_member_of_a_group_that_has_no_need_of_it_is_told() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        let group = pool.group(FailFast).open::<i32, &str>();
        group.cancel();
        group.try_submit(|| Ok(1));
        drop(group.join());
        assert_eq!(witness.fates(), [(TaskOutcome::Cancelled, false)]);
    });
}

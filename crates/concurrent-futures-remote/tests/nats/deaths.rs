//! Workers that die, freeze, or take their time.

use crate::support::prelude::*;
use concurrent_futures::{Future, TaskError, remote::CallError};
use std::time::{Duration, Instant};

fn deaths<T: std::fmt::Debug>(future: Future<T, CallError>) -> u32 {
    match future.result() {
        Err(TaskError::Failed(CallError::BrokenWorker { deaths })) => deaths,
        other => panic!("not broken: {other:?}"),
    }
}

#[test]
fn another_worker_takes_over_from_one_that_was_killed() {
    with_mortal_workers(|server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let mut first = Worker::start(&server, 4);
        let futures: Vec<_> = (0..4)
            .map(|n| executor.submit(&HOLD, (log.clone(), flag.clone(), n)))
            .collect();
        until("all four run", || log.words().len() == 4);
        first.kill();
        let _second = Worker::start(&server, 4);
        until("all four run again", || log.words().len() == 8);
        flag.raise();
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), n as u64);
        }
        let stats = executor.stats();
        assert_eq!((stats.completed, stats.redelivered), (4, 4));
        assert_eq!(log.words().len(), 8);
    });
}

#[test]
fn what_comes_late_from_a_frozen_worker_is_dropped() {
    with_mortal_workers(|server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let frozen = Worker::start(&server, 1);
        let future = executor.submit(&HOLD, (log.clone(), flag.clone(), 5));
        until("it runs", || log.count("5") == 1);
        let id = executor
            .call(&HOLD, (log.clone(), flag.clone(), 5))
            .id()
            .to_owned();
        assert!(!id.is_empty());
        frozen.freeze();
        let _other = Worker::start(&server, 1);
        until("it runs again", || log.count("5") == 2);
        flag.raise();
        assert_eq!(future.result().unwrap(), 5);
        frozen.thaw();
        // It has no harm done, and is of use again.
        let again = server.flag("again");
        let held = [6, 7].map(|n| executor.submit(&HOLD, (log.clone(), again.clone(), n)));
        until("both are at work", || {
            log.count("6") > 0 && log.count("7") > 0
        });
        again.raise();
        assert_eq!(held.map(|future| future.result().unwrap()), [6, 7]);
        assert_eq!(log.count("5"), 2);
        assert_eq!(executor.stats().completed, executor.stats().submitted);
    });
}

#[test]
fn poison_fails_after_three_deaths() {
    with_mortal_workers(|server| {
        let executor = server.executor();
        let log = server.log();
        let _workers: Vec<_> = (0..4).map(|_| Worker::start(&server, 1)).collect();
        assert_eq!(deaths(executor.submit(&POISON, log.clone())), 3);
        assert_eq!(log.count("poison"), 3);
        // The fourth one is well.
        assert_eq!(executor.submit(&DOUBLE, 4).result().unwrap(), 8);
    });
}

#[test]
fn poison_fails_also_if_no_worker_is_left() {
    with_mortal_workers(|server| {
        let executor = server.executor();
        let log = server.log();
        let future = executor.call(&POISON, log.clone()).attempts(2).submit();
        let mut workers = [Worker::start(&server, 1), Worker::start(&server, 1)];
        until("both are dead", || {
            workers.iter_mut().all(Worker::has_ended)
        });
        assert_eq!(deaths(future), 2);
        assert_eq!(log.count("poison"), 2);
        // Its place in the queue is free.
        let _worker = Worker::start(&server, 1);
        assert_eq!(executor.submit(&DOUBLE, 4).result().unwrap(), 8);
        assert_eq!(log.count("poison"), 2);
    });
}

#[test]
fn a_task_may_run_longer_than_its_lease() {
    with_server(|server| {
        // Long enough for a busy machine: a sign of life may come so much too late.
        let server = server.with_lease(Duration::from_secs(6));
        let executor = server.executor();
        let log = server.log();
        let _workers = [Worker::start(&server, 1), Worker::start(&server, 1)];
        let time = Duration::from_secs(14);
        let millis = u64::try_from(time.as_millis()).unwrap();
        let start = Instant::now();
        let future = executor.submit(&NAP, (log.clone(), 1, millis));
        assert_eq!(future.result().unwrap(), 1);
        assert!(start.elapsed() >= time);
        assert_eq!((log.count("1"), executor.stats().redelivered), (1, 0));
    });
}

#[test]
fn a_worker_that_is_asked_to_end_ends_what_it_runs() {
    with_server(|server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let mut worker = Worker::start(&server, 1);
        let held = executor.submit(&HOLD, (log.clone(), flag.clone(), 1));
        until("it runs", || log.count("1") == 1);
        let next = executor.submit(&DOUBLE, 3);
        worker.terminate();
        flag.raise();
        assert_eq!(held.result().unwrap(), 1);
        assert!(worker.wait().success());
        assert!(!next.done());
        // Nothing it was given and did not run is held up by its end; the lease is longer than the test may take.
        let _other = Worker::start(&server, 1);
        assert_eq!(next.result().unwrap(), 6);
        assert_eq!((log.count("1"), executor.stats().redelivered), (1, 0));
    });
}

/// How many workers are killed: a few, or as many as `REMOTE_KILLS` says.
fn kills() -> usize {
    std::env::var("REMOTE_KILLS").map_or(12, |kills| kills.parse().expect("a number"))
}

#[test]
fn nothing_is_lost_whoever_is_killed() {
    let kills = kills();
    with_mortal_workers_for(Duration::from_secs(120 + 10 * kills as u64), |server| {
        const WORKERS: usize = 3;
        let executor = server.executor();
        let log = server.log();
        let mut workers: Vec<_> = (0..WORKERS).map(|_| Worker::start(&server, 4)).collect();
        let mut futures = Vec::new();
        let mut next = 0;
        for kill in 0..kills {
            for _ in 0..40 {
                // None is to be given up: how often one is hit is a matter of chance.
                let call = executor.call(&NAP, (log.clone(), next, 20)).attempts(1000);
                futures.push((next, call.submit()));
                next += 1;
            }
            let before = log.words().len();
            until("they are at work", || log.words().len() > before + 3);
            workers[kill % WORKERS].kill();
            workers[kill % WORKERS] = Worker::start(&server, 4);
        }
        for (n, future) in futures {
            assert_eq!(future.result().unwrap(), n);
        }
        let stats = executor.stats();
        assert_eq!(
            (stats.submitted, stats.completed, stats.pending()),
            (next, next, 0)
        );
        // Each ran once, and once more for each worker that died of it; a death between the start and the first
        // line in the log is no line.
        let ran = log.words().len() as u64;
        assert!(
            ran >= next && ran <= next + stats.redelivered,
            "{ran} runs, {stats}"
        );
        eprintln!("{kills} kills: {ran} runs, {stats}");
    });
}

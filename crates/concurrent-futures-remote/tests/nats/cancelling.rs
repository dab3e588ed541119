//! `cancel` is true if and only if the call never runs.

use crate::support::prelude::*;
use concurrent_futures::TaskError;
use concurrent_futures_remote::Executor;
use std::thread;

#[test]
fn what_is_queued_is_cancelled_and_never_runs() {
    with_server(|server| {
        let executor = server.executor();
        let log = server.log();
        let futures: Vec<_> = (0..20)
            .map(|n| executor.submit(&NAP, (log.clone(), n, 0)))
            .collect();
        for future in &futures[..10] {
            assert!(future.cancel() && future.cancelled() && future.cancel());
        }
        let _worker = Worker::start(&server, 2);
        for (n, future) in futures.into_iter().enumerate() {
            match future.result() {
                Ok(value) => assert!(n >= 10 && value == n as u64),
                Err(error) => assert!(n < 10 && error.is_cancelled()),
            }
        }
        assert_eq!(log.words().len(), 10);
        assert_eq!(executor.stats().cancelled, 10);
    });
}

#[test]
fn what_runs_is_not() {
    with_server(|server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let _worker = Worker::start(&server, 1);
        let future = executor.submit(&HOLD, (log.clone(), flag.clone(), 1));
        until("it runs", || log.count("1") == 1);
        assert!(!future.cancel() && !future.cancelled());
        flag.raise();
        assert_eq!(future.result().unwrap(), 1);
    });
}

#[test]
fn in_a_race_with_workers_it_is_true_or_it_runs() {
    with_server(|server| {
        const CALLS: u64 = 600;
        let executor = server.executor();
        let log = server.log();
        let _workers = [Worker::start(&server, 2), Worker::start(&server, 2)];
        assert_eq!(executor.submit(&DOUBLE, 1).result().unwrap(), 2);
        let futures: Vec<_> = (0..CALLS)
            .map(|n| executor.submit(&NAP, (log.clone(), n, 0)).shared())
            .collect();
        let cancellers: Vec<_> = (0..3usize)
            .map(|part| {
                let futures = futures.clone();
                thread::spawn(move || {
                    let mine = futures.iter().enumerate().filter(|(n, _)| n % 3 == part);
                    mine.filter(|(_, future)| future.cancel())
                        .map(|(n, _)| n as u64)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let cancelled: Vec<_> = cancellers
            .into_iter()
            .flat_map(|canceller| canceller.join().unwrap())
            .collect();
        let mut ran = 0;
        for (n, future) in futures.iter().enumerate() {
            let n = n as u64;
            match future.result() {
                Ok(value) => {
                    assert_eq!((*value, cancelled.contains(&n)), (n, false));
                    ran += 1;
                }
                Err(TaskError::Cancelled) => assert!(cancelled.contains(&n)),
                Err(error) => panic!("{error}"),
            }
        }
        let words = log.words();
        assert_eq!(words.len(), ran);
        assert!(cancelled.iter().all(|n| !words.contains(&n.to_string())));
        eprintln!("{} of {CALLS} were cancelled", cancelled.len());
    });
}

#[test]
fn a_cancelled_call_gives_its_place_in_the_queue_back() {
    with_server(|server| {
        let executor = Executor::connect_with(server.options().capacity(5)).unwrap();
        for _ in 0..4 {
            let futures: Vec<_> = (0..5).map(|n| executor.submit(&DOUBLE, n)).collect();
            until("all are queued", || queue_is_full(&executor));
            assert!(futures.iter().all(concurrent_futures::Future::cancel));
            until("there is room", || !queue_is_full(&executor));
        }
    });
}

fn queue_is_full(executor: &Executor) -> bool {
    let future = executor.submit(&DOUBLE, 0);
    let timeout = std::time::Duration::from_millis(300);
    match future.exception_timeout(timeout) {
        Ok(Some(_)) => true,
        Ok(None) => panic!("it ran"),
        Err(_) => {
            assert!(future.cancel());
            false
        }
    }
}

#[test]
fn a_map_that_is_dropped_early_cancels_the_rest() {
    with_server(|server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let _worker = Worker::start(&server, 1);
        flag.raise();
        let inputs = (0..50).map(|n| (log.clone(), n, 20));
        let first = executor.map(&NAP, inputs).next().unwrap().unwrap();
        assert_eq!(first, 0);
        assert!(executor.stats().cancelled > 0);
        until("all have ended", || executor.stats().pending() == 0);
        assert_eq!(log.words().len() as u64, executor.stats().completed);
    });
}

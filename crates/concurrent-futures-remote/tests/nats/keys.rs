//! Calls of one key are one piece of work.

use crate::support::prelude::*;
use concurrent_futures_remote::Executor;

#[test]
fn it_runs_once_and_everybody_gets_the_result() {
    with_server(|server| {
        let (one, other) = (server.executor(), server.executor());
        let log = server.log();
        let submit = |executor: &Executor, n| {
            executor
                .call(&NAP, (log.clone(), n, 50))
                .key("order 1507: .*>")
                .submit()
        };
        let mut futures: Vec<_> = (0..10).map(|n| submit(&one, n)).collect();
        futures.extend((10..20).map(|n| submit(&other, n)));
        let _workers = [Worker::start(&server, 4), Worker::start(&server, 4)];
        let results: Vec<_> = futures
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert!(results.iter().all(|result| *result == results[0]));
        // And who comes later, from wherever, too.
        assert_eq!(submit(&server.executor(), 20).result().unwrap(), results[0]);
        assert_eq!(submit(&one, 21).result().unwrap(), results[0]);
        assert_eq!(log.words(), [results[0].to_string()]);
    });
}

#[test]
fn other_keys_are_other_work() {
    with_server(|server| {
        let executor = server.executor();
        let _worker = Worker::start(&server, 4);
        let log = server.log();
        let futures: Vec<_> = (0..50)
            .map(|n| {
                executor
                    .call(&NAP, (log.clone(), n, 0))
                    .key(format!("k{n}"))
                    .submit()
            })
            .collect();
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), n as u64);
        }
        assert_eq!(log.words().len(), 50);
    });
}

#[test]
fn who_cancels_cancels_for_all() {
    with_server(|server| {
        let (one, other) = (server.executor(), server.executor());
        let log = server.log();
        let submit =
            |executor: &Executor| executor.call(&NAP, (log.clone(), 1, 0)).key("k").submit();
        let (first, second) = (submit(&one), submit(&other));
        assert!(first.cancel());
        assert!(second.result().unwrap_err().is_cancelled());
        let _worker = Worker::start(&server, 1);
        assert!(submit(&one).result().unwrap_err().is_cancelled());
        assert_eq!(one.submit(&DOUBLE, 1).result().unwrap(), 2);
        assert!(log.words().is_empty());
    });
}

#[test]
fn it_is_done_once_also_if_its_worker_dies_of_it() {
    with_mortal_workers(|server| {
        let (one, other) = (server.executor(), server.executor());
        let (log, flag) = (server.log(), server.flag("go"));
        let mut first = Worker::start(&server, 2);
        let submit = |executor: &Executor| {
            executor
                .call(&HOLD, (log.clone(), flag.clone(), 3))
                .key("k")
                .submit()
        };
        let early = submit(&one);
        until("it runs", || log.count("3") == 1);
        let late = submit(&other);
        first.kill();
        let _second = Worker::start(&server, 2);
        until("it runs again", || log.count("3") == 2);
        flag.raise();
        assert_eq!([early.result().unwrap(), late.result().unwrap()], [3, 3]);
        assert_eq!(log.count("3"), 2);
    });
}

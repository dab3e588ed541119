//! Servers that are killed and come back.

use crate::support::prelude::*;
use concurrent_futures::{Future, TaskError, remote::CallError};
use concurrent_futures_remote::Executor;
use std::time::Duration;

#[test]
fn calls_and_results_survive_the_server() {
    with_mortal_workers(|mut server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let _worker = Worker::start(&server, 2);
        let running = executor.submit(&LINGER, (log.clone(), flag.clone()));
        until("it runs", || log.count("begun") == 1);
        let queued: Vec<_> = (0..50).map(|n| executor.submit(&DOUBLE, n)).collect();
        // They are stored, or on their way; either is to be survived.
        server.kill();
        flag.raise();
        let meanwhile = executor.submit(&DOUBLE, 100);
        until("it has run", || log.count("ended") == 1);
        server.go_on();
        running.result().unwrap();
        for (n, future) in queued.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), 2 * n as u64);
        }
        assert_eq!(meanwhile.result().unwrap(), 200);
        // The worker has lived, so nobody took over from it.
        assert_eq!(log.words(), ["begun", "ended"]);
    });
}

#[test]
fn a_server_that_is_killed_again_and_again_loses_nothing() {
    with_mortal_workers(|mut server| {
        let executor = server.executor();
        let log = server.log();
        let _workers = [Worker::start(&server, 4), Worker::start(&server, 4)];
        let mut futures = Vec::new();
        for round in 0..5 {
            for n in 0..100 {
                let number = round * 100 + n;
                futures.push(executor.submit(&NAP, (log.clone(), number, 2)));
            }
            let before = log.words().len();
            until("they are at work", || log.words().len() > before + 20);
            server.kill();
            server.go_on();
        }
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), n as u64);
        }
        assert_eq!(executor.stats().completed, 500);
    });
}

/// Workers reach the server all the time, and die of the call.
#[test]
fn a_call_may_be_given_up_while_its_client_is_cut_off() {
    with_mortal_workers(|server| {
        let cable = Cable::to(server.port());
        let options = server.options().url(cable.url());
        let executor = Executor::connect_with(options).expect("the server is there");
        let log = server.log();
        let call = executor.call(&POISON, log.clone());
        let id = call.id().to_owned();
        let future = call.submit();
        let mut first = Worker::start(&server, 1);
        until("one is dead", || first.has_ended());
        cable.cut();
        let mut others = [Worker::start(&server, 1), Worker::start(&server, 1)];
        until("all are dead", || others.iter_mut().all(Worker::has_ended));
        let _last = Worker::start(&server, 1);
        let broken = |future: Future<(), CallError>| match future.result() {
            Err(TaskError::Failed(CallError::BrokenWorker { deaths })) => deaths,
            other => panic!("not broken: {other:?}"),
        };
        assert_eq!(broken(server.executor().attach(&POISON, &id)), 3);
        assert!(!future.done());
        cable.mend();
        assert_eq!(broken(future), 3);
        assert_eq!(log.count("poison"), 3);
    });
}

#[test]
fn what_ends_while_its_client_is_cut_off_is_found() {
    with_server(|server| {
        let cable = Cable::to(server.port());
        let options = server.options().url(cable.url());
        let executor = Executor::connect_with(options).expect("the server is there");
        let (log, flag) = (server.log(), server.flag("go"));
        let _worker = Worker::start(&server, 1);
        let call = executor.call(&HOLD, (log.clone(), flag.clone(), 1));
        let id = call.id().to_owned();
        let future = call.submit();
        until("it runs", || log.count("1") == 1);
        cable.cut();
        flag.raise();
        assert_eq!(server.executor().attach(&HOLD, &id).result().unwrap(), 1);
        assert!(!future.done());
        cable.mend();
        assert_eq!(future.result().unwrap(), 1);
    });
}

#[test]
fn a_server_that_has_lost_everything_gets_the_calls_again() {
    with_mortal_workers(|mut server| {
        let executor = server.executor();
        let futures: Vec<_> = (0..20).map(|n| executor.submit(&DOUBLE, n)).collect();
        until("they are ordered", || {
            let future = executor.call(&DOUBLE, 0).submit();
            let ordered = future
                .exception_timeout(Duration::from_millis(100))
                .is_err();
            future.cancel() && ordered
        });
        server.kill();
        server.lose_everything();
        server.go_on();
        // Whoever connects makes the queue again.
        let _other = server.executor();
        let _worker = Worker::start(&server, 2);
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), 2 * n as u64);
        }
    });
}

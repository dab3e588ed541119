//! Servers that are killed and come back.

use crate::support::prelude::*;
use std::time::Duration;

#[test]
fn calls_and_results_survive_the_server() {
    with_server(|mut server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let _worker = Worker::start(&server, 2);
        let running = executor.submit(&HOLD, (log.clone(), flag.clone(), 1));
        until("it runs", || log.count("1") == 1);
        let queued: Vec<_> = (0..50).map(|n| executor.submit(&DOUBLE, n)).collect();
        // They are stored, or on their way; either is to be survived.
        server.kill();
        flag.raise();
        let meanwhile = executor.submit(&DOUBLE, 100);
        std::thread::sleep(Duration::from_millis(500));
        server.go_on();
        assert_eq!(running.result().unwrap(), 1);
        for (n, future) in queued.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), 2 * n as u64);
        }
        assert_eq!(meanwhile.result().unwrap(), 200);
        // The worker has lived, so nobody took over from it.
        assert_eq!(log.count("1"), 1);
    });
}

#[test]
fn a_server_that_is_killed_again_and_again_loses_nothing() {
    with_server(|mut server| {
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

#[test]
fn a_server_that_has_lost_everything_gets_the_calls_again() {
    with_server(|mut server| {
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

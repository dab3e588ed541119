//! Full queues, large payloads, servers that are not there.

use crate::support::prelude::*;
use concurrent_futures::{Future, TaskError, remote::CallError};
use concurrent_futures_remote::{ConnectOptions, Executor};
use std::time::{Duration, Instant};

fn failure<T: std::fmt::Debug>(future: Future<T, CallError>) -> CallError {
    match future.result() {
        Err(TaskError::Failed(error)) => error,
        other => panic!("no failure: {other:?}"),
    }
}

#[test]
fn a_full_queue_says_so() {
    with_server(|server| {
        let executor = Executor::connect_with(server.options().capacity(10)).unwrap();
        let futures: Vec<_> = (0..10).map(|n| executor.submit(&DOUBLE, n)).collect();
        assert_eq!(failure(executor.submit(&DOUBLE, 10)), CallError::QueueFull);
        let _worker = Worker::start(&server, 2);
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), 2 * n as u64);
        }
        assert_eq!(executor.submit(&DOUBLE, 10).result().unwrap(), 20);
        assert_eq!(executor.stats().refused, 1);
    });
}

#[test]
fn what_is_too_large_says_so_at_submit_and_as_a_result() {
    with_server(|server| {
        let executor = server.executor();
        let future = executor.submit(&ECHO, vec![0; 1 << 20]);
        assert!(future.done());
        let CallError::TooLarge { size, limit } = failure(future) else {
            panic!()
        };
        assert!(size > limit && limit < 1 << 20);
        let _worker = Worker::start(&server, 1);
        let CallError::TooLarge { size, limit } = failure(executor.submit(&BLOAT, 2 << 20)) else {
            panic!()
        };
        assert!(size > limit);
        // As much as goes goes.
        let most = vec![1; (1 << 20) - 4096];
        assert_eq!(executor.submit(&ECHO, most.clone()).result().unwrap(), most);
    });
}

#[test]
fn a_server_that_is_not_there_says_so_in_time() {
    with_time(|| {
        let timeout = Duration::from_secs(1);
        for url in ["nats://127.0.0.1:1", "nats://192.0.2.1:4222"] {
            let start = Instant::now();
            let options = ConnectOptions::new(url).connect_timeout(timeout);
            match Executor::connect_with(options) {
                Err(CallError::Unavailable { after, .. }) => assert_eq!(after, timeout),
                other => panic!("{other:?}"),
            }
            assert!(start.elapsed() < timeout + Duration::from_secs(20));
        }
    });
}

#[test]
fn what_listens_and_does_not_speak_says_so_in_time() {
    with_time(|| {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("nats://{}", silent.local_addr().unwrap());
        let options = ConnectOptions::new(url).connect_timeout(Duration::from_millis(500));
        let connected = Executor::connect_with(options);
        assert!(
            matches!(connected, Err(CallError::Unavailable { .. })),
            "{connected:?}"
        );
    });
}

#[test]
fn a_server_without_streams_says_so_in_time() {
    with_time(|| {
        let server = Server::with_config("accounts { A: { users: [ { user: a, password: b } ] } }");
        let url = server.url().replace("nats://", "nats://a:b@");
        let timeout = Duration::from_secs(1);
        let start = Instant::now();
        let options = ConnectOptions::new(url).connect_timeout(timeout);
        match Executor::connect_with(options) {
            Err(CallError::Unavailable { .. } | CallError::Refused(_)) => {}
            other => panic!("{other:?}"),
        }
        assert!(start.elapsed() < timeout + Duration::from_secs(20));
    });
}

#[test]
fn a_server_that_goes_away_fails_new_calls_in_time() {
    with_server(|mut server| {
        let timeout = Duration::from_secs(5);
        let executor = Executor::connect_with(server.options().submit_timeout(timeout)).unwrap();
        server.kill();
        let start = Instant::now();
        // More than are handed over at a time: all of them are told together, and not one part after another.
        let futures: Vec<_> = (0..20_000).map(|n| executor.submit(&DOUBLE, n)).collect();
        assert!(!executor.submit(&DOUBLE, 1).cancel());
        for future in futures {
            assert!(matches!(failure(future), CallError::Unavailable { .. }));
        }
        assert!(start.elapsed() < Duration::from_secs(60));
    });
}

#[test]
fn a_closed_executor_says_so() {
    with_server(|server| {
        let executor = server.executor();
        let pending = executor.submit(&DOUBLE, 1);
        executor.close();
        assert_eq!(failure(pending), CallError::Closed);
        assert_eq!(failure(executor.submit(&DOUBLE, 1)), CallError::Closed);
        executor.close();
    });
}

#[test]
fn settings_of_the_queue_stay_until_they_are_changed() {
    with_server(|server| {
        let small = Executor::connect_with(server.options().capacity(1)).unwrap();
        let queued = small.submit(&DOUBLE, 1);
        assert_eq!(
            failure(server.executor().submit(&DOUBLE, 2)),
            CallError::QueueFull
        );
        let large = Executor::connect_with(server.options().capacity(100)).unwrap();
        let next = large.submit(&DOUBLE, 2);
        let _worker = Worker::start(&server, 1);
        assert_eq!((queued.result().unwrap(), next.result().unwrap()), (2, 4));
    });
}

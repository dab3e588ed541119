//! Results wait for a client that comes back.

use crate::support::prelude::*;
use concurrent_futures::{TaskError, remote::CallError};

#[test]
fn another_client_finds_a_call_before_during_and_after_its_run() {
    with_server(|server| {
        let one = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let call = one.call(&HOLD, (log.clone(), flag.clone(), 7));
        let id = call.id().to_owned();
        let first = call.submit();
        let other = server.executor();
        until("it is ordered", || {
            let attached = other.attach(&HOLD, &id);
            let timeout = std::time::Duration::from_millis(200);
            attached.exception_timeout(timeout).is_err()
        });
        let before = other.attach(&HOLD, &id);
        let _worker = Worker::start(&server, 1);
        until("it runs", || log.count("7") == 1);
        let during = server.executor().attach(&HOLD, &id);
        flag.raise();
        for future in [
            before,
            during,
            first,
            server.executor().attach(&HOLD, &id),
            one.attach(&HOLD, &id),
        ] {
            assert_eq!(future.result().unwrap(), 7);
        }
        assert_eq!(log.count("7"), 1);
    });
}

#[test]
fn a_result_is_kept_for_a_client_that_was_away() {
    with_server(|server| {
        let log = server.log();
        let ids: Vec<_> = {
            let executor = server.executor();
            let calls = (0..10).map(|n| executor.call(&NAP, (log.clone(), n, 0)));
            let started: Vec<_> = calls
                .map(|call| (call.id().to_owned(), call.submit()))
                .collect();
            let last = executor.submit(&NAP, (log.clone(), 99, 0));
            let _worker = Worker::start(&server, 1);
            last.result().unwrap();
            executor.close();
            started.into_iter().map(|(id, _)| id).collect()
        };
        let back = server.executor();
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(back.attach(&NAP, id).result().unwrap(), n as u64);
        }
    });
}

#[test]
fn what_nobody_knows_is_said() {
    with_server(|server| {
        let executor = server.executor();
        for id in ["nobody.1", "*.>", "", "k.00"] {
            match executor.attach(&DOUBLE, id).result() {
                Err(TaskError::Failed(error)) => {
                    assert_eq!(error, CallError::UnknownCall(id.to_owned()));
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn a_call_that_was_given_up_while_its_client_was_away_is_told_to_who_comes_back() {
    with_mortal_workers(|server| {
        let log = server.log();
        let one = server.executor();
        let call = one.call(&POISON, log.clone()).attempts(1);
        let id = call.id().to_owned();
        drop(call.submit());
        let mut worker = Worker::start(&server, 1);
        until("it is dead", || worker.has_ended());
        one.close();
        drop(one);
        match server.executor().attach(&POISON, &id).result() {
            Err(TaskError::Failed(CallError::BrokenWorker { deaths: 1 })) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(log.count("poison"), 1);
    });
}

//! What holds where nobody has said anything.

use crate::support::prelude::*;
use concurrent_futures::{TaskError, remote::CallError};
use concurrent_futures_remote::{ConnectOptions, Executor};
use serde_json::Value;
use std::time::Duration;

const SECOND: u64 = 1_000_000_000;

/// The settings of a stream, and of its consumer if it has one.
fn settings(server: &Server, name: &str) -> (Value, Value) {
    let said = server.says("/jsz?accounts=true&streams=true&consumers=true&config=true");
    let said: Value = serde_json::from_str(&said.expect("it is well")).expect("JSON");
    let streams = said["account_details"][0]["stream_detail"].as_array();
    let found = streams.expect("streams").iter();
    let found: Vec<_> = found.filter(|stream| stream["name"] == name).collect();
    let [stream] = found[..] else {
        panic!("{said}")
    };
    let consumer = stream["consumer_detail"][0]["config"].clone();
    (stream["config"].clone(), consumer)
}

#[test]
fn leases_are_half_a_minute_and_results_are_kept_for_an_hour() {
    with_server(|server| {
        let executor = Executor::connect(&server.url()).expect("the server is there");
        let (work, consumer) = settings(&server, "CF_default_WORK");
        assert_eq!(consumer["ack_wait"], 30 * SECOND);
        assert_eq!(consumer["ack_policy"], "explicit");
        assert_eq!(work["max_msgs"], 1_000_000);
        assert_eq!(work["storage"], "file");
        let (state, _) = settings(&server, "CF_default_STATE");
        assert_eq!(state["max_age"], 3600 * SECOND);
        assert_eq!(state["storage"], "file");
        drop(executor);
    });
}

#[test]
fn a_result_is_forgotten_when_its_time_is_over() {
    with_server(|server| {
        let options = server.options().results_kept_for(Duration::from_secs(6));
        let executor = Executor::connect_with(options).expect("the server is there");
        let _worker = Worker::start(&server, 1);
        let call = executor.call(&DOUBLE, 4);
        let id = call.id().to_owned();
        assert_eq!(call.submit().result().unwrap(), 8);
        until("it is forgotten", || {
            matches!(
                executor.attach(&DOUBLE, &id).result(),
                Err(TaskError::Failed(CallError::UnknownCall(_)))
            )
        });
    });
}

#[test]
fn a_task_may_run_for_longer_than_results_are_kept() {
    with_server(|server| {
        let kept_for = Duration::from_secs(9);
        let options = server.options().results_kept_for(kept_for);
        let executor = Executor::connect_with(options).expect("the server is there");
        let _worker = Worker::start(&server, 1);
        let log = server.log();
        let millis = u64::try_from(2 * kept_for.as_millis()).expect("not very long");
        let future = executor.submit(&NAP, (log.clone(), 3, millis));
        until("it runs", || log.count("3") == 1);
        // What its worker has claimed is there all the time.
        while !future.done() {
            assert!(!future.cancel());
        }
        assert_eq!(future.result().unwrap(), 3);
        assert_eq!(log.count("3"), 1);
    });
}

#[test]
fn a_lease_may_be_absurd() {
    with_server(|server| {
        let _worker = Worker::at(&server.url(), 1);
        for lease in [Duration::ZERO, Duration::MAX] {
            let options = ConnectOptions::new(server.url()).lease(lease);
            let options = options.connect_timeout(Duration::MAX);
            let executor = Executor::connect_with(options).expect("the server is there");
            assert_eq!(executor.submit(&DOUBLE, 4).result().unwrap(), 8);
        }
    });
}

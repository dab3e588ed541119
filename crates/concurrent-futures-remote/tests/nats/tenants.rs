//! Accounts.

use crate::support::prelude::*;
use concurrent_futures::{TaskError, remote::CallError};
use concurrent_futures_remote::{ConnectOptions, Executor};
use std::time::Duration;

const ACCOUNTS: &str = "
accounts {
    RED: { jetstream: enabled, users: [ { user: red, password: one } ] }
    BLUE: { jetstream: enabled, users: [ { user: blue, password: two } ] }
}
";

#[test]
fn tenants_do_not_see_each_other() {
    with_time(|| {
        let server = Server::with_config(ACCOUNTS);
        let url = |user: &str| server.url().replace("nats://", &format!("nats://{user}@"));
        let connect = |user: &str| {
            let options = ConnectOptions::new(url(user));
            Executor::connect_with(options.connect_timeout(Duration::from_secs(20)))
        };
        let (red, blue) = (connect("red:one").unwrap(), connect("blue:two").unwrap());
        // The same queue, the same key, the same id.
        let worker = Worker::at(&url("red:one"), 1);
        let call = red.call(&WHO, ()).key("k");
        let id = call.id().to_owned();
        assert_eq!(call.submit().result().unwrap(), worker.id());
        match blue.attach(&WHO, &id).result() {
            Err(TaskError::Failed(CallError::UnknownCall(unknown))) => assert_eq!(unknown, id),
            other => panic!("{other:?}"),
        }
        let theirs = blue.call(&WHO, ()).key("k").submit();
        // All that red has to do is done, and this is not.
        assert_eq!(red.submit(&DOUBLE, 1).result().unwrap(), 2);
        assert!(!theirs.done());
        let other = Worker::at(&url("blue:two"), 1);
        assert_eq!(theirs.result().unwrap(), other.id());
    });
}

#[test]
fn who_is_not_let_in_is_told() {
    with_time(|| {
        let server = Server::with_config(ACCOUNTS);
        for user in ["red:two@", "nobody:one@", ""] {
            let url = server.url().replace("nats://", &format!("nats://{user}"));
            let options = ConnectOptions::new(url).connect_timeout(Duration::from_secs(10));
            match Executor::connect_with(options) {
                Err(CallError::Refused(reason)) => {
                    assert!(reason.contains("authorization violation"), "{reason}");
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

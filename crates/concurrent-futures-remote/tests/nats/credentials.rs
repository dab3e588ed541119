//! Names and passwords, tokens, keys, files of credentials: the right ones are let in, others are told so.

use crate::support::prelude::*;
use concurrent_futures::remote::CallError;
use concurrent_futures_remote::{ConnectOptions, Executor};
use std::{fs, path::PathBuf, time::Duration};

/// Longer than the test may take: who is not let in is told at once.
const TIMEOUT: Duration = Duration::from_secs(600);

fn executor(options: ConnectOptions) -> Executor {
    Executor::connect_with(options.connect_timeout(TIMEOUT)).expect("it is let in")
}

/// Why it is not let in.
fn refusal(options: ConnectOptions) -> String {
    match Executor::connect_with(options.connect_timeout(TIMEOUT)) {
        Err(CallError::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

fn file(server: &Server, name: &str, text: &str) -> PathBuf {
    let path = server.folder().join(name);
    fs::write(&path, text).expect("a file");
    path
}

fn doubles(executor: &Executor) {
    assert_eq!(executor.submit(&DOUBLE, 21).result().unwrap(), 42);
}

#[test]
fn a_token_may_stand_before_the_host() {
    with_time(|| {
        let server = Server::with_config("authorization { token: \"s3cret/@\" }");
        let url = |token: &str| server.url().replace("nats://", &format!("nats://{token}@"));
        let right = url("s3cret%2F%40");
        let _worker = Worker::at(&right, 1);
        doubles(&executor(ConnectOptions::new(right)));
        let reason = refusal(ConnectOptions::new(url("guessed")));
        assert!(reason.contains("authorization violation"), "{reason}");
        assert!(!reason.contains("guessed"), "{reason}");
    });
}

#[test]
fn a_key_may_lie_in_a_file() {
    with_time(|| {
        let (name, seed) = user();
        let server = Server::with_config(&format!(
            "authorization {{ users: [ {{ nkey: {name} }} ] }}"
        ));
        let options = || ConnectOptions::new(server.url());
        let right = file(&server, "right.nk", &format!("{seed}\n"));
        let _worker = Worker::with_nkey(&server, &right);
        doubles(&executor(options().nkey(&right)));
        let other = file(&server, "other.nk", &user().1);
        let reason = refusal(options().nkey(other));
        assert!(reason.contains("authorization violation"), "{reason}");
        let nonsense = file(&server, "nonsense.nk", "nonsense");
        let reason = refusal(options().nkey(nonsense));
        assert!(
            reason.ends_with("nonsense.nk: there is no seed of a user in it"),
            "{reason}"
        );
        let reason = refusal(options().nkey(server.folder().join("missing.nk")));
        assert!(reason.contains("missing.nk: No such file"), "{reason}");
    });
}

#[test]
fn credentials_may_lie_in_a_file() {
    with_time(|| {
        let (operator, stranger) = (Operator::new(), Operator::new());
        let server = Server::with_config(&operator.lines);
        let options = || ConnectOptions::new(server.url());
        let right = file(&server, "right.creds", &operator.credentials());
        let _worker = Worker::with_credentials(&server, &right);
        doubles(&executor(options().credentials(&right)));
        let wrong = file(&server, "wrong.creds", &stranger.credentials());
        let reason = refusal(options().credentials(wrong));
        assert!(reason.contains("authorization violation"), "{reason}");
        let reason = refusal(options());
        assert!(reason.contains("authorization violation"), "{reason}");
        let reason = refusal(options().credentials(server.folder().join("missing.creds")));
        assert!(reason.contains("missing.creds: "), "{reason}");
    });
}

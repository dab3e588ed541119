//! Encrypted connections, with certificates made for the test.

use crate::support::prelude::*;
use concurrent_futures::remote::CallError;
use concurrent_futures_remote::{ConnectOptions, Executor};
use std::{fs, path::PathBuf, time::Duration};

/// A server that shows a certificate for this host.
struct Place {
    server: Server,
    authority: Authority,
}

impl Place {
    /// The configuration may say more of TLS.
    fn new(host: &str, more: &str) -> Self {
        let authority = Authority::new();
        let lines = format!(
            "tls {{ cert_file: own.pem, key_file: own.pem, ca_file: root.pem, timeout: 20, {more} }}"
        );
        let own = authority.certify(host);
        let server = Server::with_files(&lines, &[("own.pem", &own), ("root.pem", &authority.pem)]);
        Self { server, authority }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.server.folder().join(name);
        fs::write(&path, text).expect("a file");
        path
    }

    fn root(&self) -> PathBuf {
        self.server.folder().join("root.pem")
    }

    fn url(&self) -> String {
        self.server.url().replace("nats://", "tls://")
    }

    fn options(&self) -> ConnectOptions {
        // Longer than the test may take.
        ConnectOptions::new(self.url()).connect_timeout(Duration::from_secs(600))
    }
}

fn refusal(options: ConnectOptions) -> String {
    match Executor::connect_with(options) {
        Err(CallError::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn calls_travel_encrypted_between_those_who_know_each_other() {
    with_time(|| {
        let place = Place::new("127.0.0.1", "verify: true");
        let client = place.file("client.pem", &place.authority.certify("client"));
        let _worker = Worker::over_tls(&place.url(), &place.root(), &client);
        let options = place.options().root_certificates(place.root());
        let known = options.clone().client_certificate(&client, &client);
        let executor = Executor::connect_with(known).expect("it is let in");
        assert_eq!(executor.submit(&DOUBLE, 21).result().unwrap(), 42);
        // Who shows nothing is not let in, and nor is who shows what somebody else has signed. The connection may
        // be gone before the reason has come.
        let stranger = place.file("stranger.pem", &Authority::new().certify("client"));
        for options in [
            options.clone(),
            options.client_certificate(&stranger, &stranger),
        ] {
            match Executor::connect_with(options) {
                Err(CallError::Refused(reason)) => assert!(reason.contains("TLS"), "{reason}"),
                Err(CallError::Unavailable { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn a_server_that_is_not_to_be_trusted_is_not() {
    with_time(|| {
        let place = Place::new("127.0.0.1", "");
        let trusted = place.options().root_certificates(place.root());
        Executor::connect_with(trusted).expect("it is trusted");
        let other = place.file("other.pem", &Authority::new().pem);
        let reason = refusal(place.options().root_certificates(other));
        assert!(
            reason.starts_with("TLS: invalid peer certificate"),
            "{reason}"
        );
        let reason = refusal(place.options().root_certificates("missing.pem"));
        assert!(reason.contains("TLS"), "{reason}");
    });
}

#[test]
fn a_certificate_for_another_host_is_not_to_be_trusted() {
    with_time(|| {
        let place = Place::new("nats.example.org", "");
        let reason = refusal(place.options().root_certificates(place.root()));
        assert!(
            reason.starts_with("TLS: invalid peer certificate"),
            "{reason}"
        );
    });
}

#[test]
fn who_asks_for_encryption_speaks_to_nobody_who_has_none() {
    with_server(|server| {
        let url = server.url().replace("nats://", "tls://");
        let options = ConnectOptions::new(url).connect_timeout(Duration::from_secs(10));
        let connected = Executor::connect_with(options);
        assert!(
            matches!(
                connected,
                Err(CallError::Refused(_) | CallError::Unavailable { .. })
            ),
            "{connected:?}"
        );
    });
}

//! A server, workers, and a limit in time.

#[allow(dead_code)] // its other form
#[path = "../../../../concurrent-futures/tests/it/support/watchdog.rs"]
mod watchdog;

mod cable;
mod certificates;
mod credentials;
mod files;
mod ports;
mod server;
mod tasks;
mod worker;

use server::{LEASE, Server};

/// All that tests use.
pub(crate) mod prelude {
    pub(crate) use super::{
        cable::Cable,
        certificates::Authority,
        credentials::{Operator, user},
        server::Server,
        tasks::*,
        until, with_mortal_workers, with_mortal_workers_for, with_server, with_time,
        worker::Worker,
    };
}

use std::{
    thread,
    time::{Duration, Instant},
};

/// A test that takes longer hangs, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs a test with a server of its own, under a limit in time; says so where there is none to be had. No worker
/// of it is ever taken for dead.
pub(crate) fn with_server<F: FnOnce(Server)>(test: F) {
    with_time(|| test(Server::start()));
}

/// The same with workers that are soon missed.
pub(crate) fn with_mortal_workers<F: FnOnce(Server)>(test: F) {
    with_mortal_workers_for(LIMIT, test);
}

/// The same for a test that may take longer.
pub(crate) fn with_mortal_workers_for<F: FnOnce(Server)>(limit: Duration, test: F) {
    if is_there() {
        watchdog::watchdog_for(limit, || test(Server::start().with_lease(LEASE)));
    }
}

/// The same without a server to begin with.
pub(crate) fn with_time<F: FnOnce()>(test: F) {
    if is_there() {
        watchdog::watchdog_for(LIMIT, test);
    }
}

fn is_there() -> bool {
    let there = server::is_installed();
    if !there {
        let required = std::env::var_os("REQUIRE_NATS").is_some_and(|value| value == "1");
        assert!(
            !required,
            "REQUIRE_NATS=1, and nats-server is not installed"
        );
        eprintln!("NOT TESTED: nats-server is not installed (apt-get install nats-server)");
    }
    there
}

/// Waits until it holds. What it asks for comes from another process, which cannot tell us.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "still not: {what}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

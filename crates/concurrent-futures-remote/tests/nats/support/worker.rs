//! This program, run again as a worker.

use super::{
    server::{LEASE, Server},
    tasks::registry,
};
use concurrent_futures_remote::{ConnectOptions, Worker as Program};
use std::{
    env,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

const URL: &str = "TEST_WORKER_URL";
const SLOTS: &str = "TEST_WORKER_SLOTS";

/// Not a test: what a worker runs.
#[test]
#[ignore = "runs as a worker for the other tests"]
fn worker_process() {
    let Ok(url) = env::var(URL) else { return };
    let slots = env::var(SLOTS).expect("slots").parse().expect("a number");
    let options = ConnectOptions::new(url)
        .lease(LEASE)
        .connect_timeout(Duration::from_secs(20));
    Program::new(registry(), options)
        .slots(slots)
        .run()
        .expect("the server is there");
}

pub(crate) struct Worker(Child);

impl Worker {
    pub(crate) fn start(server: &Server, slots: usize) -> Self {
        Self::at(&server.url(), slots)
    }

    pub(crate) fn at(url: &str, slots: usize) -> Self {
        let program = env::current_exe().expect("this program");
        let child = Command::new(program)
            .args([
                "support::worker::worker_process",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(URL, url)
            .env(SLOTS, slots.to_string())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("a process"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// At once.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// By name, as `kill` does it.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.0.wait().expect("its end")
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("its state").is_some()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

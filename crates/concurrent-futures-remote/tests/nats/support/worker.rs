//! This program, run again as a worker.

use super::{server::Server, tasks::registry};
use concurrent_futures_remote::{ConnectOptions, Worker as Program};
use std::{
    env,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

const URL: &str = "TEST_WORKER_URL";
const SLOTS: &str = "TEST_WORKER_SLOTS";
const CREDENTIALS: &str = "TEST_WORKER_CREDENTIALS";
const NKEY: &str = "TEST_WORKER_NKEY";
const ROOT: &str = "TEST_WORKER_ROOT";
const CERTIFICATE: &str = "TEST_WORKER_CERTIFICATE";
const LEASE: &str = "TEST_WORKER_LEASE_MILLIS";

/// Not a test: what a worker runs.
#[test]
#[ignore = "runs as a worker for the other tests"]
fn worker_process() {
    let Ok(url) = env::var(URL) else { return };
    let slots = env::var(SLOTS).expect("slots").parse().expect("a number");
    let mut options = ConnectOptions::new(url).connect_timeout(Duration::from_secs(20));
    if let Ok(millis) = env::var(LEASE) {
        let millis = millis.parse().expect("a number");
        options = options.lease(Duration::from_millis(millis));
    }
    if let Some(file) = env::var_os(CREDENTIALS) {
        options = options.credentials(file);
    }
    if let Some(file) = env::var_os(NKEY) {
        options = options.nkey(file);
    }
    if let Some(file) = env::var_os(ROOT) {
        options = options.root_certificates(file);
    }
    if let Some(file) = env::var_os(CERTIFICATE) {
        // Both are in it.
        options = options.client_certificate(file.clone(), file);
    }
    Program::new(registry(), options)
        .slots(slots)
        .run()
        .expect("the server is there");
}

fn program(url: &str, slots: usize) -> Command {
    let mut program = Command::new(env::current_exe().expect("this program"));
    program
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
        .stderr(Stdio::null());
    program
}

pub(crate) struct Worker(Child);

impl Worker {
    pub(crate) fn start(server: &Server, slots: usize) -> Self {
        let mut program = program(&server.url(), slots);
        program.env(LEASE, server.lease().as_millis().to_string());
        Self::run(&mut program)
    }

    /// With the lease that the queue has.
    pub(crate) fn at(url: &str, slots: usize) -> Self {
        Self::run(&mut program(url, slots))
    }

    pub(crate) fn with_credentials(server: &Server, file: &Path) -> Self {
        Self::run(program(&server.url(), 1).env(CREDENTIALS, file))
    }

    pub(crate) fn with_nkey(server: &Server, file: &Path) -> Self {
        Self::run(program(&server.url(), 1).env(NKEY, file))
    }

    pub(crate) fn over_tls(url: &str, root: &Path, certificate: &Path) -> Self {
        let mut program = program(url, 1);
        Self::run(program.env(ROOT, root).env(CERTIFICATE, certificate))
    }

    fn run(program: &mut Command) -> Self {
        Self(program.spawn().expect("a process"))
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

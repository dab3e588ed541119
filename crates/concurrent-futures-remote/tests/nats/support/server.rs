//! `nats-server` on the loopback interface, with a store that goes with it.

use super::{
    files::{Flag, Log},
    ports::free_port,
};
use concurrent_futures_remote::{ConnectOptions, Executor};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// So long a worker may be silent where it is to die: so long the test has to wait, too.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

/// So long where it is to live, however busy the machine is.
pub(crate) const LONG_LEASE: Duration = Duration::from_secs(600);

pub(crate) fn is_installed() -> bool {
    program().arg("--version").output().is_ok()
}

fn program() -> Command {
    // Debian puts it where not every user looks.
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("nats-server");
    command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"));
    command
}

pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    /// Where it says how it is.
    monitor: u16,
    config: PathBuf,
    lease: Duration,
    child: Option<Child>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with_config("")
    }

    /// With more lines in its configuration.
    pub(crate) fn with_config(lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::in_folder(folder, free_port(), lines)
    }

    /// With these files in its folder, too, of which the configuration speaks.
    pub(crate) fn with_files(lines: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        Self::in_folder(folder, free_port(), lines)
    }

    fn in_folder(folder: TempDir, port: u16, lines: &str) -> Self {
        let config = folder.path().join("server.conf");
        let store = folder.path().join("store");
        let monitor = free_port();
        let text = format!(
            "listen: 127.0.0.1:{port}\nhttp: 127.0.0.1:{monitor}\n\
             jetstream {{ store_dir: {:?} }}\n{lines}\n",
            store.display().to_string()
        );
        fs::write(&config, text).expect("a configuration");
        let mut server = Self {
            folder,
            port,
            monitor,
            config,
            lease: LONG_LEASE,
            child: None,
        };
        server.go_on();
        server
    }

    /// So long its workers may be silent.
    pub(crate) fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    pub(crate) fn lease(&self) -> Duration {
        self.lease
    }

    /// Starts it again, after it was killed.
    pub(crate) fn go_on(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "nats-server does not listen"
            );
            if !self.is_running() {
                self.child = Some(self.spawn());
            }
            thread::sleep(Duration::from_millis(5));
        }
        assert!(self.is_running(), "another one listens there");
    }

    fn spawn(&self) -> Child {
        let child = program()
            .current_dir(self.folder())
            .arg("-c")
            .arg(&self.config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        child.expect("nats-server starts")
    }

    fn is_running(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_some_and(|child| child.try_wait().expect("its state").is_none())
    }

    /// Whether it has all that it is to have, as it says itself.
    pub(crate) fn is_well(&self) -> bool {
        self.says("/healthz").is_some()
    }

    /// What it says of itself, if it is well enough.
    pub(crate) fn says(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.monitor)).ok()?;
        let limit = Some(Duration::from_secs(10));
        stream.set_read_timeout(limit).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.starts_with("HTTP/1.0 200").then(|| body.to_owned())
    }

    /// Three that are one cluster.
    pub(crate) fn cluster() -> Vec<Self> {
        let (ports, routes) = ([(); 3].map(|()| free_port()), [(); 3].map(|()| free_port()));
        let all = routes
            .map(|port| format!("nats://127.0.0.1:{port}"))
            .join(", ");
        let configured = ports.into_iter().zip(routes).map(|(port, route)| {
            let folder = tempfile::tempdir().expect("a folder");
            let lines = format!(
                "server_name: s{port}\n\
                 cluster {{ name: trio, listen: 127.0.0.1:{route}, routes: [{all}] }}"
            );
            Self::in_folder(folder, port, &lines).with_lease(LEASE)
        });
        configured.collect()
    }

    /// What it had stored is gone.
    pub(crate) fn lose_everything(&self) {
        fs::remove_dir_all(self.folder().join("store")).expect("a store");
    }

    /// At once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        ConnectOptions::new(self.url())
            .lease(self.lease)
            .connect_timeout(Duration::from_secs(20))
    }

    pub(crate) fn executor(&self) -> Executor {
        Executor::connect_with(self.options()).expect("the server is there")
    }

    pub(crate) fn flag(&self, name: &str) -> Flag {
        Flag::at(self.folder().join(name))
    }

    pub(crate) fn log(&self) -> Log {
        Log::at(self.folder().join("log"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

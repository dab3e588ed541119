//! `nats-server` on the loopback interface, with a store that goes with it.

use super::files::{Flag, Log};
use concurrent_futures_remote::{ConnectOptions, Executor};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// So long a worker may be silent in these tests.
pub(crate) const LEASE: Duration = Duration::from_millis(1500);

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

/// A port that nobody listens on just now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    config: PathBuf,
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

    pub(crate) fn in_folder(folder: TempDir, port: u16, lines: &str) -> Self {
        let config = folder.path().join("server.conf");
        let store = folder.path().join("store");
        let text = format!(
            "listen: 127.0.0.1:{port}\njetstream {{ store_dir: {:?} }}\n{lines}\n",
            store.display().to_string()
        );
        fs::write(&config, text).expect("a configuration");
        let mut server = Self {
            folder,
            port,
            config,
            child: None,
        };
        server.go_on();
        server
    }

    /// Starts it again, after it was killed.
    pub(crate) fn go_on(&mut self) {
        let child = program()
            .arg("-c")
            .arg(&self.config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("nats-server starts"));
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "nats-server does not listen"
            );
            thread::sleep(Duration::from_millis(5));
        }
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
            Self::in_folder(folder, port, &lines)
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

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        ConnectOptions::new(self.url())
            .lease(LEASE)
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

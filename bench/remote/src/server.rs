//! A server on the loopback interface, with a folder that goes with it.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub(crate) struct Server {
    child: Child,
    _folder: TempDir,
    pub(crate) port: u16,
}

impl Server {
    /// `arguments` are made from the port and the folder.
    pub(crate) fn start(program: &str, arguments: impl Fn(u16, &str) -> Vec<String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        drop(listener);
        let path = folder.path().display().to_string();
        let child = Command::new(program)
            .args(arguments(port, &path))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{program} does not listen"
            );
            thread::sleep(Duration::from_millis(10));
        }
        Self {
            child,
            _folder: folder,
            port,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

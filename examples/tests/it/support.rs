//! Starts the programs, under a time limit.

use std::{
    env,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Once,
    thread,
    time::{Duration, Instant},
};

/// Far more than any program needs, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) struct Ended {
    /// None if a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, with an environment that does not lead it outside this machine.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(executable(name));
    command.env_remove("DATABASE_URL");
    for proxy in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(proxy).env_remove(proxy.to_uppercase());
    }
    command
}

/// Runs the program to its end. One that does not end is killed and fails the test.
pub(crate) fn run(command: &mut Command) -> Ended {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let stdout = read_all(child.stdout.take());
    let stderr = read_all(child.stderr.take());
    let deadline = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            break Some(status);
        }
        if Instant::now() > deadline {
            child.kill().expect("a child can be killed");
            child.wait().expect("a killed child ends");
            break None;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let stdout = stdout.join().expect("the output is read");
    let stderr = stderr.join().expect("the errors are read");
    let Some(status) = status else {
        panic!("{command:?} hangs; so far it printed:\n{stdout}{stderr}")
    };
    Ended {
        status: status.code(),
        stdout,
        stderr,
    }
}

fn read_all(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.expect("the pipe was asked for")
            .read_to_end(&mut bytes)
            .expect("the pipe is readable");
        String::from_utf8(bytes).expect("the programs print text")
    })
}

/// `cargo test` has built the examples next to the tests; `cargo test --test it` may not have.
fn executable(name: &str) -> PathBuf {
    static BUILD: Once = Once::new();
    let test = env::current_exe().expect("a test knows its file");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("the test lies in <target>/<profile>/deps");
    let path = profile
        .join("examples")
        .join(format!("{name}{}", env::consts::EXE_SUFFIX));
    if !path.exists() {
        BUILD.call_once(|| build(profile));
    }
    path
}

fn build(profile: &Path) {
    let profile_name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let status = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--quiet", "--examples", "--profile", profile_name])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .arg("--target-dir")
        .arg(
            profile
                .parent()
                .expect("a profile lies in a target directory"),
        )
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the examples do not build: {status}");
}

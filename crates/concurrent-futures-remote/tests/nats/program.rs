//! A whole program, the example `checksum`, and its command `worker`, by their arguments, outputs and exit codes.

use crate::support::prelude::*;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// The example, which is built with the tests, unless only some of them are.
fn program() -> Command {
    let tests = env::current_exe().expect("this program");
    let target = tests.parent().and_then(Path::parent).expect("its folders");
    let program = target.join("examples").join("checksum");
    if !program.exists() {
        let profile = if target.ends_with("release") {
            "release"
        } else {
            "dev"
        };
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "-p", env!("CARGO_PKG_NAME")])
            .args([
                "--example",
                "checksum",
                "--profile",
                profile,
                "--target-dir",
            ])
            .arg(target.parent().expect("its folder"))
            .status();
        assert!(built.expect("cargo runs").success());
    }
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).env("LC_ALL", "C");
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().expect("it runs")
}

/// Its exit code, and what it has said on both streams.
fn said(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(arguments);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Three files, and what `sha256sum` says of them.
fn files(folder: &Path) -> (PathBuf, String) {
    let folder = folder.join("files");
    fs::create_dir_all(folder.join("b")).expect("a folder");
    let sums = [
        (
            "a",
            "",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "b/1",
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "c",
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
    ];
    let lines = sums.map(|(name, text, sum)| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a file");
        format!("{sum}  {}\n", path.display())
    });
    (folder, lines.concat())
}

/// A worker by its command.
struct Serving(Child);

impl Serving {
    fn start(url: &str) -> Self {
        let mut command = program();
        command.args(["worker", "--connect", url, "--slots", "2", "--wait", "20"]);
        Self(command.stderr(Stdio::piped()).spawn().expect("it runs"))
    }

    /// Asks it to end. Its exit code, and what it has said.
    fn end(mut self) -> (Option<i32>, String) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
        let status = self.0.wait().expect("its end");
        let mut text = String::new();
        let stderr = self.0.stderr.as_mut().expect("a pipe");
        std::io::Read::read_to_string(stderr, &mut text).expect("text");
        (status.code(), text)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_says_how_it_is_used() {
    with_time(|| {
        let (code, out, err) = said(&["--help"]);
        assert_eq!((code, &*err), (Some(0), ""));
        assert!(out.contains("usage: checksum [--slots N] FOLDER"), "{out}");
        let (code, out, err) = said(&["worker", "--help"]);
        assert_eq!((code, &*err), (Some(0), ""));
        assert!(out.starts_with("worker --connect URL [options]"), "{out}");
        for (arguments, text) in [
            (
                &["--speed", "9", "."][..],
                "checksum: invalid option '--speed'",
            ),
            (&[], "checksum: which folder?"),
            (&["--slots", "0", "."], "checksum: --slots is 0"),
            (&["worker"], "worker: --connect is missing"),
            (&["worker", "--speed"], "worker: invalid option '--speed'"),
        ] {
            let (code, out, err) = said(arguments);
            assert_eq!((code, &*out), (Some(2), ""), "{arguments:?}");
            assert!(err.starts_with(text), "{arguments:?}: {err}");
        }
    });
}

#[test]
fn it_says_what_is_not_there() {
    with_time(|| {
        let (code, out, err) = said(&["/no/such/folder"]);
        assert_eq!((code, &*out), (Some(2), ""));
        assert!(
            err.contains("/no/such/folder: No such file or directory"),
            "{err}"
        );
        let (code, _, err) = said(&["--connect", "nats://name:secret@127.0.0.1:1", "."]);
        assert_eq!(code, Some(2));
        assert!(
            err.contains("could not be reached") && !err.contains("secret"),
            "{err}"
        );
        let worker = [
            "worker",
            "--connect",
            "nats://name:secret@127.0.0.1:1",
            "--wait",
            "0.5",
        ];
        let (code, _, err) = said(&worker);
        assert_eq!(code, Some(1));
        assert!(err.contains("could not be reached within 500ms"), "{err}");
        assert!(!err.contains("secret"), "{err}");
    });
}

#[test]
fn it_does_the_same_here_and_on_a_worker() {
    with_server(|server| {
        let (folder, sums) = files(server.folder());
        let folder = folder.to_str().expect("text");
        let (code, out, err) = said(&["--slots", "2", folder]);
        assert_eq!((code, &out), (Some(0), &sums), "{err}");
        assert!(err.contains("3 files, 6 B in "), "{err}");
        let worker = Serving::start(&server.url());
        let (code, out, err) = said(&["--connect", &server.url(), folder]);
        assert_eq!((code, &out), (Some(0), &sums), "{err}");
        assert!(err.contains("3 calls: 0 pending, 3 completed"), "{err}");
        let (code, text) = worker.end();
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains(": 2 slots at nats://127.0.0.1:"), "{text}");
        assert!(text.contains("queue default for checksum@1"), "{text}");
    });
}

//! Each program prints what the comment at its top shows.

use std::{fs, path::Path};

use crate::support::{Ended, program, run};

enum Order {
    AsShown,
    /// The lines come as tasks end, so only the set of them is fixed.
    Any,
}

#[test]
fn hello() {
    prints_its_header("hello", "hello.rs", &Order::AsShown);
}

#[test]
fn map() {
    prints_its_header("map", "map.rs", &Order::AsShown);
}

#[test]
fn as_completed() {
    prints_its_header("as_completed", "as_completed.rs", &Order::Any);
}

#[test]
fn future_ids() {
    prints_its_header("future_ids", "future_ids.rs", &Order::Any);
}

#[test]
fn status() {
    prints_its_header("status", "status.rs", &Order::AsShown);
}

#[test]
fn callbacks() {
    prints_its_header("callbacks", "callbacks.rs", &Order::AsShown);
}

#[test]
fn stop() {
    prints_its_header("stop", "stop.rs", &Order::AsShown);
}

#[test]
fn initializer() {
    prints_its_header("initializer", "initializer/main.rs", &Order::AsShown);
}

#[test]
fn read_files() {
    prints_its_header("read_files", "read_files.rs", &Order::AsShown);
}

#[test]
fn mirrors() {
    prints_its_header("mirrors", "mirrors.rs", &Order::AsShown);
}

#[test]
fn directory_sizes() {
    prints_its_header("directory_sizes", "directory_sizes.rs", &Order::AsShown);
}

#[test]
fn follow_up() {
    prints_its_header("follow_up", "follow_up.rs", &Order::AsShown);
}

#[test]
fn pipeline() {
    prints_its_header("pipeline", "pipeline.rs", &Order::Any);
}

#[test]
fn retry() {
    prints_its_header("retry", "retry.rs", &Order::AsShown);
}

#[test]
fn bounded() {
    prints_its_header("bounded", "bounded.rs", &Order::AsShown);
}

#[test]
fn backlog() {
    prints_its_header("backlog", "backlog.rs", &Order::AsShown);
}

#[test]
fn progress() {
    prints_its_header("progress", "progress.rs", &Order::AsShown);
}

#[test]
fn live_line() {
    let Ended {
        status,
        stdout,
        stderr,
    } = run(&mut program("live_line"));
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    let seen: Vec<String> = stdout.lines().map(mask_what_varies).collect();
    assert_matches(&shown_output("live_line.rs"), &seen);
    // Where standard error is no terminal, plain lines, the last one with all that was done.
    let last = stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("letters 60/60 (100%), in "), "{stderr}");
    assert!(last.ends_with(", 2 failed"), "{stderr}");
    assert!(!stderr.contains(['\r', '\u{1b}']), "{stderr:?}");
}

#[test]
fn metrics() {
    prints_its_header("metrics", "metrics.rs", &Order::AsShown);
}

#[test]
fn await_tokio() {
    prints_its_header("await_tokio", "await_tokio.rs", &Order::AsShown);
}

#[test]
fn read_files_says_which_file_is_no_text() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "one\ntwo\n").unwrap();
    fs::write(folder.path().join("b.bin"), [0xff, 0xfe]).unwrap();
    let Ended { status, stdout, .. } = run(program("read_files").arg(folder.path()));
    assert_eq!(status, Some(0));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[1], "       2           8  a.txt");
    assert!(
        lines[2].starts_with("                   -  b.bin: "),
        "{}",
        lines[2]
    );
    assert_eq!(lines[3], "       2           8  1 files");
}

#[test]
fn backlog_reads_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "12 a 3\n\n456\n").unwrap();
    let Ended { status, stdout, .. } = run(program("backlog").arg(file.path()));
    assert_eq!(status, Some(0));
    assert_eq!(stdout, "3 lines, 6 digits, at most 3 tasks pending\n");
}

fn prints_its_header(name: &str, source: &str, order: &Order) {
    let Ended {
        status,
        stdout,
        stderr,
    } = run(&mut program(name));
    assert_eq!(status, Some(0), "{name}:\n{stdout}{stderr}");
    assert_eq!(stderr, "", "{name} prints errors");
    let mut shown = shown_output(source);
    let mut seen: Vec<String> = stdout.lines().map(mask_what_varies).collect();
    if matches!(order, Order::Any) {
        shown.sort();
        seen.sort();
    }
    assert_matches(&shown, &seen);
}

/// The first block of the comment at the top of a source, without the command line.
pub(crate) fn shown_output(source: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let block = text
        .split("//! ```")
        .nth(1)
        .expect("the header has a block");
    let lines = block
        .lines()
        .skip_while(|line| !line.starts_with("//! $ "))
        .skip(1);
    lines
        .map(|line| line.strip_prefix("//!").expect("the block is a comment"))
        .map(|line| mask_what_varies(line.strip_prefix(' ').unwrap_or(line)))
        .collect()
}

/// Fails unless the lines are the shown ones. A shown `...` stands for any number of lines.
pub(crate) fn assert_matches(shown: &[String], seen: &[String]) {
    let mut rest = seen;
    let mut may_skip = false;
    for line in shown {
        if line == "..." {
            may_skip = true;
            continue;
        }
        let found = if may_skip {
            rest.iter().position(|seen| seen == line)
        } else {
            Some(0)
        };
        let matches = found.is_some_and(|at| rest.get(at) == Some(line));
        assert!(
            matches,
            "expected:\n{line}\nof:\n{}\nseen:\n{}",
            shown.join("\n"),
            seen.join("\n")
        );
        rest = &rest[found.unwrap_or(0) + 1..];
        may_skip = false;
    }
    assert!(
        may_skip || rest.is_empty(),
        "more lines than shown:\n{}",
        rest.join("\n")
    );
}

/// Addresses in memory, and how many of at most three workers were needed.
fn mask_what_varies(line: &str) -> String {
    let line = match line.split_once("0x") {
        Some((before, after)) => {
            format!(
                "{before}0x*{}",
                after.trim_start_matches(|c: char| c.is_ascii_hexdigit())
            )
        }
        None => line.to_owned(),
    };
    [1, 2, 3].iter().fold(line, |line, count| {
        line.replace(&format!(" {count} connections,"), " * connections,")
    })
}

//! The download: what it saves, prints, and says with its exit status when all goes as it should.

use std::{fs, path::Path, time::Duration};

use concurrent_futures_examples::{ALL, Answer, Document, Server};

use crate::{
    headers::{assert_matches, shown_output},
    support::{Ended, program, run},
};

#[test]
fn the_demonstration_saves_all_but_the_planned_failures_twice() {
    let out = tempfile::tempdir().unwrap();
    // A limit that no document misses on a busy machine, but the one that never comes.
    let ended = run(program("download")
        .args(["--timeout", "2.5", "--out"])
        .arg(out.path()));
    assert_eq!(ended.status, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.stderr, "");

    let out_shown = ended.stdout.replace(&*out.path().to_string_lossy(), "out");
    let shown: Vec<_> = shown_output("download/main.rs")
        .iter()
        .map(|l| mask_numbers(l))
        .collect();
    assert_matches(
        &shown,
        &out_shown.lines().map(mask_numbers).collect::<Vec<_>>(),
    );

    for folder in ["one-by-one", "at-once"] {
        assert_saved(
            &out.path().join(folder),
            ALL.iter().filter(|document| !document.fails()),
        );
    }
    for failure in [
        "missing.txt     404 Not Found",
        "late.txt        not here within 2.5 s",
        "torn.txt        broke off after 207 of 414 bytes",
        "failing.txt     500 Internal Server Error",
    ] {
        let line = format!("  failed  {failure}");
        let times = ended.stdout.lines().filter(|seen| *seen == line).count();
        assert_eq!(times, 2, "{line}\nin:\n{}", ended.stdout);
    }
    assert_eq!(ended.stdout.matches("  24 of 28 saved in ").count(), 2);
    assert!(
        !ended.stdout.contains('\x1b'),
        "no escape sequences in a pipe"
    );
}

#[test]
fn the_demonstration_says_so_when_other_documents_fail() {
    let out = tempfile::tempdir().unwrap();
    let ended = run(program("download")
        .args(["--timeout", "0.001", "--out"])
        .arg(out.path()));
    assert_eq!(ended.status, Some(1), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("  0 of 28 saved in "),
        "{}",
        ended.stdout
    );
    assert!(
        ended
            .stdout
            .contains("\nnot the 4 planned failures, which are: "),
        "{}",
        ended.stdout
    );
}

#[test]
fn addresses_as_arguments() {
    let (server, out) = (Server::start(&ALL).unwrap(), tempfile::tempdir().unwrap());
    let folder = out.path().join("new/folder");
    let addresses: Vec<String> = whole()
        .map(|document| server.address(document.name))
        .collect();
    let ended = download(&addresses, &folder);
    assert_eq!(ended.status, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_saved(&folder, whole());
    for (document, address) in whole().zip(&addresses) {
        let line = ended
            .stdout
            .lines()
            .find(|line| line.contains(address.as_str()));
        let line = line.unwrap_or_else(|| panic!("no line for {address} in:\n{}", ended.stdout));
        assert!(line.starts_with("  saved   "), "{line}");
        assert!(
            line.contains(&format!("{} bytes", document.text.len())),
            "{line}"
        );
    }
    assert!(
        ended.stdout.starts_with("24 addresses, 20 at once\n"),
        "{}",
        ended.stdout
    );
}

#[test]
fn addresses_from_a_file_with_comments() {
    let (server, out) = (Server::start(&ALL).unwrap(), tempfile::tempdir().unwrap());
    let list = out.path().join("list");
    let text = format!(
        "# two of them\r\n\n  {}  \n#{}\n{}",
        server.address("wait.txt"),
        server.address("lock.txt"),
        server.address("map.txt"),
    );
    fs::write(&list, text).unwrap();
    let folder = out.path().join("files");
    let ended = run(program("download")
        .args(["--workers", "1", "--urls"])
        .arg(&list)
        .arg(server.address("task.txt"))
        .arg("--out")
        .arg(&folder));
    assert_eq!(ended.status, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_saved(
        &folder,
        whole().filter(|d| ["wait.txt", "map.txt", "task.txt"].contains(&d.name)),
    );
    assert!(
        ended.stdout.starts_with("3 addresses, 1 at once\n"),
        "{}",
        ended.stdout
    );
}

#[test]
fn addresses_that_end_alike_get_files_of_their_own() {
    let (server, out) = (Server::start(&ALL).unwrap(), tempfile::tempdir().unwrap());
    let names = ["a/map.txt", "b/map.txt?page=2", "wait.txt", "c/map.txt#top"];
    let addresses = names.map(|name| server.address(name));
    let ended = download(&addresses, out.path());
    assert_eq!(ended.status, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(
        files(out.path()),
        ["map-2.txt", "map-3.txt", "map.txt", "wait.txt"]
    );
    assert!(
        ended.stdout.contains("  as map-2.txt\n"),
        "{}",
        ended.stdout
    );
}

#[test]
fn file_names_are_decoded_and_safe() {
    static ODD: [Document; 3] = [
        Document {
            name: "two%20words.txt",
            text: "2",
            latency: Duration::ZERO,
            answer: Answer::Complete,
        },
        Document {
            name: "%2e%2e%2fup.txt",
            text: "up",
            latency: Duration::ZERO,
            answer: Answer::Complete,
        },
        Document {
            name: "",
            text: "root",
            latency: Duration::ZERO,
            answer: Answer::Complete,
        },
    ];
    let (server, out) = (Server::start(&ODD).unwrap(), tempfile::tempdir().unwrap());
    let addresses: Vec<String> = ODD
        .iter()
        .map(|document| server.address(document.name))
        .collect();
    let ended = download(&addresses, &out.path().join("files"));
    assert_eq!(ended.status, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(files(out.path()), ["files"]);
    assert_eq!(
        files(&out.path().join("files")),
        [".._up.txt", "index.html", "two words.txt"]
    );
}

#[test]
fn a_report_names_every_download() {
    let (server, out) = (Server::start(&ALL).unwrap(), tempfile::tempdir().unwrap());
    let report = out.path().join("report.html");
    let ended = run(program("download")
        .args([server.address("map.txt"), server.address("missing.txt")])
        .arg("--report")
        .arg(&report)
        .arg("--out")
        .arg(out.path().join("files")));
    assert_eq!(ended.status, Some(1), "{}{}", ended.stdout, ended.stderr);
    let line = format!("  report in {}\n", report.display());
    assert!(ended.stdout.ends_with(&line), "{}", ended.stdout);
    let page = fs::read_to_string(report).unwrap();
    for word in ["<!doctype html>", "/map.txt", "/missing.txt", "download_0"] {
        assert!(page.contains(word), "{word}");
    }
}

#[test]
fn help_names_every_option() {
    let ended = run(program("download").arg("--help"));
    assert_eq!(ended.status, Some(0));
    for option in [
        "--urls",
        "--workers",
        "--timeout",
        "--out",
        "--report",
        "exit status",
    ] {
        assert!(ended.stdout.contains(option), "{option}");
    }
}

pub(crate) fn download(addresses: &[String], out: &Path) -> Ended {
    run(program("download")
        .args(addresses)
        .args(["--timeout", "10", "--out"])
        .arg(out))
}

/// The names in a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder exists");
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn whole() -> impl Iterator<Item = &'static Document> {
    ALL.iter().filter(|document| !document.fails())
}

/// The folder has these documents, as they were served, and nothing else.
fn assert_saved<'a>(folder: &Path, documents: impl Iterator<Item = &'a Document>) {
    let mut names = Vec::new();
    for document in documents {
        let saved = fs::read_to_string(folder.join(document.name)).unwrap_or_default();
        assert_eq!(saved, document.text, "{}", document.name);
        names.push(document.name);
    }
    names.sort_unstable();
    assert_eq!(files(folder), names);
}

/// Numbers differ from run to run, and with them the width of the columns.
fn mask_numbers(line: &str) -> String {
    let mut masked = String::new();
    for c in line.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if !(masked.ends_with(c) && (c == '#' || c == ' ')) {
            masked.push(c);
        }
    }
    masked
}

//! The download: what it says and leaves behind when something goes wrong.

use std::{fs, net::TcpListener, path::Path};

use concurrent_futures_examples::{ALL, Server};

use crate::{
    download::{download, files},
    support::{program, run},
};

#[test]
fn failures_are_named_with_their_reasons_and_the_others_come() {
    let (server, out) = (Server::start(&ALL).unwrap(), tempfile::tempdir().unwrap());
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/refused.txt", listener.local_addr().unwrap())
    };
    let ended = run(program("download")
        .args(
            [
                "missing.txt",
                "failing.txt",
                "torn.txt",
                "late.txt",
                "map.txt",
            ]
            .map(|n| server.address(n)),
        )
        .args([&refused, "--timeout", "2", "--out"])
        .arg(out.path()));
    assert_eq!(ended.status, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(files(out.path()), ["map.txt"]);
    for (address, reason) in [
        (server.address("missing.txt"), "  404 Not Found"),
        (server.address("failing.txt"), "  500 Internal Server Error"),
        (
            server.address("torn.txt"),
            "  broke off after 207 of 414 bytes",
        ),
        (server.address("late.txt"), "  not here within 2 s"),
        (refused, ""),
    ] {
        let lines: Vec<&str> = ended
            .stdout
            .lines()
            .filter(|line| line.contains(&address))
            .collect();
        assert_eq!(lines.len(), 1, "{address} in:\n{}", ended.stdout);
        assert!(lines[0].starts_with("  failed  "), "{}", lines[0]);
        assert!(lines[0].ends_with(reason), "{}", lines[0]);
    }
    assert!(
        ended.stdout.contains("\n  1 of 6 saved in "),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_older_file_is_replaced_by_a_whole_one_only() {
    let (server, out) = (Server::start(&ALL).unwrap(), tempfile::tempdir().unwrap());
    for name in ["torn.txt", "map.txt"] {
        fs::write(out.path().join(name), "old").unwrap();
    }
    let ended = download(
        &["torn.txt", "map.txt"].map(|name| server.address(name)),
        out.path(),
    );
    assert_eq!(ended.status, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(files(out.path()), ["map.txt", "torn.txt"]);
    assert_eq!(
        fs::read_to_string(out.path().join("torn.txt")).unwrap(),
        "old"
    );
    let map = ALL
        .iter()
        .find(|document| document.name == "map.txt")
        .unwrap();
    assert_eq!(
        fs::read_to_string(out.path().join("map.txt")).unwrap(),
        map.text
    );
}

#[test]
fn a_file_that_cannot_be_saved_is_a_failure_of_that_file() {
    let (server, out) = (Server::start(&ALL).unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(out.path().join("map.txt")).unwrap();
    let ended = download(
        &["map.txt", "wait.txt"].map(|name| server.address(name)),
        out.path(),
    );
    assert_eq!(ended.status, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(files(out.path()), ["map.txt", "wait.txt"]);
    assert!(
        ended.stdout.contains("  cannot be saved: "),
        "{}",
        ended.stdout
    );
}

#[test]
fn bad_usage_names_the_argument_and_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    fs::write(path("empty"), "# nothing\n").unwrap();
    fs::write(path("wrong"), "http://127.0.0.1/a.txt\n\nnonsense here\n").unwrap();
    fs::write(path("file"), "").unwrap();
    let (absent, empty, wrong, file) = (path("absent"), path("empty"), path("wrong"), path("file"));

    let cases: &[(&[&str], &[&str])] = &[
        (&["--workers", "0"], &["--workers", "\"0\""]),
        (&["--workers", "many"], &["--workers", "\"many\""]),
        (&["--workers", "-3"], &["--workers", "\"-3\""]),
        (&["--workers"], &["--workers"]),
        (&["--timeout", "soon"], &["--timeout", "\"soon\""]),
        (&["--timeout", "0"], &["--timeout", "\"0\""]),
        (&["--timeout=-1"], &["--timeout", "\"-1\""]),
        (&["--timeout", "nan"], &["--timeout", "\"nan\""]),
        (&["--timeout", "inf"], &["--timeout", "\"inf\""]),
        (&["--urls", &absent], &["--urls", &absent]),
        (&["--urls", &empty], &["--urls", &empty, "no addresses"]),
        (
            &["--urls", &wrong],
            &["--urls", &wrong, "line 3", "nonsense here"],
        ),
        (
            &["--out", &file, "http://127.0.0.1:1/a.txt"],
            &["--out", &file],
        ),
        (&["--fast"], &["--fast"]),
        (
            &["example.org/a.txt"],
            &["address", "\"example.org/a.txt\""],
        ),
        (
            &["ftp://127.0.0.1/a.txt"],
            &["address", "\"ftp://127.0.0.1/a.txt\"", "https"],
        ),
        (&[""], &["address", "\"\""]),
    ];
    for (arguments, named) in cases {
        let ended = run(program("download")
            .args(*arguments)
            .current_dir(folder.path()));
        assert_eq!(
            ended.status,
            Some(2),
            "{arguments:?}: {}{}",
            ended.stdout,
            ended.stderr
        );
        assert_eq!(ended.stdout, "", "{arguments:?}");
        for word in *named {
            assert!(
                ended.stderr.contains(word),
                "{arguments:?}: {word} in {}",
                ended.stderr
            );
        }
    }
    assert!(
        !Path::new(&path("out")).exists(),
        "bad usage writes nothing"
    );
}

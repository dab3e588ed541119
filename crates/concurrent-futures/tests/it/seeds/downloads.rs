//! Documents from a site into a folder, in four ways.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Barrier;
use std::{fs, io};

use concurrent_futures::{ReturnWhen, as_completed, wait};

use super::stand_ins::{Folder, Journal, NotFound, fetch};
use crate::support::{pool, watchdog};

const NAMES: [&str; 10] = [
    "abc.html",
    "ast.html",
    "asyncio.html",
    "atexit.html",
    "base64.html",
    "bisect.html",
    "calendar.html",
    "cmath.html",
    "code.html",
    "codecs.html",
];

fn addresses() -> Vec<String> {
    NAMES
        .iter()
        .map(|name| format!("docs/library/{name}"))
        .collect()
}

fn save(text: &str, address: &str, folder: &Path) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    let name = address.rsplit('/').next().unwrap_or(address);
    fs::write(folder.join(name), text)?;
    Ok(format!("saved {name}"))
}

fn download_and_save(address: &str, folder: &Path, journal: &Journal) {
    match fetch(address) {
        Ok(text) => journal.write(save(&text, address, folder).unwrap()),
        Err(error) => journal.write(error.to_string()),
    }
}

fn saved_lines() -> Vec<String> {
    NAMES.iter().map(|name| format!("saved {name}")).collect()
}

#[test]
fn one_after_the_other() {
    let (folder, journal) = (Folder::planned("serial"), Journal::new());
    for address in addresses() {
        download_and_save(&address, folder.path(), &journal);
    }
    assert_eq!(journal.lines(), saved_lines());
    assert_eq!(folder.files(), NAMES);
}

#[test]
fn one_worker_for_each_document() {
    watchdog(|| {
        let (folder, journal) = (Folder::planned("concurrent"), Journal::new());
        let meeting = std::sync::Arc::new(Barrier::new(NAMES.len()));
        {
            let pool = pool(NAMES.len());
            for address in addresses() {
                let (path, journal) = (folder.path().to_owned(), journal.clone());
                let meeting = meeting.clone();
                pool.submit(move || {
                    meeting.wait();
                    download_and_save(&address, &path, &journal);
                });
            }
        }
        assert_eq!(journal.sorted(), saved_lines());
        assert_eq!(folder.files(), NAMES);
    });
}

#[test]
fn a_wait_before_the_end_changes_nothing() {
    watchdog(|| {
        let (folder, journal) = (Folder::planned("waited"), Journal::new());
        let pool = pool(NAMES.len());
        let futures = addresses().into_iter().map(|address| {
            let (path, journal) = (folder.path().to_owned(), journal.clone());
            pool.submit(move || download_and_save(&address, &path, &journal))
        });
        let (done, not_done) = wait(futures, ReturnWhen::default());
        assert_eq!((done.len(), not_done.len()), (NAMES.len(), 0));
        assert_eq!(journal.sorted(), saved_lines());
        assert_eq!(folder.files(), NAMES);
    });
}

#[test]
fn download_by_the_pool_and_save_by_the_main_thread() {
    watchdog(|| {
        let (folder, journal) = (Folder::planned("split"), Journal::new());
        let pool = pool(NAMES.len());
        let mut addresses = addresses();
        addresses[4] = "docs/library/missing.html".to_owned();
        let futures = addresses
            .into_iter()
            .map(|address| pool.try_submit(move || fetch(&address).map(|text| (text, address))));
        for future in as_completed(futures) {
            match future.result() {
                Ok((text, address)) => journal.write(save(&text, &address, folder.path()).unwrap()),
                Err(error) => journal.write(format!("error: {error}")),
            }
        }
        let lines = journal.sorted();
        assert_eq!(lines[0], "error: docs/library/missing.html not found");
        assert_eq!(lines.len(), NAMES.len());
        assert!(lines[1..].iter().all(|line| line.starts_with("saved ")));
        assert_eq!(folder.files().len(), NAMES.len() - 1);
    });
}

#[test]
fn names_of_what_could_be_downloaded() {
    watchdog(|| {
        let journal = Journal::new();
        let errors = journal.clone();
        let names: Vec<_> = pool(3)
            .map(["a.txt", "missing.txt", "c.txt"], move |name| {
                fetch(name)
                    .inspect_err(|error| errors.write(error.to_string()))
                    .ok()
                    .map(|_| name)
            })
            .filter_map(Result::unwrap)
            .collect();
        assert_eq!(names, ["a.txt", "c.txt"]);
        assert_eq!(journal.lines(), ["missing.txt not found"]);
    });
}

#[test]
fn an_error_in_results_that_nobody_reads_stays_unseen() {
    watchdog(|| {
        let journal = Journal::new();
        let saved = journal.clone();
        let images = BTreeMap::from([("cat", 10), ("dog", 0), ("owl", 30)]);
        {
            let pool = pool(3);
            drop(pool.try_map(images, move |(name, size)| {
                if size == 0 {
                    return Err(NotFound(name.to_owned()));
                }
                saved.write(format!("saved {name}"));
                Ok(())
            }));
        }
        assert_eq!(journal.sorted(), ["saved cat", "saved owl"]);
    });
}

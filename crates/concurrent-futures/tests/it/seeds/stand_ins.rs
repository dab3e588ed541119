//! What the programs talk to.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, fmt, fs, process, thread};

/// The lines that a program would have printed. Clones write to the same journal.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(super) fn sorted(&self) -> Vec<String> {
        let mut lines = self.lines();
        lines.sort();
        lines
    }
}

/// Takes a moment, as a slow device would.
pub(super) fn work(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotFound(pub(super) String);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} not found", self.0)
    }
}

impl Error for NotFound {}

/// The page at an address; addresses with `missing` in them have none.
pub(super) fn fetch(address: &str) -> Result<String, NotFound> {
    work(2);
    if address.contains("missing") {
        Err(NotFound(address.to_owned()))
    } else {
        Ok(format!("page of {address}"))
    }
}

/// A folder that is gone when the test is.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The place for it: a program makes the folder itself.
    pub(super) fn planned(name: &str) -> Self {
        Self(env::temp_dir().join(format!("concurrent-futures-{}-{name}", process::id())))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn files(&self) -> Vec<String> {
        let mut files: Vec<_> = fs::read_dir(&self.0)
            .expect("the folder was made")
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = fs::remove_dir_all(&self.0);
    }
}

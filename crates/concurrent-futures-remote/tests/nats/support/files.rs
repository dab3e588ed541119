//! How processes tell each other something: by files.

use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::PathBuf,
    thread,
    time::Duration,
};

/// Down until it is raised, by whatever process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flag(PathBuf);

impl Flag {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn raise(&self) {
        fs::write(&self.0, "").expect("a file");
    }

    pub(crate) fn is_up(&self) -> bool {
        self.0.exists()
    }

    pub(crate) fn wait(&self) {
        while !self.is_up() {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Words that processes write down, each on a line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Log(PathBuf);

impl Log {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn write(&self, word: &str) {
        let file = OpenOptions::new().create(true).append(true).open(&self.0);
        // One write: lines of several processes do not mix.
        let line = format!("{word}\n");
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .expect("a line in the log");
    }

    pub(crate) fn words(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn count(&self, word: &str) -> usize {
        self.words().iter().filter(|line| *line == word).count()
    }
}

//! One run of cargo: its flags, its target directory, and what its tests said.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::toolchain::Toolchain;

pub(crate) type Outcome = Result<Ran, Failure>;

/// A check that went well.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// How many tests ran, for a check that consists of tests.
    pub(crate) tests: Option<u64>,
}

/// Why a check did not go well.
#[derive(Debug)]
pub(crate) enum Failure {
    Failed(String),
    /// The check could not start for want of a tool.
    Missing {
        what: &'static str,
        install: String,
    },
    /// All has been said, and the last line is to stay the last.
    Reported,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Failed(why) => f.write_str(why),
            Failure::Reported => f.write_str("see above"),
            Failure::Missing { what, install } => {
                write!(f, "{what} is not installed; to install it: {install}")
            }
        }
    }
}

pub(crate) struct Cargo {
    toolchain: Toolchain,
    words: Vec<String>,
    env: Vec<(&'static str, String)>,
    dir: PathBuf,
}

impl Cargo {
    pub(crate) fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Cargo {
            toolchain: Toolchain::Current,
            words: words.into_iter().map(Into::into).collect(),
            env: Vec::new(),
            dir: root(),
        }
    }

    pub(crate) fn toolchain(mut self, toolchain: &Toolchain) -> Self {
        self.toolchain = toolchain.clone();
        self
    }

    pub(crate) fn args<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// Adds to the flags the user may have set in the variable `name`.
    pub(crate) fn flags(self, name: &'static str, flags: &str) -> Self {
        let value = match std::env::var(name) {
            Ok(own) if !own.is_empty() => format!("{own} {flags}"),
            _ => flags.to_owned(),
        };
        self.env(name, value)
    }

    /// Keeps the outputs apart, since other flags would throw away everything built before.
    pub(crate) fn target_dir(self, name: &str) -> Self {
        self.env(
            "CARGO_TARGET_DIR",
            target().join(name).display().to_string(),
        )
    }

    pub(crate) fn dir(mut self, dir: &str) -> Self {
        self.dir = root().join(dir);
        self
    }

    pub(crate) fn run(self) -> Outcome {
        let status = self.command().status();
        self.judge(status).map(|()| Ran::default())
    }

    /// Runs it for what it writes.
    pub(crate) fn output(self) -> Result<String, Failure> {
        let output = self.command().stderr(Stdio::inherit()).output();
        let told = output.as_ref().map(|output| output.stdout.clone());
        let told = told.unwrap_or_default();
        self.judge(output.map(|output| output.status))?;
        Ok(String::from_utf8_lossy(&told).into_owned())
    }

    /// Runs tests and counts them. A filter that matches nothing would otherwise pass for ever.
    pub(crate) fn run_tests(self) -> Outcome {
        let mut tests = 0;
        let status = self
            .command()
            .stdout(Stdio::piped())
            .spawn()
            .and_then(|mut child| {
                let mut out = io::stdout().lock();
                if let Some(pipe) = child.stdout.take() {
                    let mut pipe = BufReader::new(pipe);
                    let mut line = Vec::new();
                    while pipe.read_until(b'\n', &mut line)? > 0 {
                        out.write_all(&line)?;
                        tests += passed(&String::from_utf8_lossy(&line));
                        line.clear();
                    }
                }
                out.flush()?;
                child.wait()
            });
        self.judge(status)?;
        if tests == 0 {
            return Err(Failure::Failed("no test ran".to_owned()));
        }
        Ok(Ran { tests: Some(tests) })
    }

    fn command(&self) -> Command {
        eprintln!("$ {}", self.spelled());
        let mut command = self.toolchain.cargo();
        command
            .args(&self.words)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.dir)
            .stdin(Stdio::null());
        command
    }

    /// As one would type it, so that a failing check can be repeated by hand.
    fn spelled(&self) -> String {
        let env = self
            .env
            .iter()
            .map(|(name, value)| format!("{name}={}", quoted(value)));
        let words = self.words.iter().map(|word| quoted(word));
        env.chain([self.toolchain.spelled()])
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn judge(&self, status: io::Result<std::process::ExitStatus>) -> Result<(), Failure> {
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::Failed(format!("cargo: {status}"))),
            Err(error) => Err(Failure::Failed(format!(
                "cannot run {}: {error}",
                self.toolchain.spelled()
            ))),
        }
    }
}

/// The directory of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies one level below the workspace")
        .to_owned()
}

/// Where the outputs are.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => root().join("target"),
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The count in a summary line of the test harness, zero for any other line.
fn passed(line: &str) -> u64 {
    let count = || {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        counts.split_once(" passed;")?.0.parse().ok()
    };
    count().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_summary_lines_are_counted() {
        let summary = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out";
        assert_eq!(passed(summary), 12);
        assert_eq!(
            passed("test result: FAILED. 3 passed; 1 failed; 0 ignored"),
            3
        );
        assert_eq!(passed("running 12 tests"), 0);
        assert_eq!(passed("12 passed; by a test that prints"), 0);
    }

    #[test]
    fn a_command_is_spelled_as_one_would_type_it() {
        let cargo = Cargo::new(["test", "--test", "*"]).env("RUSTFLAGS", "--cfg loom");
        assert_eq!(
            cargo.spelled(),
            "RUSTFLAGS='--cfg loom' cargo test --test '*'"
        );
    }
}

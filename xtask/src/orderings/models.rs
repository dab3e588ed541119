//! The models as a program: which there are, where each of them comes, and whether one notices a
//! change.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cargo::{self, Failure};
use crate::model;

/// How `SeqCst` is modelled, as the library's face of loom explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Trailing,
    Leading,
}

impl Way {
    pub(super) const BOTH: [Self; 2] = [Self::Trailing, Self::Leading];

    fn word(self) -> &'static str {
        match self {
            Self::Trailing => "trailing",
            Self::Leading => "leading",
        }
    }
}

/// One access that is another one in a run.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// The file, line and column.
    pub(super) place: String,
    /// Of the ordering.
    pub(super) index: usize,
    pub(super) less: &'static str,
}

/// One model, as it is without any change.
pub(super) struct Model {
    pub(super) name: String,
    /// The places it comes to.
    pub(super) sites: BTreeSet<String>,
    /// With one preemption, in each way.
    took: [Duration; 2],
}

/// One run of a model.
#[derive(Clone, Copy)]
pub(super) struct Trial<'a> {
    pub(super) model: &'a Model,
    pub(super) way: Way,
    pub(super) preemptions: u8,
}

impl Trial<'_> {
    /// About how long it takes: with one preemption more, ten times as long.
    pub(super) fn costs(&self) -> Duration {
        self.model.took[self.way as usize] * 10_u32.pow(u32::from(self.preemptions) - 1)
    }
}

pub(super) struct Models {
    program: PathBuf,
}

impl Models {
    pub(super) fn build() -> Result<Self, Failure> {
        let program = model::program()?;
        Ok(Self { program })
    }

    /// All but those of mutants, which fail in any case.
    pub(super) fn names(&self) -> Result<Vec<String>, Failure> {
        let output = Command::new(&self.program)
            .args(["loom_models", "--list", "--format", "terse"])
            .output()
            .map_err(|error| Failure::Failed(format!("{}: {error}", self.program.display())))?;
        let names: Vec<_> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| line.strip_suffix(": test"))
            .filter(|name| !name.ends_with("_caught"))
            .map(str::to_owned)
            .collect();
        if names.is_empty() {
            return Err(Failure::Failed("there are no models".to_owned()));
        }
        Ok(names)
    }

    /// Runs a model as it is, with one preemption.
    pub(super) fn explore(&self, name: &str) -> Result<Model, Failure> {
        let file = cargo::target().join(format!("{}.sites", name.replace("::", ".")));
        let _ = std::fs::remove_file(&file);
        let mut took = [Duration::ZERO; 2];
        for way in Way::BOTH {
            let mut command = self.command(name, way, 1);
            let start = Instant::now();
            let status = command.env("LOOM_SITES", &file).status();
            took[way as usize] = start.elapsed();
            if !status.is_ok_and(|status| status.success()) {
                return Err(Failure::Failed(format!(
                    "{name} fails by itself, LOOM_SEQCST={}",
                    way.word()
                )));
            }
        }
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(&file);
        Ok(Model {
            name: name.to_owned(),
            sites: text.lines().map(str::to_owned).collect(),
            took,
        })
    }

    /// Whether a model fails with that change. One that does not end in time has noticed nothing: a loop
    /// without end is a failure in loom.
    pub(super) fn notices(&self, trial: &Trial<'_>, change: &Change, limit: Duration) -> bool {
        let words = format!("{} {} {}", change.place, change.index, change.less);
        let mut command = self.command(&trial.model.name, trial.way, trial.preemptions);
        let Ok(mut child) = command.env("LOOM_MUTANT", words).spawn() else {
            return false;
        };
        let start = Instant::now();
        while start.elapsed() < limit {
            match child.try_wait() {
                Ok(Some(status)) => return !status.success(),
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(_) => break,
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        false
    }

    fn command(&self, name: &str, way: Way, preemptions: u8) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args([name, "--exact"])
            .env("LOOM_MAX_PREEMPTIONS", preemptions.to_string())
            .env("LOOM_SEQCST", way.word())
            .env("RUST_BACKTRACE", "0")
            .current_dir(cargo::root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

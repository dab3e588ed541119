//! What was measured, a line of JSON each: where and when first, then every run.

use crate::{machine::Machine, sample::Sample};
use serde::{Deserialize, Serialize};
use std::{
    error::Error,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) workload: String,
    pub(crate) pool: String,
    pub(crate) threads: usize,
    /// What the full number of tasks was divided by.
    pub(crate) divisor: u32,
    /// Zero is the run that counts; its times are not used.
    pub(crate) rep: u32,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Sample(Sample),
    Timeout,
    /// It lost a task, mixed up results, or panicked.
    Failed,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Machine(Machine),
    Run(Row),
}

/// One workload with one number of threads: all pools, run in turns.
pub(crate) struct Turns {
    pub(crate) machine: Machine,
    pub(crate) rows: Vec<Row>,
}

/// A file of rows that grows while the program runs, so that what is broken off is not lost.
pub(crate) struct Log {
    pub(crate) path: PathBuf,
    file: File,
}

impl Log {
    pub(crate) fn create(path: PathBuf, machine: &Machine) -> Result<Self, Box<dyn Error>> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let file = File::create(&path)?;
        let mut log = Self { path, file };
        log.line(&Line::Machine(machine.clone()))?;
        Ok(log)
    }

    pub(crate) fn write(&mut self, row: &Row) -> Result<(), Box<dyn Error>> {
        self.line(&Line::Run(row.clone()))
    }

    fn line(&mut self, line: &Line) -> Result<(), Box<dyn Error>> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        Ok(self.file.write_all(text.as_bytes())?)
    }
}

/// Reads files of rows. A workload with a number of threads that is in several of them counts as
/// in the last one: only what ran in turns is compared.
pub(crate) fn read(files: &[PathBuf]) -> Result<Vec<Turns>, Box<dyn Error>> {
    let mut all: Vec<Turns> = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).map_err(Into::into);
        let of_file = text.and_then(|text| parse(&text));
        let of_file = of_file.map_err(|error| format!("{}: {error}", file.display()))?;
        all.retain(|old| !of_file.iter().any(|new| new.is_same_cell(old)));
        all.extend(of_file);
    }
    Ok(all)
}

fn parse(text: &str) -> Result<Vec<Turns>, Box<dyn Error>> {
    let mut all: Vec<Turns> = Vec::new();
    let mut machine = None;
    for line in text.lines() {
        let row = match serde_json::from_str(line)? {
            Line::Machine(here) => {
                machine = Some(here);
                continue;
            }
            Line::Run(row) => row,
        };
        match all.iter_mut().find(|turns| turns.is_of(&row)) {
            Some(turns) => turns.rows.push(row),
            None => all.push(Turns {
                machine: machine.clone().ok_or("the machine has to come first")?,
                rows: vec![row],
            }),
        }
    }
    Ok(all)
}

impl Turns {
    fn is_of(&self, row: &Row) -> bool {
        let first = &self.rows[0];
        first.workload == row.workload && first.threads == row.threads
    }

    fn is_same_cell(&self, other: &Self) -> bool {
        self.is_of(&other.rows[0])
    }
}

/// Where the rows of a run go, if nobody says: beside what cargo builds.
pub(crate) fn usual_path(machine: &Machine) -> Result<PathBuf, Box<dyn Error>> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).unwrap_or(Path::new("."));
    let time = machine.time.replace(':', "");
    Ok(target.join("rows").join(format!("{time}.jsonl")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(workload: &str, pool: &str, threads: usize) -> Row {
        Row {
            workload: workload.to_owned(),
            pool: pool.to_owned(),
            threads,
            divisor: 1,
            rep: 1,
            outcome: Outcome::Timeout,
        }
    }

    #[test]
    fn the_last_file_wins_and_the_others_add() {
        let directory = std::env::temp_dir().join(format!("rows-{}", std::process::id()));
        let files = ["old", "new"].map(|name| directory.join(name));
        let machine = Machine::here();
        let write = |path: &PathBuf, rows: &[Row]| {
            let mut log = Log::create(path.clone(), &machine).unwrap();
            for row in rows {
                log.write(row).unwrap();
            }
        };
        let old = [row("W1", "a", 1), row("W1", "b", 1), row("W1", "a", 2)];
        write(&files[0], &old);
        write(&files[1], &[row("W1", "c", 1), row("W2", "c", 1)]);

        let all = read(&files).unwrap();
        fs::remove_dir_all(directory).unwrap();
        let cells = all.iter().map(|turns| {
            let pools = turns.rows.iter().map(|row| row.pool.as_str());
            let first = &turns.rows[0];
            (
                first.workload.as_str(),
                first.threads,
                pools.collect::<Vec<_>>(),
            )
        });
        assert_eq!(
            cells.collect::<Vec<_>>(),
            [
                ("W1", 2, vec!["a"]),
                ("W1", 1, vec!["c"]),
                ("W2", 1, vec!["c"])
            ]
        );
    }
}

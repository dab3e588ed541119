//! Each run is a process of its own: no pool sees another one's threads or heap.

use crate::{
    args::{Args, Cell},
    pools,
    sample::Sample,
    workloads::{Setup, Workload},
};
use serde::Serialize;
use std::{
    env,
    error::Error,
    fs::File,
    io::{self, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) workload: &'static str,
    pub(crate) pool: &'static str,
    pub(crate) threads: usize,
    /// Zero is the run that counts allocations; its times are not used.
    pub(crate) rep: u32,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Sample(Sample),
    Timeout,
    /// It lost a task, mixed up results, or panicked.
    Failed,
}

/// Runs the pools in turns: A B C, A B C, ...
pub(crate) fn in_turns(
    args: &Args,
    workload: &'static Workload,
    threads: usize,
    log: &mut Log,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut pools = args.pools.clone();
    pools.retain(|pool| pools::can(pool, workload));
    for rep in 0..=args.reps {
        for pool in pools.clone() {
            let cell = Cell {
                workload,
                pool,
                threads,
                divisor: args.divisor,
                counting: rep == 0,
            };
            let outcome = measure_in_child(&cell, args.limit)?;
            if !matches!(outcome, Outcome::Sample(_)) {
                pools.retain(|other| *other != pool);
            }
            let row = Row {
                workload: workload.id,
                pool,
                threads,
                rep,
                outcome,
            };
            log.write(&row)?;
            rows.push(row);
        }
    }
    Ok(rows)
}

fn measure_in_child(cell: &Cell, limit: Duration) -> Result<Outcome, Box<dyn Error>> {
    let threads = cell.threads.to_string();
    let mut command = Command::new(env::current_exe()?);
    command.args(["--cell", "--only", cell.workload.id, "--pools", cell.pool]);
    command.args([
        "--threads",
        &threads,
        "--divisor",
        &cell.divisor.to_string(),
    ]);
    if cell.counting {
        command.arg("--counting");
    }
    command.env(pools::BLOCKING_THREADS, threads);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = child.spawn()?;
    if !ended(&mut child, limit)? {
        child.kill()?;
        child.wait()?;
        return Ok(Outcome::Timeout);
    }
    if !child.wait()?.success() {
        return Ok(Outcome::Failed);
    }
    let mut line = String::new();
    child
        .stdout
        .take()
        .expect("piped")
        .read_to_string(&mut line)?;
    Ok(Outcome::Sample(serde_json::from_str(&line)?))
}

fn ended(child: &mut Child, limit: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + limit;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(true)
}

/// The child's part: one line of JSON.
pub(crate) fn measure_here(cell: &Cell) -> Result<(), Box<dyn Error>> {
    let setup = Setup {
        threads: cell.threads,
        divisor: cell.divisor,
        counting: cell.counting,
    };
    let sample = pools::run(cell.pool, cell.workload, &setup).ok_or("no such pool")?;
    println!("{}", serde_json::to_string(&sample)?);
    Ok(())
}

/// All rows, as lines of JSON.
pub(crate) struct Log(Option<File>);

impl Log {
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Self> {
        path.map(File::create).transpose().map(Self)
    }

    fn write(&mut self, row: &Row) -> Result<(), Box<dyn Error>> {
        if let Some(file) = &mut self.0 {
            writeln!(file, "{}", serde_json::to_string(row)?)?;
        }
        Ok(())
    }
}

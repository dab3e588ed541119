//! Each run is a process of its own: no pool sees another one's threads or heap.

use crate::{
    args::{Args, Cell},
    futex, pools,
    progress::Progress,
    rows::{Log, Outcome, Row},
    workloads::{Setup, Workload},
};
use nix::{sys::signal::Signal, unistd::alarm};
use std::{
    env,
    error::Error,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

/// Runs the pools in turns: A B C, A B C, ...
pub(crate) fn in_turns(
    args: &Args,
    workload: &'static Workload,
    threads: usize,
    log: &mut Log,
    progress: &Progress,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut pools = args.pools(workload);
    for rep in 0..=args.reps {
        for pool in pools.clone() {
            progress.starts(pool, rep, args.reps);
            let cell = Cell {
                workload,
                pool,
                threads,
                divisor: args.divisor,
                counting: rep == 0,
            };
            let outcome = measure_in_child(&cell, args.limit)?;
            progress.ended(1);
            if !matches!(outcome, Outcome::Sample(_)) {
                pools.retain(|other| *other != pool);
                progress.ended(u64::from(args.reps - rep));
            }
            let row = Row {
                workload: workload.id.to_owned(),
                pool: pool.to_owned(),
                threads,
                divisor: args.divisor,
                rep,
                outcome,
            };
            log.write(&row)?;
            rows.push(row);
        }
    }
    Ok(rows)
}

fn measure_in_child(cell: &Cell, limit: u32) -> Result<Outcome, Box<dyn Error>> {
    let threads = cell.threads.to_string();
    let mut command = Command::new(env::current_exe()?);
    command.args(["--cell", "--only", cell.workload.id, "--pools", cell.pool]);
    command.args(["--threads", &threads]);
    command.args(["--divisor", &cell.divisor.to_string()]);
    command.args(["--limit", &limit.to_string()]);
    if cell.counting {
        command.arg("--counting");
    }
    command.env(pools::BLOCKING_THREADS, threads);
    // Waits without looking at a clock now and then, which would take time from the pools.
    let ended = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if ended.status.signal() == Some(Signal::SIGALRM as i32) {
        return Ok(Outcome::Timeout);
    }
    if !ended.status.success() {
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Sample(serde_json::from_slice(&ended.stdout)?))
}

/// The child's part: one line of JSON. The system ends it at the limit of seconds.
pub(crate) fn measure_here(cell: &Cell, limit: u32) -> Result<(), Box<dyn Error>> {
    alarm::set(limit);
    if cell.counting {
        futex::count();
    }
    let setup = Setup {
        threads: cell.threads,
        divisor: cell.divisor,
        counting: cell.counting,
    };
    let sample = pools::run(cell.pool, cell.workload, &setup).ok_or("no such pool")?;
    println!("{}", serde_json::to_string(&sample)?);
    Ok(())
}

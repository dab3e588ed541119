//! The same workloads on `concurrent-futures` and on its peers; see README.md.

mod alloc;
mod args;
mod pools;
mod run;
mod sample;
mod sync;
mod table;
mod workloads;

use args::{Args, Command};
use std::{error::Error, process::ExitCode};

fn main() -> ExitCode {
    let done = args::parse()
        .map_err(Into::into)
        .and_then(|command| match command {
            Command::Help => {
                print!("{}", args::HELP);
                Ok(())
            }
            Command::Compare(args) => compare(&args),
            Command::Cell(cell) => run::measure_here(&cell),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(args: &Args) -> Result<(), Box<dyn Error>> {
    let mut log = run::Log::open(args.json.as_deref())?;
    let mut groups = Vec::new();
    for workload in &args.workloads {
        for &threads in workload
            .threads
            .as_ref()
            .map_or(&args.threads[..], std::slice::from_ref)
        {
            let rows = run::in_turns(args, workload, threads, &mut log)?;
            let group = table::Group::new(workload, threads, &rows);
            println!("{group}");
            groups.push(group);
        }
    }
    print!("{}", table::Summary(&groups));
    Ok(())
}

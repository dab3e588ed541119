//! The same workloads on `concurrent-futures` and on its peers; see README.md.

mod args;
mod run;
mod workloads;
mod control;
mod hostile;
mod advice;
mod pools;
mod sync;
mod sample;
mod alloc;
mod futex;
mod machine;
mod process;
mod refusal;
mod rows;
mod report;
mod progress;

use args::{Args, Command};
use machine::Machine;
use progress::Progress;
use report::{Details, Group};
use rows::{Log, Turns};
use std::{error::Error, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let done = args::parse()
        .map_err(Into::into)
        .and_then(|command| match command {
            Command::Help => {
                print!("{}", args::HELP);
                Ok(())
            }
            Command::Compare(args) => compare(&args),
            Command::Render(files) => render(&files),
            Command::Control(control) => control.run(),
            Command::Hostile(hostile) => hostile.run(),
            Command::Advice(check) => check.run(),
            Command::Cell(cell, limit) => run::measure_here(&cell, limit),
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
    let machine = Machine::here();
    let path = args.json.clone();
    let path = path.map_or_else(|| rows::usual_path(&machine), Ok)?;
    let mut log = Log::create(path, &machine)?;
    let progress = Progress::of(args.runs());
    let mut groups = Vec::new();
    for workload in &args.workloads {
        for threads in args.threads(workload) {
            progress.workload(workload.id, threads);
            let rows = run::in_turns(args, workload, threads, &mut log, &progress)?;
            let machine = machine.clone();
            if let Some(group) = Group::new(&Turns { machine, rows }) {
                progress.print(&Details(&group).to_string());
                groups.push(group);
            }
        }
    }
    drop(progress);
    println!("{}", report::summary(&groups));
    eprintln!("rows: {}", log.path.display());
    if args.whole {
        report::write_pages(&groups)?;
    }
    Ok(())
}

fn render(files: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let all = rows::read(files)?;
    let mut groups: Vec<_> = all.iter().filter_map(Group::new).collect();
    groups.sort_by_key(Group::place);
    println!("{}", report::summary(&groups));
    report::write_pages(&groups)
}

//! What a pool does when it is not left alone: waits inside of tasks, bursts, floods, endless input,
//! another size, storms of cancellations.
//!
//! Each contestant is measured in a process of its own. One that hangs is ended at the limit, and
//! that is its figure.

mod adaptive;
mod burst;
mod endless;
mod nested;
mod producers;
mod report;
mod resize;
mod storm;

use crate::machine::Machine;
use lexopt::{Arg, Parser, ValueExt};
use nix::{sys::signal::Signal, unistd::alarm};
use std::{
    collections::BTreeMap,
    env,
    error::Error,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

/// By the names of the columns.
type Figures = BTreeMap<String, f64>;

/// One situation.
struct Scenario {
    id: &'static str,
    title: &'static str,
    columns: &'static [Column],
    contestants: &'static [&'static str],
    /// Seconds until a contestant counts as hanging.
    limit: u32,
    run: fn(&str, &Scale) -> Figures,
}

struct Column {
    name: &'static str,
    unit: Unit,
}

#[derive(Clone, Copy)]
enum Unit {
    Count,
    Nanoseconds,
    Bytes,
}

const fn column(name: &'static str, unit: Unit) -> Column {
    Column { name, unit }
}

/// How large a run is.
struct Scale {
    divisor: u32,
}

impl Scale {
    fn of(&self, full: u64) -> u64 {
        (full / u64::from(self.divisor)).max(1)
    }
}

const ALL: [Scenario; 7] = [
    nested::SCENARIO,
    burst::SCENARIO,
    producers::SCENARIO,
    endless::SCENARIO,
    resize::SCENARIO,
    storm::SCENARIO,
    adaptive::SCENARIO,
];

/// What became of a contestant.
enum Outcome {
    Figures(Figures),
    Hangs,
    Failed,
}

/// Everything behind `--control` on the command line.
pub(crate) enum Control {
    Compare {
        only: Option<Vec<String>>,
        divisor: u32,
    },
    Cell {
        id: String,
        contestant: String,
        divisor: u32,
    },
}

impl Control {
    pub(crate) fn parse(parser: &mut Parser) -> Result<Self, lexopt::Error> {
        let (mut only, mut cell, mut divisor) = (None, None, 1);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("quick") => divisor = 10,
                Arg::Long("divisor") => divisor = parser.value()?.parse()?,
                Arg::Long("only") => {
                    let ids = parser.value()?.string()?;
                    only = Some(ids.split(',').map(str::to_owned).collect::<Vec<_>>());
                }
                Arg::Long("cell") => {
                    cell = Some((parser.value()?.string()?, parser.value()?.string()?));
                }
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(match cell {
            Some((id, contestant)) => Self::Cell {
                id,
                contestant,
                divisor,
            },
            None => Self::Compare { only, divisor },
        })
    }

    pub(crate) fn run(&self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Compare { only, divisor } => compare(only.as_deref(), *divisor),
            Self::Cell {
                id,
                contestant,
                divisor,
            } => measure_here(id, contestant, *divisor),
        }
    }
}

/// Runs what is asked for; a comparison of everything at full size is written into the page.
fn compare(only: Option<&[String]>, divisor: u32) -> Result<(), Box<dyn Error>> {
    let machine = Machine::here();
    let mut tables = Vec::new();
    for scenario in &ALL {
        if only.is_some_and(|ids| !ids.iter().any(|id| id == scenario.id)) {
            continue;
        }
        let measure = |contestant: &&'static str| {
            eprintln!("{}, {contestant}", scenario.id);
            Ok((
                *contestant,
                measure_in_child(scenario, contestant, divisor)?,
            ))
        };
        let outcomes = scenario.contestants.iter().map(measure);
        let outcomes: Result<Vec<_>, Box<dyn Error>> = outcomes.collect();
        let table = report::table(scenario, &outcomes?);
        println!("{table}");
        tables.push(table);
    }
    if only.is_none() && divisor == 1 {
        report::write(&machine, &tables)?;
    }
    Ok(())
}

fn measure_in_child(
    scenario: &Scenario,
    contestant: &str,
    divisor: u32,
) -> Result<Outcome, Box<dyn Error>> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--control", "--divisor", &divisor.to_string()]);
    command.args(["--cell", scenario.id, contestant]);
    burst::limit_blocking(&mut command);
    let ended = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if ended.status.signal() == Some(Signal::SIGALRM as i32) {
        return Ok(Outcome::Hangs);
    }
    if !ended.status.success() {
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Figures(serde_json::from_slice(&ended.stdout)?))
}

/// The child's part: one line of JSON. The system ends it at the limit of seconds.
fn measure_here(id: &str, contestant: &str, divisor: u32) -> Result<(), Box<dyn Error>> {
    let scenario = ALL.iter().find(|scenario| scenario.id == id);
    let scenario = scenario.ok_or("no such scenario")?;
    alarm::set(scenario.limit);
    let figures = (scenario.run)(contestant, &Scale { divisor });
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

fn figures<const N: usize>(all: [(&str, f64); N]) -> Figures {
    all.map(|(name, value)| (name.to_owned(), value)).into()
}

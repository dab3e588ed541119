//! What pools make of hostile cases: panicking drops, waits inside, ends at the wrong moment, extremes.
//!
//! Each case on each pool is a process of its own, twice. One that hangs is ended at the limit.

mod cases;
mod child;
mod pools;
mod report;
mod verdict;

use crate::machine::Machine;
use lexopt::{Arg, Parser, ValueExt};
use std::{
    error::Error,
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use verdict::Verdict;

const CPYTHON: &str = "CPython";
/// How often each case is run.
const TIMES: usize = 2;
/// Processes at once; most of them wait.
const AT_ONCE: usize = 4;

/// Everything behind `--hostile` on the command line.
pub(crate) enum Hostile {
    Compare {
        cases: Option<Vec<String>>,
        pools: Option<Vec<String>>,
    },
    Cell {
        case: String,
        pool: String,
    },
}

/// One case on all pools, and all runs of each.
struct Row {
    case: cases::Case,
    cells: Vec<Vec<Verdict>>,
}

impl Hostile {
    pub(crate) fn parse(parser: &mut Parser) -> Result<Self, lexopt::Error> {
        let (mut cases, mut pools) = (None, None);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("only") => cases = Some(names(parser)?),
                Arg::Long("pools") => pools = Some(names(parser)?),
                Arg::Long("cell") => {
                    let (case, pool) = (parser.value()?.string()?, parser.value()?.string()?);
                    return Ok(Self::Cell { case, pool });
                }
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(Self::Compare { cases, pools })
    }

    pub(crate) fn run(&self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Compare { cases, pools } => compare(cases.as_deref(), pools.as_deref()),
            Self::Cell { case, pool } => child::run(case, pool),
        }
    }
}

fn names(parser: &mut Parser) -> Result<Vec<String>, lexopt::Error> {
    let names = parser.value()?.string()?;
    Ok(names.split(',').map(str::to_owned).collect())
}

fn compare(cases: Option<&[String]>, pools: Option<&[String]>) -> Result<(), Box<dyn Error>> {
    let asked = |names: Option<&[String]>, name: &str| {
        names.is_none_or(|names| names.iter().any(|asked| asked == name))
    };
    let all = pools::NAMES.into_iter().chain([CPYTHON]);
    let contestants: Vec<_> = all.filter(|name| asked(pools, name)).collect();
    let chosen = child::cases().into_iter();
    let chosen = chosen.filter(|case| asked(cases, case.id)).collect();
    let rows = run_all(chosen, &contestants)?;
    print!("{}", report::terminal(&contestants, &rows));
    if cases.is_none() && pools.is_none() {
        report::write(&Machine::here(), &contestants, &rows)?;
    }
    Ok(())
}

/// The runs of a cell are far from each other: some take much memory.
fn run_all(cases: Vec<cases::Case>, contestants: &[&str]) -> io::Result<Vec<Row>> {
    let columns = contestants.len();
    let runs = cases.len() * columns * TIMES;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(runs));
    let work = || {
        loop {
            let run = next.fetch_add(1, Ordering::Relaxed);
            if run >= runs {
                return;
            }
            let (row, column) = (run / columns / TIMES, run % columns);
            let verdict = child::start(&cases[row], contestants[column]);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.push(((row, column), verdict));
            eprint!("\r{} of {runs}", results.len());
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    eprintln!();
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(place, _)| *place);
    let mut verdicts = results.into_iter().map(|(_, verdict)| verdict);
    let row = |case| {
        let cell = |_| verdicts.by_ref().take(TIMES).collect();
        let cells = contestants.iter().map(cell).collect::<io::Result<_>>()?;
        Ok(Row { case, cells })
    };
    cases.into_iter().map(row).collect()
}

use crate::{
    pools,
    workloads::{self, Workload},
};
use lexopt::{Arg, Parser, ValueExt};
use std::{path::PathBuf, time::Duration};

pub(crate) const HELP: &str = "\
Compares thread pools on the same workloads.

  --only W1,W3        these workloads (default: all)
  --pools ours,rayon  these pools (default: all)
  --threads 1,2       these numbers of threads (default: 1,2,4,8)
  --reps N            timed runs of each pool (default: 7)
  --quick             2 threads, 2 runs, a tenth of the tasks, unless said otherwise
  --limit SECONDS     time limit of a run (default: 60)
  --json FILE         every run as a line of JSON
";

pub(crate) enum Command {
    Help,
    Compare(Args),
    /// One run, in this process.
    Cell(Cell),
}

pub(crate) struct Args {
    pub(crate) workloads: Vec<&'static Workload>,
    pub(crate) pools: Vec<&'static str>,
    pub(crate) threads: Vec<usize>,
    pub(crate) reps: u32,
    pub(crate) divisor: u64,
    pub(crate) limit: Duration,
    pub(crate) json: Option<PathBuf>,
}

/// One workload on one pool.
pub(crate) struct Cell {
    pub(crate) workload: &'static Workload,
    pub(crate) pool: &'static str,
    pub(crate) threads: usize,
    pub(crate) divisor: u64,
    pub(crate) counting: bool,
}

pub(crate) fn parse() -> Result<Command, lexopt::Error> {
    let mut args = Args {
        workloads: workloads::ALL.iter().collect(),
        pools: pools::NAMES.to_vec(),
        threads: vec![1, 2, 4, 8],
        reps: 7,
        divisor: 1,
        limit: Duration::from_secs(60),
        json: None,
    };
    let (mut threads, mut reps, mut counting, mut cell) = (None, None, false, false);
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("only") => args.workloads = list(&mut parser, find_workload)?,
            Arg::Long("pools") => args.pools = list(&mut parser, find_pool)?,
            Arg::Long("threads") => threads = Some(list(&mut parser, |n| n.parse().ok())?),
            Arg::Long("reps") => reps = Some(parser.value()?.parse()?),
            Arg::Long("quick") => {
                (args.threads, args.reps, args.divisor) = (vec![2], 2, 10);
            }
            Arg::Long("limit") => args.limit = Duration::from_secs(parser.value()?.parse()?),
            Arg::Long("json") => args.json = Some(parser.value()?.into()),
            Arg::Long("cell") => cell = true,
            Arg::Long("divisor") => args.divisor = parser.value()?.parse()?,
            Arg::Long("counting") => counting = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected()),
        }
    }
    args.threads = threads.unwrap_or(args.threads);
    args.reps = reps.unwrap_or(args.reps);
    if !cell {
        return Ok(Command::Compare(args));
    }
    Ok(Command::Cell(Cell {
        workload: args.workloads[0],
        pool: args.pools[0],
        threads: args.threads[0],
        divisor: args.divisor,
        counting,
    }))
}

fn find_workload(id: &str) -> Option<&'static Workload> {
    workloads::ALL.iter().find(|workload| workload.id == id)
}

fn find_pool(name: &str) -> Option<&'static str> {
    pools::NAMES.into_iter().find(|pool| *pool == name)
}

fn list<T>(parser: &mut Parser, find: fn(&str) -> Option<T>) -> Result<Vec<T>, lexopt::Error> {
    let value = parser.value()?.string()?;
    let find = |name| find(name).ok_or_else(|| format!("unknown: {name}").into());
    value.split(',').map(find).collect()
}

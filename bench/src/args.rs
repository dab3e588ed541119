use crate::{
    advice::Check,
    control::Control,
    hostile::Hostile,
    pools,
    workloads::{self, Workload},
};
use lexopt::{Arg, Parser, ValueExt};
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Compares thread pools on the same workloads, and writes the figures into the pages that quote them.

  --only W1,W3        these workloads (default: all); the pages stay as they are
  --pools ours,rayon  these pools (default: all); the pages stay as they are
  --threads 1,2       these numbers of threads (default: 1,2,4,8); the pages stay as they are
  --reps N            timed runs of each pool (default: 7)
  --quick             within two minutes: 2 threads, a tenth of the tasks, the strongest peers
  --limit SECONDS     time limit of a run (default: 60)
  --json FILE         every run as a line of JSON (default: a new file in target/rows)
  --from FILE,FILE    runs nothing: takes the rows of earlier runs; later files win over earlier ones

  --control           floods, bursts, storms and nested waits instead; behind it --only nested,burst and --quick
  --hostile           what pools make of hostile cases; behind it --only 'task panics,nested wait' and --pools ours
  --advice            whether what a profile advises and measures is right; behind it --only 1:4,shares,queue,cost
";

pub(crate) enum Command {
    Help,
    Compare(Args),
    /// Writes the pages anew from files of rows.
    Render(Vec<PathBuf>),
    Control(Control),
    Hostile(Hostile),
    Advice(Check),
    /// One run, in this process, of so many seconds at most.
    Cell(Cell, u32),
}

pub(crate) struct Args {
    pub(crate) workloads: Vec<&'static Workload>,
    pools: Option<Vec<&'static str>>,
    pub(crate) threads: Vec<usize>,
    pub(crate) reps: u32,
    quick: bool,
    pub(crate) divisor: u32,
    pub(crate) limit: u32,
    pub(crate) json: Option<PathBuf>,
    /// Whether this is the whole comparison and not a part of it.
    pub(crate) whole: bool,
}

/// One workload on one pool.
pub(crate) struct Cell {
    pub(crate) workload: &'static Workload,
    pub(crate) pool: &'static str,
    pub(crate) threads: usize,
    pub(crate) divisor: u32,
    pub(crate) counting: bool,
}

impl Args {
    /// The pools that do a workload.
    pub(crate) fn pools(&self, workload: &Workload) -> Vec<&'static str> {
        let mut pools = self.pools.clone().unwrap_or(pools::NAMES.to_vec());
        pools.retain(|pool| pools::can(pool, workload));
        if self.quick && self.pools.is_none() && !workload.quick.is_empty() {
            pools.retain(|pool| *pool == pools::OURS || workload.quick.contains(pool));
        }
        pools
    }

    /// How many runs the comparison takes, with those that count.
    pub(crate) fn runs(&self) -> u64 {
        let groups = self.workloads.iter();
        let cells =
            groups.map(|workload| self.threads(workload).len() * self.pools(workload).len());
        let cells: usize = cells.sum();
        cells as u64 * u64::from(self.reps + 1)
    }

    /// The numbers of threads that a workload is run on.
    pub(crate) fn threads(&self, workload: &Workload) -> Vec<usize> {
        workload
            .threads
            .map_or(self.threads.clone(), |threads| vec![threads])
    }
}

pub(crate) fn parse() -> Result<Command, lexopt::Error> {
    let (mut workloads, mut pools, mut threads, mut reps, mut json) =
        (None, None, None, None, None);
    let (mut quick, mut counting, mut cell) = (false, false, false);
    let (mut divisor, mut limit) = (1, 60);
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("only") => workloads = Some(list(&mut parser, workloads::find)?),
            Arg::Long("pools") => pools = Some(list(&mut parser, find_pool)?),
            Arg::Long("threads") => threads = Some(list(&mut parser, |n| n.parse().ok())?),
            Arg::Long("reps") => reps = Some(parser.value()?.parse()?),
            Arg::Long("quick") => (quick, divisor) = (true, 10),
            Arg::Long("limit") => limit = parser.value()?.parse()?,
            Arg::Long("json") => json = Some(parser.value()?.into()),
            Arg::Long("from") => {
                let files = list(&mut parser, |name| Some(PathBuf::from(name)))?;
                return Ok(Command::Render(files));
            }
            Arg::Long("advice") => return Check::parse(&mut parser).map(Command::Advice),
            Arg::Long("control") => return Control::parse(&mut parser).map(Command::Control),
            Arg::Long("hostile") => return Hostile::parse(&mut parser).map(Command::Hostile),
            Arg::Long("cell") => cell = true,
            Arg::Long("divisor") => divisor = parser.value()?.parse()?,
            Arg::Long("counting") => counting = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected()),
        }
    }
    let whole = workloads.is_none() && pools.is_none() && threads.is_none();
    let mut workloads = workloads.unwrap_or_else(|| workloads::ALL.iter().collect());
    let threads = threads.unwrap_or(if quick { vec![2] } else { vec![1, 2, 4, 8] });
    if cell {
        let pool = pools.ok_or("a cell needs a pool")?[0];
        let cell = Cell {
            workload: workloads[0],
            pool,
            threads: threads[0],
            divisor,
            counting,
        };
        return Ok(Command::Cell(cell, limit));
    }
    if quick && whole {
        workloads.retain(|workload| !workload.quick.is_empty());
    }
    Ok(Command::Compare(Args {
        workloads,
        pools,
        threads,
        reps: reps.unwrap_or(7),
        quick,
        divisor,
        limit,
        json,
        whole,
    }))
}

fn find_pool(name: &str) -> Option<&'static str> {
    pools::NAMES.into_iter().find(|pool| *pool == name)
}

fn list<T>(parser: &mut Parser, find: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, lexopt::Error> {
    let value = parser.value()?.string()?;
    let find = |name| find(name).ok_or_else(|| format!("unknown: {name}").into());
    value.split(',').map(find).collect()
}

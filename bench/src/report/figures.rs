//! Medians, minima and counts of the runs of a workload.

use crate::{
    machine::Machine,
    pools::{OURS, is_peer},
    rows::{Outcome, Row, Turns},
    sample::Sample,
    workloads::{self, Workload},
};
use std::collections::BTreeMap;

/// One workload with one number of threads: a line per pool.
pub(crate) struct Group {
    pub(crate) workload: &'static Workload,
    pub(crate) threads: usize,
    pub(crate) machine: Machine,
    /// What the full number of tasks was divided by.
    pub(crate) divisor: u32,
    /// The fastest first.
    pub(crate) lines: Vec<Line>,
}

pub(crate) struct Line {
    pub(crate) pool: String,
    pub(crate) figures: Result<Figures, &'static str>,
}

pub(crate) struct Figures {
    pub(crate) reps: usize,
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) cpu_ns: f64,
    pub(crate) switches: f64,
    pub(crate) futexes: f64,
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
    pub(crate) extra: BTreeMap<String, f64>,
}

impl Group {
    /// None if the workload is not known any more.
    pub(crate) fn new(turns: &Turns) -> Option<Self> {
        let rows = &turns.rows;
        let first = rows.first()?;
        let mut pools: Vec<&str> = rows.iter().map(|row| row.pool.as_str()).collect();
        pools.sort_unstable();
        pools.dedup();
        let lines = pools.into_iter().map(|pool| Line::new(pool, rows));
        let mut lines: Vec<Line> = lines.collect();
        lines.sort_by(|a, b| a.median().total_cmp(&b.median()));
        Some(Self {
            workload: workloads::find(&first.workload)?,
            threads: first.threads,
            machine: turns.machine.clone(),
            divisor: first.divisor,
            lines,
        })
    }

    /// To sort by: the order of the list, then the number of threads.
    pub(crate) fn place(&self) -> (Option<usize>, usize) {
        let is_it = |workload: &Workload| workload.id == self.workload.id;
        (workloads::ALL.iter().position(is_it), self.threads)
    }

    pub(crate) fn line(&self, pool: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.pool == pool)
    }

    pub(crate) fn ours(&self) -> Option<&Line> {
        self.line(OURS)
    }

    /// The peer with the least of something.
    pub(crate) fn best_peer(&self, of: fn(&Figures) -> f64) -> Option<&Line> {
        let key = |line: &&Line| line.figures.as_ref().map_or(f64::INFINITY, of);
        let peers = self
            .lines
            .iter()
            .filter(|line| is_peer(&line.pool, self.workload));
        peers
            .filter(|line| line.figures.is_ok())
            .min_by(|a, b| key(a).total_cmp(&key(b)))
    }

    /// The least of something that a peer has.
    pub(crate) fn best(&self, of: fn(&Figures) -> f64) -> f64 {
        let line = self.best_peer(of);
        line.and_then(|line| line.figures.as_ref().ok())
            .map_or(f64::NAN, of)
    }
}

impl Line {
    fn new(pool: &str, rows: &[Row]) -> Self {
        let mut timed = Vec::new();
        let mut counted = None;
        let mut figures = Ok(());
        for row in rows.iter().filter(|row| row.pool == pool) {
            match &row.outcome {
                Outcome::Sample(sample) if row.rep == 0 => counted = Some(sample),
                Outcome::Sample(sample) => timed.push(sample),
                Outcome::Timeout => figures = Err("timeout"),
                Outcome::Failed => figures = Err("failed"),
            }
        }
        let figures = match figures {
            Ok(()) if timed.is_empty() => Err("not run"),
            Ok(()) => Ok(Figures::new(&timed, counted)),
            Err(why) => Err(why),
        };
        Self {
            pool: pool.to_owned(),
            figures,
        }
    }

    /// Those without a figure come last.
    fn median(&self) -> f64 {
        let figures = self.figures.as_ref();
        figures.map_or(f64::INFINITY, |figures| figures.median)
    }
}

impl Figures {
    fn new(timed: &[&Sample], counted: Option<&Sample>) -> Self {
        let of = |value: fn(&Sample) -> f64| sorted(timed.iter().map(|sample| value(sample)));
        let count = |value: fn(&Sample) -> Option<f64>| counted.and_then(value).unwrap_or(f64::NAN);
        let values = of(|sample| sample.value);
        // What only the run that counts can tell is taken from there.
        let mut extra = counted.map_or_else(BTreeMap::new, |sample| sample.extra.clone());
        for name in timed.iter().flat_map(|sample| sample.extra.keys()) {
            let values = timed.iter().filter_map(|sample| sample.extra.get(name));
            extra.insert(name.clone(), median(&sorted(values.copied())));
        }
        Self {
            reps: timed.len(),
            median: median(&values),
            min: values.first().copied().unwrap_or(f64::NAN),
            max: values.last().copied().unwrap_or(f64::NAN),
            cpu_ns: median(&of(|sample| sample.cpu_ns_per_task)),
            switches: median(&of(|sample| sample.switches_per_task)),
            futexes: count(|sample| sample.futexes_per_task),
            allocations: count(|sample| sample.allocations_per_task),
            bytes: count(|sample| sample.bytes_per_task),
            extra,
        }
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_two() {
        assert_eq!(
            median(&sorted([3.0, 1.0].into_iter())).to_bits(),
            2f64.to_bits()
        );
        assert_eq!(
            median(&sorted([9.0, 1.0, 3.0].into_iter())).to_bits(),
            3f64.to_bits()
        );
        assert!(median(&[]).is_nan());
    }
}

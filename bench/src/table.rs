//! Medians, minima and ratios, aligned.

use crate::{
    pools::{INLINE, OURS},
    run::{Outcome, Row},
    sample::Sample,
    workloads::Workload,
};
use std::{collections::BTreeMap, fmt};

/// One workload with one number of threads: a line per pool.
pub(crate) struct Group {
    workload: &'static Workload,
    threads: usize,
    lines: Vec<Line>,
}

struct Line {
    pool: &'static str,
    figures: Result<Figures, &'static str>,
}

struct Figures {
    median: f64,
    min: f64,
    max: f64,
    cpu_ns: f64,
    switches: f64,
    allocations: f64,
    bytes: f64,
    extra: BTreeMap<String, f64>,
}

impl Group {
    pub(crate) fn new(workload: &'static Workload, threads: usize, rows: &[Row]) -> Self {
        let mut pools: Vec<&str> = rows.iter().map(|row| row.pool).collect();
        pools.sort_unstable();
        pools.dedup();
        let mut lines: Vec<Line> = pools
            .into_iter()
            .map(|pool| Line::new(pool, rows))
            .collect();
        lines.sort_by(|a, b| a.median().total_cmp(&b.median()));
        Self {
            workload,
            threads,
            lines,
        }
    }

    fn ours(&self) -> Option<&Line> {
        self.lines.iter().find(|line| line.pool == OURS)
    }

    /// The peer with the least of something.
    fn best_peer(&self, of: fn(&Figures) -> f64) -> Option<(&'static str, f64)> {
        let lines = self
            .lines
            .iter()
            .filter(|line| ![OURS, INLINE].contains(&line.pool));
        let values = lines.filter_map(|line| Some((line.pool, of(line.figures.as_ref().ok()?))));
        values.min_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    fn best(&self, of: fn(&Figures) -> f64) -> f64 {
        self.best_peer(of).map_or(f64::NAN, |(_, value)| value)
    }
}

impl Line {
    fn new(pool: &'static str, rows: &[Row]) -> Self {
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
        let figures = figures.map(|()| Figures::new(&timed, counted));
        Self { pool, figures }
    }

    /// Those without a figure come last.
    fn median(&self) -> f64 {
        self.figures
            .as_ref()
            .map_or(f64::INFINITY, |figures| figures.median)
    }
}

impl Figures {
    fn new(timed: &[&Sample], counted: Option<&Sample>) -> Self {
        let of = |value: fn(&Sample) -> f64| sorted(timed.iter().map(|sample| value(sample)));
        let values = of(|sample| sample.value);
        let names = timed
            .first()
            .into_iter()
            .flat_map(|sample| sample.extra.keys());
        let extra = names.map(|name| {
            let values = timed
                .iter()
                .filter_map(|sample| sample.extra.get(name).copied());
            (name.clone(), median(&sorted(values)))
        });
        Self {
            median: median(&values),
            min: values.first().copied().unwrap_or(f64::NAN),
            max: values.last().copied().unwrap_or(f64::NAN),
            cpu_ns: median(&of(|sample| sample.cpu_ns_per_task)),
            switches: median(&of(|sample| sample.switches_per_task)),
            allocations: counted
                .and_then(|s| s.allocations_per_task)
                .unwrap_or(f64::NAN),
            bytes: counted.and_then(|s| s.bytes_per_task).unwrap_or(f64::NAN),
            extra: extra.collect(),
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

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload {
            id, title, unit, ..
        } = self.workload;
        writeln!(f, "{id}, {} threads: {title} [{unit}]", self.threads)?;
        writeln!(
            f,
            "{:<18} {:>10} {:>10} {:>10} {:>6} {:>9} {:>6} {:>8} {:>7} {:>8}",
            "pool",
            "median",
            "min",
            "max",
            "/best",
            "cpu ns",
            "/best",
            "switches",
            "allocs",
            "bytes"
        )?;
        let median = self.best(|figures| figures.median);
        let cpu_ns = self.best(|figures| figures.cpu_ns);
        for line in &self.lines {
            write!(f, "{:<18} ", line.pool)?;
            match &line.figures {
                Err(why) => writeln!(f, "{why:>10}")?,
                Ok(figures) => figures.write(f, median, cpu_ns)?,
            }
        }
        Ok(())
    }
}

impl Figures {
    fn write(&self, f: &mut fmt::Formatter<'_>, median: f64, cpu_ns: f64) -> fmt::Result {
        write!(
            f,
            "{:>10.1} {:>10.1} {:>10.1} {:>6.2} {:>9.0} {:>6.2} {:>8.3} {:>7.3} {:>8.1}",
            self.median,
            self.min,
            self.max,
            self.median / median,
            self.cpu_ns,
            self.cpu_ns / cpu_ns,
            self.switches,
            self.allocations,
            self.bytes
        )?;
        for (name, value) in &self.extra {
            write!(f, "  {name} {value:.2}")?;
        }
        writeln!(f)
    }
}

/// Ours against the best peer by median, by minimum and by CPU time, a line per group, as Markdown.
pub(crate) struct Summary<'a>(pub(crate) &'a [Group]);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| workload | threads | unit | ours | min to max | best peer | | by median | by minimum | by CPU |\n\
             |---|---:|---|---:|---:|---:|---|---:|---:|---:|"
        )?;
        for group in self.0 {
            let Workload { id, unit, .. } = group.workload;
            let Some((peer, median)) = group.best_peer(|figures| figures.median) else {
                continue;
            };
            let Some(ours) = group.ours() else {
                continue;
            };
            match &ours.figures {
                Err(why) => writeln!(
                    f,
                    "| {id} | {} | {unit} | {why} | | {median:.0} | {peer} | | | |",
                    group.threads
                )?,
                Ok(ours) => writeln!(
                    f,
                    "| {id} | {} | {unit} | {:.0} | {:.0} to {:.0} | {median:.0} | {peer} | {:.2} | {:.2} | {:.2} |",
                    group.threads,
                    ours.median,
                    ours.min,
                    ours.max,
                    ours.median / median,
                    ours.min / group.best(|figures| figures.min),
                    ours.cpu_ns / group.best(|figures| figures.cpu_ns),
                )?,
            }
        }
        Ok(())
    }
}

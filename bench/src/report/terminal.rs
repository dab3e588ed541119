//! Aligned columns, a line per pool.

use super::figures::{Figures, Group};
use crate::workloads::Workload;
use std::fmt;

pub(crate) struct Details<'a>(pub(crate) &'a Group);

impl fmt::Display for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload {
            id, title, unit, ..
        } = self.0.workload;
        writeln!(f, "{id}, {} threads: {title} [{unit}]", self.0.threads)?;
        writeln!(
            f,
            "{:<18} {:>10} {:>10} {:>10} {:>6} {:>9} {:>6} {:>8} {:>7} {:>7} {:>8}",
            "pool",
            "median",
            "min",
            "max",
            "/best",
            "cpu ns",
            "/best",
            "switches",
            "futexes",
            "allocs",
            "bytes"
        )?;
        let median = self.0.best(|figures| figures.median);
        let cpu_ns = self.0.best(|figures| figures.cpu_ns);
        for line in &self.0.lines {
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
            "{:>10.1} {:>10.1} {:>10.1} {:>6.2} {:>9.0} {:>6.2} {:>8.3} {:>7.3} {:>7.3} {:>8.1}",
            self.median,
            self.min,
            self.max,
            self.median / median,
            self.cpu_ns,
            self.cpu_ns / cpu_ns,
            self.switches,
            self.futexes,
            self.allocations,
            self.bytes
        )?;
        for (name, value) in &self.extra {
            write!(f, "  {name} {value:.2}")?;
        }
        writeln!(f)
    }
}

//! The profile as a table, in 80 columns.

use super::{
    Advice, Counts, Latency, Profile, ProfiledTask, WorkerLoad,
    human::{count, percent, plural, rate, time},
};
use std::{fmt, fmt::Write as _, time::Duration};

const WIDTH: usize = 80;
/// Of long lists, so many lines.
const LINES: usize = 10;

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        head(self, f)?;
        shares(self, f)?;
        latencies(self, f)?;
        slowest(self.slowest(), f)?;
        workers(self, f)?;
        advice(self.advice(), f)
    }
}

fn head(profile: &Profile, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let counts = profile.counts();
    writeln!(
        f,
        "{}: {} in {} ({})",
        profile.pool_name(),
        plural(counts.submitted, "task"),
        time(profile.elapsed()),
        rate(profile.throughput()),
    )?;
    writeln!(
        f,
        "at most {} on {}; {}\n",
        plural(profile.max_workers() as u64, "worker"),
        plural(profile.processors() as u64, "processor"),
        outcomes(&counts),
    )
}

/// Those that there are.
fn outcomes(counts: &Counts) -> String {
    let open = [("queued", counts.queued), ("running", counts.running)];
    let ended = counts
        .ended()
        .map(|(outcome, tasks)| (outcome.as_str(), tasks));
    let all = open.into_iter().chain(ended);
    let shown: Vec<_> = all
        .filter(|(_, tasks)| *tasks > 0)
        .map(|(word, tasks)| format!("{} {word}", count(tasks)))
        .collect();
    if shown.is_empty() {
        "nothing was submitted".to_owned()
    } else {
        shown.join(", ")
    }
}

fn shares(profile: &Profile, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shares = profile.shares();
    writeln!(
        f,
        "of {} task time: {} wait, {} CPU, {} blocked",
        time(shares.total),
        percent(shares.wait),
        percent(shares.cpu),
        percent(shares.blocked),
    )?;
    if shares.contended > 0.0 {
        let contended = percent(shares.contended);
        writeln!(f, "of the wait, {contended} was for a processor")?;
    }
    writeln!(f)
}

fn latencies(profile: &Profile, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let heads = ["mean", "p50", "p90", "p99", "max"];
    writeln!(f, "{:<12}{}", "", cells(&heads.map(str::to_owned)))?;
    let rows = [
        ("wait", profile.wait()),
        ("run", profile.run()),
        ("  CPU", profile.cpu()),
        ("  blocked", profile.blocked()),
    ];
    for (name, latency) in rows {
        writeln!(f, "{name:<12}{}", cells(&times(latency)))?;
    }
    writeln!(f)
}

fn times(latency: &Latency) -> [String; 5] {
    [
        latency.mean(),
        latency.quantile(0.5),
        latency.quantile(0.9),
        latency.quantile(0.99),
        latency.max(),
    ]
    .map(time)
}

/// Each at the right of its column.
fn cells(cells: &[String]) -> String {
    let mut line = String::new();
    for cell in cells {
        let _ = write!(line, "{cell:>11}");
    }
    line
}

fn slowest(tasks: &[ProfiledTask], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if tasks.is_empty() {
        return Ok(());
    }
    let heads = ["run", "CPU", "wait"].map(str::to_owned);
    writeln!(f, "{:<45}{}", "slowest", cells(&heads))?;
    for task in tasks.iter().take(LINES) {
        let label = match task.outcome_word() {
            "completed" => task.label(),
            other => format!("{} ({other})", task.label()),
        };
        let times = [task.run(), task.cpu(), task.queue_wait()].map(time);
        writeln!(f, "{:<45}{}", cut(&label, 44), cells(&times))?;
    }
    writeln!(f)
}

fn workers(profile: &Profile, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let workers = profile.workers();
    if workers.is_empty() {
        return Ok(());
    }
    let heads = ["tasks", "busy", "CPU", "occupied"].map(str::to_owned);
    writeln!(f, "{:<34}{}", "worker", cells(&heads))?;
    for load in workers.iter().take(LINES) {
        worker(&load.name, load, profile.elapsed(), f)?;
    }
    if let Some(rest @ [first, ..]) = workers.get(LINES..) {
        let all = WorkerLoad {
            name: first.name.clone(),
            tasks: rest.iter().map(|load| load.tasks).sum(),
            busy: rest.iter().map(|load| load.busy).sum(),
            cpu: rest.iter().map(|load| load.cpu).sum(),
        };
        let name = format!("({} more)", rest.len());
        let elapsed = profile.elapsed() * u32::try_from(rest.len()).unwrap_or(u32::MAX);
        worker(&name, &all, elapsed, f)?;
    }
    writeln!(f)
}

fn worker(
    name: &str,
    load: &WorkerLoad,
    elapsed: Duration,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let occupied = load.busy.as_secs_f64() / elapsed.as_secs_f64().max(1e-9) * 100.0;
    let columns = [
        count(load.tasks),
        time(load.busy),
        time(load.cpu),
        percent(occupied),
    ];
    writeln!(f, "{:<34}{}", cut(name, 33), cells(&columns))
}

/// To so many characters; what is cut off is the beginning, since names differ at their ends.
fn cut(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let end: String = text.chars().skip(length - most + 3).collect();
    format!("...{end}")
}

fn advice(advice: &Advice, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, point) in advice.points().iter().enumerate() {
        if index > 0 {
            writeln!(f)?;
        }
        paragraph(point.topic, &point.text, f)?;
        writeln!(f)?;
        paragraph("", &point.arithmetic, f)?;
    }
    Ok(())
}

/// A word at the margin, and text beside it that is broken at spaces; no line break at the end.
fn paragraph(margin: &str, text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const INDENT: usize = 12;
    write!(f, "{margin:<INDENT$}")?;
    let mut column = INDENT;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > INDENT && column + 1 + length > WIDTH {
            write!(f, "\n{:<INDENT$}", "")?;
            column = INDENT;
        } else if column > INDENT {
            write!(f, " ")?;
            column += 1;
        }
        write!(f, "{word}")?;
        column += length;
    }
    Ok(())
}

//! Where a live line appears: on a terminal, in a bar of the caller's own, or as plain lines.

use super::{facts::Facts, line};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

pub(super) struct Surface {
    pub(super) bar: ProgressBar,
    kind: Kind,
}

enum Kind {
    /// The bar on standard error, laid out for so many columns.
    Terminal { columns: usize },
    /// The caller says how it looks.
    Given,
    /// Standard error is no terminal; the bar is hidden, and only reckons.
    Lines { written: Instant, last: String },
}

/// Between two plain lines: often enough to see that it goes on, and seldom enough for a log file.
const BETWEEN_LINES: Duration = Duration::from_secs(5);
/// Below that a bar takes the room that the numbers need.
const LEAST_FOR_BAR: usize = 60;

impl Surface {
    pub(super) fn of_stderr() -> Self {
        let bar = ProgressBar::new(0);
        let kind = if bar.is_hidden() {
            Kind::Lines {
                written: Instant::now(),
                last: String::new(),
            }
        } else {
            Kind::Terminal { columns: 0 }
        };
        Self { bar, kind }
    }

    pub(super) fn given(bar: ProgressBar) -> Self {
        Self {
            bar,
            kind: Kind::Given,
        }
    }

    pub(super) fn set_label(&mut self, label: &str) {
        let gap = match self.kind {
            Kind::Given => "",
            Kind::Terminal { .. } | Kind::Lines { .. } => " ",
        };
        self.bar.set_prefix(format!("{label}{gap}"));
    }

    pub(super) fn draw(&mut self, label: &str, facts: &Facts) {
        match &mut self.kind {
            Kind::Terminal { columns } => {
                let room = lay_out(&self.bar, columns, label);
                self.bar.set_message(line::under_way(facts, room));
            }
            Kind::Given => self.bar.set_message(rest(facts)),
            Kind::Lines { written, last } => {
                if written.elapsed() >= BETWEEN_LINES {
                    *written = Instant::now();
                    write_line(last, label, line::under_way(facts, usize::MAX));
                }
            }
        }
    }

    /// The last state, which stays.
    pub(super) fn finish(&mut self, label: &str, facts: &Facts) {
        match &mut self.kind {
            Kind::Terminal { columns } => {
                let room = lay_out(&self.bar, columns, label);
                self.bar.abandon_with_message(line::over(facts, room));
            }
            Kind::Given => {
                self.bar.set_message(rest(facts));
                self.bar.finish_using_style();
            }
            Kind::Lines { last, .. } => {
                self.bar.finish_and_clear();
                write_line(last, label, line::over(facts, usize::MAX));
            }
        }
    }
}

/// Fits bar and label to the width of the terminal. How many columns are left for the text.
fn lay_out(bar: &ProgressBar, columns: &mut usize, label: &str) -> usize {
    // One column stays free: many terminals go to the next line when the last one is written.
    let now = usize::from(console::Term::stderr().size().1).saturating_sub(1);
    let label = if label.is_empty() {
        0
    } else {
        console::measure_text_width(label) + 1
    };
    let bar_width = if now < LEAST_FOR_BAR { 0 } else { now / 4 };
    if now != *columns {
        *columns = now;
        bar.set_style(style(bar_width));
    }
    let taken = label + if bar_width == 0 { 0 } else { bar_width + 1 };
    now.saturating_sub(taken)
}

fn style(bar_width: usize) -> ProgressStyle {
    let template = if bar_width == 0 {
        "{prefix}{msg}".to_owned()
    } else {
        format!("{{prefix}}{{bar:{bar_width}.cyan/dim}} {{msg}}")
    };
    ProgressStyle::with_template(&template)
        .expect("a template that is well formed")
        .progress_chars("━╸─")
}

/// What a bar with a position and a length does not say by itself.
fn rest(facts: &Facts) -> String {
    let always = [(facts.running, "running"), (facts.queued, "queued")];
    let seldom = [(facts.failed, "failed"), (facts.cancelled, "cancelled")];
    let seldom = seldom.into_iter().filter(|(count, _)| *count > 0);
    let parts = always.into_iter().chain(seldom);
    let parts = parts.map(|(count, what)| format!("{} {what}", HumanCount(count)));
    parts.collect::<Vec<_>>().join(", ")
}

fn write_line(last: &mut String, label: &str, line: String) {
    if *last == line {
        return;
    }
    let gap = if label.is_empty() { "" } else { " " };
    // Nobody reads it any more: no reason to disturb the program.
    let _ = writeln!(io::stderr(), "{label}{gap}{line}");
    *last = line;
}

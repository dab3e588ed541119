//! The table, on the terminal and in the page.

use super::{
    Row, child,
    verdict::{Verdict, Word},
};
use crate::{machine::Machine, report};
use std::{error::Error, fmt::Write as _};

/// What all runs did, or each of them, if it was not the same.
fn shown(runs: &[Verdict]) -> String {
    let mut words: Vec<_> = runs.iter().map(|verdict| verdict.word).collect();
    words.dedup();
    let words: Vec<_> = words.iter().map(Word::to_string).collect();
    words.join("/")
}

/// What is to be said besides: why it is wrong, or how much it took.
fn why(runs: &[Verdict]) -> Option<&str> {
    let why = runs.iter().map(|verdict| verdict.why.as_str());
    why.into_iter().find(|why| !why.is_empty())
}

/// Aligned columns, and below them the reasons.
pub(super) fn terminal(contestants: &[&str], rows: &[Row]) -> String {
    let wide = rows.iter().map(|row| row.case.id.len()).max().unwrap_or(0);
    let mut text = " ".repeat(wide);
    for contestant in contestants {
        let _ = write!(text, "  {contestant:>12}");
    }
    text.push('\n');
    for row in rows {
        let _ = write!(text, "{:wide$}", row.case.id);
        for cell in &row.cells {
            let _ = write!(text, "  {:>12}", shown(cell));
        }
        text.push('\n');
    }
    text.push('\n');
    for row in rows {
        for (contestant, cell) in contestants.iter().zip(&row.cells) {
            if let Some(why) = why(cell) {
                let (id, shown) = (row.case.id, shown(cell));
                let _ = writeln!(text, "{id}, {contestant}: {shown}, {why}");
            }
        }
    }
    text
}

pub(super) fn write(
    machine: &Machine,
    contestants: &[&str],
    rows: &[Row],
) -> Result<(), Box<dyn Error>> {
    report::write_hostile(&page(machine, contestants, rows))
}

fn page(machine: &Machine, contestants: &[&str], rows: &[Row]) -> String {
    let cpython = child::cpython_version().map_or(String::new(), |version| format!(", {version}"));
    let mut text = format!("{machine}{cpython}.\n\n| |");
    for contestant in contestants {
        let _ = write!(text, " {contestant} |");
    }
    let _ = write!(text, "\n|---|{}\n", "---|".repeat(contestants.len()));
    for row in rows {
        let _ = write!(text, "| {} |", row.case.id);
        for cell in &row.cells {
            let _ = write!(text, " {} |", marked(cell));
        }
        text.push('\n');
    }
    text.push_str("\nWhat is `right`:\n\n");
    for Row { case, .. } in rows {
        let (id, limit) = (case.id, case.limit);
        let _ = writeln!(text, "- **{id}** ({limit} s): {}", case.right);
    }
    text
}

/// What is wrong stands out; a measure goes with what is right.
fn marked(runs: &[Verdict]) -> String {
    let shown = shown(runs);
    let fine = |run: &Verdict| matches!(run.word, Word::Right | Word::NotApplicable);
    match why(runs) {
        _ if !runs.iter().all(fine) => format!("**{shown}**"),
        Some(why) if runs[0].word == Word::Right => format!("{shown}, {why}"),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_differ_are_both_shown() {
        let (right, lost) = (Verdict::right(), Verdict::lost("a result"));
        assert_eq!(marked(&[right.clone(), right.clone()]), "right");
        assert_eq!(marked(&[right, lost.clone()]), "**right/lost**");
        assert_eq!(why(&[lost]), Some("a result"));
    }

    #[test]
    fn a_measure_stands_beside_what_is_right() {
        let right = Verdict::new(Word::Right, "1.0 GiB");
        assert_eq!(marked(&[right.clone(), right]), "right, 1.0 GiB");
        assert_eq!(marked(&[Verdict::not_applicable("no pool")]), "n/a");
    }
}

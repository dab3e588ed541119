//! Runs named steps one after the other and tells at the end how each went.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::cargo::{Failure, Outcome, Ran};

pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) run: fn() -> Outcome,
    /// What to make of a tool that is not installed.
    pub(crate) missing_tool: MissingTool,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum MissingTool {
    /// Skipped on a person's machine; a build server has to have it.
    FailsInCi,
    Skips,
}

enum Verdict {
    Passed(Ran),
    Failed(String),
    Skipped(String),
}

struct Line {
    name: &'static str,
    verdict: Verdict,
    took: Duration,
}

/// Goes through all steps, also after a failure: one round shows all that is wrong.
pub(crate) fn run_all(steps: &[Step]) -> Outcome {
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let mut lines = Vec::new();
    for (step, number) in steps.iter().zip(1..) {
        println!("\n== {number}/{}: {}", steps.len(), step.name);
        let start = Instant::now();
        let verdict = judge((step.run)(), step.missing_tool, ci);
        match &verdict {
            Verdict::Passed(_) => {}
            Verdict::Failed(why) => println!("FAILED: {why}"),
            Verdict::Skipped(why) => println!("SKIPPED: {why}"),
        }
        lines.push(Line {
            name: step.name,
            verdict,
            took: start.elapsed(),
        });
    }
    println!("\n{}", table(&lines));
    if lines
        .iter()
        .any(|line| matches!(line.verdict, Verdict::Failed(_)))
    {
        return Err(Failure::Reported);
    }
    Ok(Ran::default())
}

fn judge(outcome: Outcome, missing_tool: MissingTool, ci: bool) -> Verdict {
    match outcome {
        Ok(ran) => Verdict::Passed(ran),
        Err(failure @ Failure::Missing { .. }) if !ci || missing_tool == MissingTool::Skips => {
            Verdict::Skipped(failure.to_string())
        }
        Err(failure) => Verdict::Failed(failure.to_string()),
    }
}

/// One line per step, then the counts alone on the last line, where a program can read them.
fn table(lines: &[Line]) -> String {
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let (mut text, mut passed, mut failed) = (String::new(), 0, 0);
    for line in lines {
        let (word, note) = match &line.verdict {
            Verdict::Passed(ran) => {
                passed += 1;
                ("ok", ran.tests.map(|tests| format!("tests: {tests}")))
            }
            Verdict::Failed(why) => {
                failed += 1;
                ("FAILED", Some(why.clone()))
            }
            Verdict::Skipped(why) => ("skipped", Some(why.clone())),
        };
        let (name, seconds) = (line.name, line.took.as_secs_f64());
        let note = note.unwrap_or_default();
        let row = format!("{name:<width$}  {word:<7}  {seconds:>6.1} s  {note}");
        writeln!(text, "{}", row.trim_end()).expect("a string takes all");
    }
    write!(text, "\n{passed} passed, {failed} failed").expect("a string takes all");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Outcome {
        Err(Failure::Missing {
            what: "a tool",
            install: "fetch it".to_owned(),
        })
    }

    #[test]
    fn a_missing_tool_is_an_error_only_on_a_build_server() {
        use MissingTool::{FailsInCi, Skips};
        let verdict = |missing_tool, ci| judge(missing(), missing_tool, ci);
        assert!(matches!(verdict(FailsInCi, true), Verdict::Failed(_)));
        assert!(matches!(verdict(FailsInCi, false), Verdict::Skipped(_)));
        assert!(matches!(verdict(Skips, true), Verdict::Skipped(_)));
    }

    #[test]
    fn the_last_line_counts_what_ran() {
        let line = |verdict| Line {
            name: "step",
            verdict,
            took: Duration::ZERO,
        };
        let lines = [
            line(Verdict::Passed(Ran { tests: Some(7) })),
            line(Verdict::Failed("why".to_owned())),
            line(Verdict::Skipped("why".to_owned())),
        ];
        let table = table(&lines);
        assert!(table.contains("tests: 7"));
        assert_eq!(table.lines().last(), Some("1 passed, 1 failed"));
    }
}

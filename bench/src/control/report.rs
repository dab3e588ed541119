//! The tables of the scenarios.

use super::{Column, Outcome, Scenario, Unit};
use crate::{machine::Machine, report};
use std::{error::Error, fmt::Write as _};

pub(super) fn table(scenario: &Scenario, outcomes: &[(&str, Outcome)]) -> String {
    let Scenario {
        id, title, columns, ..
    } = scenario;
    let mut text = format!("**{id}**: {title}\n\n| |");
    for column in *columns {
        let _ = write!(text, " {} |", column.name);
    }
    text.push_str("\n|---|");
    text.push_str(&"---:|".repeat(columns.len()));
    text.push('\n');
    for (contestant, outcome) in outcomes {
        let cells: Vec<_> = match outcome {
            Outcome::Figures(figures) => {
                let cell = |column: &Column| match figures.get(column.name) {
                    Some(value) => shown(*value, column.unit),
                    None => String::new(),
                };
                columns.iter().map(cell).collect()
            }
            Outcome::Hangs => instead(columns, "**hangs**"),
            Outcome::Failed => instead(columns, "**fails**"),
        };
        let _ = writeln!(text, "| `{contestant}` | {} |", cells.join(" | "));
    }
    text
}

fn instead(columns: &[Column], word: &str) -> Vec<String> {
    let mut cells = vec![String::new(); columns.len()];
    word.clone_into(&mut cells[0]);
    cells
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count => format!("{value:.0}"),
        Unit::Nanoseconds => scaled(value, &[("ns", 1e3), ("us", 1e3), ("ms", 1e3), ("s", 1e9)]),
        Unit::Bytes => scaled(
            value,
            &[
                ("B", 1024.0),
                ("KiB", 1024.0),
                ("MiB", 1024.0),
                ("GiB", 1e9),
            ],
        ),
    }
}

/// In the first unit in which it is less than one of the next.
fn scaled(value: f64, units: &[(&str, f64)]) -> String {
    let mut value = value;
    for &(unit, next) in units {
        if value < next {
            let digits = usize::from(value < 10.0 && value.fract() > 0.0);
            return format!("{value:.digits$} {unit}");
        }
        value /= next;
    }
    value.to_string()
}

pub(super) fn write(machine: &Machine, tables: &[String]) -> Result<(), Box<dyn Error>> {
    report::write_control(&format!("{machine}.\n\n{}", tables.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_in_a_unit_that_fits() {
        let shown = [
            shown(7.0, Unit::Count),
            shown(1_530.0, Unit::Nanoseconds),
            shown(2.5e9, Unit::Nanoseconds),
            shown(3.0 * 1024.0 * 1024.0, Unit::Bytes),
        ];
        assert_eq!(shown, ["7", "1.5 us", "2.5 s", "3 MiB"]);
    }
}

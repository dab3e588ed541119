//! Orderings that no model needs, and why: a table in the book.

use std::path::Path;

use crate::cargo::{self, Failure};

pub(super) const PAGE: &str = "docs/model-checking.md";

/// A row of the table: `| file | function | number | weaker | why |`. A `*` stands for all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row([String; 4]);

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<_> = line.trim().trim_matches('|').split('|').collect();
        let [file, function, number, weaker, why] = cells.as_slice() else {
            return None;
        };
        let cells = [file, function, number, weaker];
        let key = cells.map(|cell| cell.trim().trim_matches('`').to_owned());
        (Path::new(&key[0]).extension().is_some() && !why.trim().is_empty()).then_some(Self(key))
    }

    pub(super) fn covers(&self, key: [&str; 4]) -> bool {
        let mut cells = self.0.iter().zip(key);
        cells.all(|(cell, word)| cell == "*" || cell == word)
    }

    pub(super) fn spelled(&self) -> String {
        self.0.join(" ")
    }
}

pub(super) fn rows() -> Result<Vec<Row>, Failure> {
    let text = std::fs::read_to_string(cargo::root().join(PAGE))
        .map_err(|error| Failure::Failed(format!("{PAGE}: {error}")))?;
    Ok(text.lines().filter_map(Row::parse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_needs_a_reason() {
        let row = Row::parse("| `task/state.rs` | `look` | * | `Relaxed` | because |").unwrap();
        assert!(row.covers(["task/state.rs", "look", "1", "Relaxed"]));
        assert!(!row.covers(["task/state.rs", "claim", "1", "Relaxed"]));
        assert_eq!(
            Row::parse("| `task/state.rs` | `look` | 1 | `Relaxed` | |"),
            None
        );
        assert_eq!(
            Row::parse("| file | function | number | weaker | why |"),
            None
        );
    }
}

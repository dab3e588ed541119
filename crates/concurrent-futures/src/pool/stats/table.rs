//! A snapshot as a table, for people.

use super::Stats;
use std::fmt;

/// A label, a number, and what is said to it.
struct Row {
    label: &'static str,
    number: String,
    note: String,
}

impl Row {
    fn new(label: &'static str, number: u64) -> Self {
        Self {
            label,
            number: grouped(number),
            note: String::new(),
        }
    }
}

impl Stats {
    fn rows(&self) -> Vec<Row> {
        let mut rows = vec![
            Row::new("submitted", self.submitted),
            Row::new("  queued", self.queued),
            Row::new("  running", self.running),
            Row::new("  completed", self.completed),
            Row::new("  failed", self.failed),
            Row::new("  cancelled", self.cancelled),
            Row::new("rejected", self.rejected),
            Row {
                note: self.crew(),
                ..Row::new("workers", self.workers as u64)
            },
        ];
        if let Some(longest) = self.longest_wait {
            rows.push(Row {
                label: "longest wait",
                number: format!("{longest:.1?}"),
                note: String::new(),
            });
        }
        rows
    }

    fn crew(&self) -> String {
        let (idle, most, now) = (self.idle, self.max_workers, self.target_workers);
        if now == most {
            format!("{idle} idle, {most} at most")
        } else {
            format!("{idle} idle, {most} at most, {now} now")
        }
    }
}

/// A table with a line for each number, without a line break at its end. An adaptive pool's last decision
/// stands below it.
///
/// ```
/// # use concurrent_futures::ThreadPoolExecutor;
/// let pool = ThreadPoolExecutor::builder().max_workers(2).build()?;
/// pool.map(0..1500, |n| n).for_each(drop);
/// let table = pool.stats().to_string();
/// assert!(table.starts_with("submitted    1,500\n  queued         0\n"));
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let labels = width(rows.iter().map(|row| row.label));
        let numbers = width(rows.iter().map(|row| row.number.as_str()));
        for (
            index,
            Row {
                label,
                number,
                note,
            },
        ) in rows.iter().enumerate()
        {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{label:labels$}  {number:>numbers$}")?;
            if !note.is_empty() {
                write!(f, "  {note}")?;
            }
        }
        match self.decisions.last() {
            Some(decision) => write!(f, "\nlast change: {decision}"),
            None => Ok(()),
        }
    }
}

fn width<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}

/// With a comma between each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Stats, grouped};
    use std::time::Duration;

    #[test]
    fn numbers_have_commas() {
        let shown = [0, 7, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "7", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn columns_are_aligned() {
        let stats = Stats {
            max_workers: 16,
            target_workers: 4,
            workers: 4,
            idle: 1,
            submitted: 12_345,
            queued: 12,
            running: 3,
            completed: 12_300,
            failed: 29,
            cancelled: 1,
            rejected: 0,
            longest_wait: Some(Duration::from_micros(1_234)),
            decisions: Vec::new(),
        };
        let table = "\
submitted     12,345
  queued          12
  running          3
  completed   12,300
  failed          29
  cancelled        1
rejected           0
workers            4  1 idle, 16 at most, 4 now
longest wait   1.2ms";
        assert_eq!(stats.to_string(), table);
    }
}

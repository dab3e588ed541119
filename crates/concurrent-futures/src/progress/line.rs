//! The text of a live line, for so many columns.
//!
//! The counts always stand first. Of the rest, what matters most is kept where there is not room for
//! all; the order on the line is always the same.

use super::facts::Facts;
use indicatif::{HumanCount, HumanDuration};

/// A part of the line, and how much it matters: 0 most.
struct Part {
    rank: u8,
    text: String,
}

/// While there is something to do.
pub(super) fn under_way(facts: &Facts, columns: usize) -> String {
    let left = facts.left.map_or_else(
        || "-".to_owned(),
        |left| format!("{:#}", HumanDuration(left)),
    );
    let parts = [
        Some(Part {
            rank: 3,
            text: format!("{}/s", rate(facts.per_second)),
        }),
        Some(Part {
            rank: 1,
            text: format!("eta {left}"),
        }),
        counted(0, facts.failed, "failed"),
        counted(2, facts.cancelled, "cancelled"),
        Some(Part {
            rank: 4,
            text: format!("{} running", HumanCount(facts.running)),
        }),
        Some(Part {
            rank: 5,
            text: format!("{} queued", HumanCount(facts.queued)),
        }),
    ];
    fit(counts(facts), parts.into_iter().flatten(), columns)
}

/// When it is over.
pub(super) fn over(facts: &Facts, columns: usize) -> String {
    let seconds = facts.elapsed.as_secs_f64();
    #[allow(clippy::cast_precision_loss)] // a rate is not that exact
    let mean = facts.done as f64 / seconds.max(1e-9);
    let parts = [
        Some(Part {
            rank: 1,
            text: format!("in {}", duration(seconds)),
        }),
        Some(Part {
            rank: 3,
            text: format!("{}/s", rate(mean)),
        }),
        counted(0, facts.failed, "failed"),
        counted(2, facts.cancelled, "cancelled"),
    ];
    fit(counts(facts), parts.into_iter().flatten(), columns)
}

fn counts(facts: &Facts) -> String {
    let (done, total) = (HumanCount(facts.done), HumanCount(facts.total));
    match (facts.done * 100).checked_div(facts.total) {
        Some(percent) => format!("{done}/{total} ({percent}%)"),
        None => format!("{done}/{total}"),
    }
}

fn counted(rank: u8, count: u64, what: &str) -> Option<Part> {
    (count > 0).then(|| Part {
        rank,
        text: format!("{} {what}", HumanCount(count)),
    })
}

fn rate(per_second: f64) -> String {
    if per_second < 9.95 {
        return format!("{per_second:.1}");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive, and saturates
    HumanCount(per_second.round() as u64).to_string()
}

fn duration(seconds: f64) -> String {
    if seconds < 10.0 {
        return format!("{seconds:.1}s");
    }
    let seconds = std::time::Duration::from_secs_f64(seconds);
    format!("{:#}", HumanDuration(seconds))
}

/// As many parts after the counts as there are columns for, the least that matter left out first.
fn fit(counts: String, parts: impl Iterator<Item = Part>, columns: usize) -> String {
    const SEPARATOR: usize = 2;
    let mut parts: Vec<Part> = parts.collect();
    let room =
        |parts: &[Part]| -> usize { parts.iter().map(|part| SEPARATOR + part.text.len()).sum() };
    while counts.len() + room(&parts) > columns {
        let Some(least) = (0..parts.len()).max_by_key(|&at| parts[at].rank) else {
            break;
        };
        parts.remove(least);
    }
    let rest = parts.into_iter().map(|part| part.text);
    let line = std::iter::once(counts)
        .chain(rest)
        .collect::<Vec<_>>()
        .join(", ");
    // ASCII only, so columns are bytes.
    line[..line.len().min(columns)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn facts() -> Facts {
        Facts {
            done: 1234,
            total: 5000,
            failed: 2,
            cancelled: 1,
            running: 4,
            queued: 3762,
            per_second: 3.21,
            left: Some(Duration::from_secs(1173)),
            elapsed: Duration::from_secs(384),
        }
    }

    #[test]
    fn with_room_for_all_it_says_all() {
        assert_eq!(
            under_way(&facts(), 100),
            "1,234/5,000 (24%), 3.2/s, eta 20m, 2 failed, 1 cancelled, 4 running, 3,762 queued"
        );
        assert_eq!(
            over(&facts(), 100),
            "1,234/5,000 (24%), in 6m, 3.2/s, 2 failed, 1 cancelled"
        );
    }

    #[test]
    fn failures_and_the_time_left_are_kept_longest() {
        assert_eq!(
            under_way(&facts(), 42),
            "1,234/5,000 (24%), eta 20m, 2 failed"
        );
        assert_eq!(under_way(&facts(), 28), "1,234/5,000 (24%), 2 failed");
        assert_eq!(under_way(&facts(), 20), "1,234/5,000 (24%)");
    }

    #[test]
    fn no_line_is_longer_than_its_columns() {
        for columns in 0..120 {
            assert!(under_way(&facts(), columns).len() <= columns);
            assert!(over(&facts(), columns).len() <= columns);
        }
    }

    #[test]
    fn what_is_not_there_is_not_said() {
        let nothing = Facts::default();
        assert_eq!(
            under_way(&nothing, 80),
            "0/0, 0.0/s, eta -, 0 running, 0 queued"
        );
    }
}

//! How long tasks waited for each other where only one of all threads can compute at a time, as in an
//! interpreter with a global lock.
//!
//! The system does not tell such a wait from one for a disk or a network: the thread sleeps. But how
//! long it is can be reckoned, by mean value analysis of a closed queue. So many tasks run at a time; each
//! computes for a known time, one after the other, and is away for another, which nobody has to wait for.
//! The time away is the one with which a task would take as long as it was seen to take.
//!
//! It is an estimate. Where somebody computes nearly all the time, many times away would explain what was
//! seen, and this one is in the middle of them.

use super::{over_time::OverTime, shares::Totals};

/// Counts the waits as waits for a processor.
pub(super) fn settle(totals: &mut Totals, over_time: &OverTime) {
    let waited = waited(
        totals.cpu + totals.contended,
        totals.cpu + totals.contended + totals.blocked,
        at_a_time(over_time),
    );
    let waited = waited.min(totals.blocked);
    totals.blocked -= waited;
    totals.contended += waited;
}

/// How many tasks ran at a time, as a task sees it that runs.
fn at_a_time(over_time: &OverTime) -> f64 {
    let squares: f64 = over_time.busy.iter().map(|busy| busy * busy).sum();
    let sum: f64 = over_time.busy.iter().sum();
    if sum > 0.0 { squares / sum } else { 0.0 }
}

/// How much of `run` was spent waiting for one's turn, of which `computing` is what takes turns.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)] // an estimate
fn waited(computing: u128, run: u128, at_a_time: f64) -> u128 {
    const STEPS: u32 = 60;
    let (turn, run, tasks) = (computing as f64, run as f64, at_a_time.round() as u32);
    let (mut least, mut most) = (0.0, run - turn);
    for _ in 0..STEPS {
        let away = f64::midpoint(least, most);
        if away + at_turns(turn, away, tasks) > run {
            most = away;
        } else {
            least = away;
        }
    }
    let waited = at_turns(turn, least, tasks) - turn;
    waited.clamp(0.0, run - turn) as u128
}

/// How long a task waits and computes, if there are so many and each is away for that long in between.
fn at_turns(turn: f64, away: f64, tasks: u32) -> f64 {
    let (mut time, mut before) = (turn, 0.0);
    for task in 1..=tasks {
        time = turn * (1.0 + before);
        let whole = away + time;
        before = if whole > 0.0 {
            f64::from(task) * time / whole
        } else {
            0.0
        };
    }
    time
}

#[cfg(test)]
mod tests {
    use super::{at_a_time, settle, waited};
    use crate::profile::{over_time::OverTime, shares::Totals};

    fn busy(busy: &[f64]) -> OverTime {
        OverTime {
            busy: busy.to_vec(),
            ..OverTime::default()
        }
    }

    #[test]
    fn a_task_sees_more_of_the_busy_times() {
        assert!((at_a_time(&busy(&[1.0, 3.0])) - 2.5).abs() < 1e-9);
        assert!(at_a_time(&busy(&[0.0, 0.0])).abs() < 1e-9);
        assert!(at_a_time(&busy(&[])).abs() < 1e-9);
    }

    #[test]
    fn what_was_a_wait_is_taken_from_the_rest() {
        let mut totals = Totals {
            queued: 7,
            cpu: 800,
            contended: 200,
            blocked: 5_000,
        };
        settle(&mut totals, &busy(&[4.0]));
        // As `waited(1_000, 6_000, 4.0)` has it, of which 200 were known.
        let waited = waited(1_000, 6_000, 4.0);
        assert!(waited > 0);
        assert_eq!((totals.queued, totals.cpu), (7, 800));
        assert_eq!(totals.blocked, 5_000 - waited);
        assert_eq!(totals.contended, 200 + waited);
    }

    fn is_near(waited: u128, expected: u128) {
        let (least, most) = (expected * 97 / 100, expected * 103 / 100 + 1);
        assert!((least..=most).contains(&waited), "{waited}, not {expected}");
    }

    #[test]
    fn tasks_that_only_compute_wait_for_all_others() {
        is_near(waited(1_000, 2_000, 2.0), 1_000);
        is_near(waited(1_000, 4_000, 4.0), 3_000);
    }

    #[test]
    fn two_that_are_away_for_as_long_as_they_compute_wait_half_of_that() {
        is_near(waited(1_000, 2_500, 2.0), 500);
    }

    #[test]
    fn one_task_waits_for_nobody() {
        assert_eq!(waited(1_000, 4_000, 1.0), 0);
        assert_eq!(waited(1_000, 4_000, 0.0), 0);
    }

    #[test]
    fn tasks_that_hardly_compute_hardly_wait() {
        assert!(waited(100, 10_000, 4.0) < 10);
    }

    #[test]
    fn nothing_takes_no_time() {
        assert_eq!(waited(0, 0, 4.0), 0);
        assert_eq!(waited(0, 1_000, 4.0), 0);
    }

    #[test]
    fn it_is_never_more_than_there_was() {
        for tasks in 0..50 {
            for computing in (0..1_000).step_by(37) {
                assert!(waited(computing, 1_000, f64::from(tasks)) <= 1_000 - computing);
            }
        }
    }
}

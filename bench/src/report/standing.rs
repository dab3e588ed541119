//! Ours beside a rival.

use super::figures::{Figures, Group};
use crate::workloads::Rival;

/// Ours in one workload with one number of threads, against the best peer or a floor.
pub(crate) struct Standing<'a> {
    pub(crate) group: &'a Group,
    pub(crate) ours: &'a Figures,
    pub(crate) rival: &'a str,
    pub(crate) theirs: &'a Figures,
    /// Ours divided by the rival's; for the best peer, by the best of each measure.
    pub(crate) by_median: f64,
    pub(crate) by_min: f64,
    pub(crate) by_cpu: f64,
    pub(crate) goal: Option<f64>,
}

/// All that can be compared: where both sides have figures.
pub(super) fn standings(groups: &[Group]) -> Vec<Standing<'_>> {
    groups.iter().flat_map(standings_of).collect()
}

/// One for each goal; against the best peer if there is none.
pub(super) fn standings_of(group: &Group) -> Vec<Standing<'_>> {
    let goals = group.workload.goals.iter();
    let mut rivals: Vec<_> = goals.map(|goal| (goal.rival, Some(goal.ratio))).collect();
    if rivals.is_empty() {
        rivals.push((Rival::BestPeer, None));
    }
    let standing = |(rival, goal)| Standing::new(group, rival, goal);
    rivals.into_iter().filter_map(standing).collect()
}

impl<'a> Standing<'a> {
    fn new(group: &'a Group, rival: Rival, goal: Option<f64>) -> Option<Self> {
        let ours = group.ours()?.figures.as_ref().ok()?;
        let line = match rival {
            Rival::BestPeer => group.best_peer(|figures| figures.median)?,
            Rival::Pool(name) => group.line(name)?,
        };
        let theirs = line.figures.as_ref().ok()?;
        let ratio = |of: fn(&Figures) -> f64| match rival {
            Rival::BestPeer => of(ours) / group.best(of),
            Rival::Pool(_) => of(ours) / of(theirs),
        };
        Some(Self {
            group,
            ours,
            rival: &line.pool,
            theirs,
            by_median: ratio(|figures| figures.median),
            by_min: ratio(|figures| figures.min),
            by_cpu: ratio(|figures| figures.cpu_ns),
            goal,
        })
    }

    pub(crate) fn met(&self) -> Option<bool> {
        self.goal.map(|goal| self.by_median <= goal)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        machine::Machine,
        rows::{Outcome, Row, Turns},
        sample::Sample,
    };

    pub(crate) fn group(workload: &str, values: &[(&str, f64)]) -> Group {
        let row = |(pool, value): &(&str, f64), rep| Row {
            workload: workload.to_owned(),
            pool: (*pool).to_owned(),
            threads: 2,
            divisor: 1,
            rep,
            outcome: Outcome::Sample(Sample {
                value: *value,
                ..Sample::of(1, true, || ())
            }),
        };
        let rows = values
            .iter()
            .flat_map(|value| [row(value, 0), row(value, 1)]);
        let turns = Turns {
            machine: Machine::here(),
            rows: rows.collect(),
        };
        Group::new(&turns).unwrap()
    }

    fn ratios(group: Group) -> Vec<(String, f64, Option<bool>)> {
        let groups = [group];
        let standings = standings(&groups).into_iter();
        standings
            .map(|standing| {
                (
                    standing.rival.to_owned(),
                    standing.by_median,
                    standing.met(),
                )
            })
            .collect()
    }

    #[test]
    fn floors_are_no_peers() {
        let group = group("W1", &[("ours", 40.0), ("rayon", 80.0), ("inline", 1.0)]);
        assert_eq!(ratios(group), [("rayon".to_owned(), 0.5, Some(true))]);
    }

    #[test]
    fn who_does_not_wait_for_threads_is_no_peer_where_they_are_joined() {
        let values = [("ours", 60.0), ("rusty_pool", 50.0), ("rayon", 120.0)];
        let expected = [("rayon".to_owned(), 0.5, Some(true))];
        assert_eq!(ratios(group("W11", &values)), expected);
    }

    #[test]
    fn a_goal_may_name_its_rival() {
        let values = [("ours", 60.0), ("rayon", 80.0), ("rayon_par_iter", 30.0)];
        let expected = [
            ("rayon".to_owned(), 0.75, Some(false)),
            ("rayon_par_iter".to_owned(), 2.0, Some(false)),
        ];
        assert_eq!(ratios(group("W4", &values)), expected);
    }
}

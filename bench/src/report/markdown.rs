//! The tables of the pages.

use super::{
    figures::{Figures, Group, Line},
    short,
    standing::{Standing, standings_of},
};
use crate::pools;
use std::{collections::BTreeSet, fmt::Write as _};

/// The workloads that the short table shows.
const QUOTED: [&str; 11] = [
    "W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W11", "W13",
];

/// Ours beside the rivals.
pub(crate) fn summary(groups: &[Group]) -> String {
    ratios(groups)
}

/// All that was measured.
pub(super) fn full(groups: &[Group]) -> String {
    format!(
        "{}\n\n![Ours beside the best peer](results.svg)\n\n{}\n\
         Medians of all pools, in the unit of the workload:\n\n{}",
        caption(groups),
        ratios(groups),
        medians(groups)
    )
}

/// What a reader of the project's front page wants to know.
pub(super) fn quoted(groups: &[Group], standings: &[Standing<'_>]) -> String {
    let mut text = caption(groups);
    text.push_str(
        "\n\n| | this crate (fastest to slowest run) | best peer | ratio |\n\
         |---|---:|---:|---:|\n",
    );
    let times = QUOTED
        .into_iter()
        .filter_map(|id| Some(time(against_best_peer(id, standings)?)));
    text.extend(times);
    let count = |id, what, of: fn(&Figures) -> f64| {
        let standing = against_best_peer(id, standings)?;
        let (ours, theirs) = (short(of(standing.ours)), short(of(standing.theirs)));
        let rival = standing.rival;
        Some(format!(
            "| {id}: {what} | {ours} | {theirs}, `{rival}` | |\n"
        ))
    };
    text.extend(count("W1", "heap allocations a task", |of| of.allocations));
    text.extend(count("W3c", "futex calls a task", |of| of.futexes));
    text
}

/// On two threads, if the number is free.
fn against_best_peer<'a>(id: &str, standings: &'a [Standing<'a>]) -> Option<&'a Standing<'a>> {
    let of_it = |standing: &&Standing<'_>| {
        let workload = standing.group.workload;
        workload.id == id && pools::is_peer(standing.rival, workload)
    };
    let mut of_it = standings.iter().filter(of_it);
    let first = of_it.clone().next();
    of_it.find(|standing| standing.group.threads == 2).or(first)
}

fn time(standing: &Standing<'_>) -> String {
    let Standing {
        group,
        ours,
        theirs,
        rival,
        ..
    } = standing;
    let threads = group.threads;
    let (id, title, unit) = (group.workload.id, group.workload.title, group.workload.unit);
    let [median, min, max, theirs] = [ours.median, ours.min, ours.max, theirs.median].map(short);
    let ratio = standing.by_median;
    format!(
        "| {id}: {title}, {threads} threads | {median} ({min} to {max}) {unit} \
         | {theirs}, `{rival}` | {ratio:.2} |\n"
    )
}

/// Where, when and how often.
fn caption(groups: &[Group]) -> String {
    let machines: BTreeSet<_> = groups
        .iter()
        .map(|group| group.machine.to_string())
        .collect();
    let machines: Vec<_> = machines.into_iter().collect();
    let lines = groups.iter().flat_map(|group| &group.lines);
    let reps = lines.filter_map(|line| Some(line.figures.as_ref().ok()?.reps));
    let (least, most) = reps.fold((usize::MAX, 0), |(least, most), reps| {
        (least.min(reps), most.max(reps))
    });
    let reps = match least {
        _ if least >= most => most.to_string(),
        _ => format!("{least} to {most}"),
    };
    let divisors = groups.iter().map(|group| group.divisor);
    let size = match (divisors.clone().min(), divisors.max()) {
        (Some(1), Some(1)) | (None, _) | (_, None) => "full size".to_owned(),
        (Some(1), Some(most)) => format!("full size, some 1/{most} of it"),
        (_, Some(most)) => format!("1/{most} of the full size"),
    };
    let machines = machines.join("; ");
    format!("{machines}.\nMedians of {reps} runs, pools in turns, {size}.")
}

fn ratios(groups: &[Group]) -> String {
    let mut text = String::from(
        "| | threads | unit | ours | min to max | rival | | ratio | goal | | by minimum | by CPU \
         | futexes a task | allocations a task | besides |\n\
         |---|---:|---|---:|---:|---:|---|---:|---:|---|---:|---:|---:|---:|---|\n",
    );
    for group in groups {
        if let Some(Line {
            figures: Err(why), ..
        }) = group.ours()
        {
            let (id, unit) = (group.workload.id, group.workload.unit);
            let empty = " |".repeat(11);
            writeln!(
                text,
                "| {id} | {} | {unit} | **{why}** |{empty}",
                group.threads
            )
            .expect("a string takes all");
        }
        text.extend(standings_of(group).iter().map(ratio));
    }
    text
}

fn ratio(standing: &Standing<'_>) -> String {
    let Standing {
        group,
        ours,
        rival,
        theirs,
        ..
    } = standing;
    let goal = standing
        .goal
        .map_or(String::new(), |goal| format!("{goal:.2}"));
    let verdict = match standing.met() {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "",
    };
    let pair = |of: fn(&Figures) -> f64| format!("{} / {}", short(of(ours)), short(of(theirs)));
    format!(
        "| {} | {} | {} | {} | {} to {} | {} | {rival} | {:.2} | {goal} | {verdict} | {:.2} | {:.2} | {} | {} | {} |\n",
        group.workload.id,
        group.threads,
        group.workload.unit,
        short(ours.median),
        short(ours.min),
        short(ours.max),
        short(theirs.median),
        standing.by_median,
        standing.by_min,
        standing.by_cpu,
        pair(|figures| figures.futexes),
        pair(|figures| figures.allocations),
        besides(ours, theirs),
    )
}

/// The figures that only this workload has, ours and the rival's.
fn besides(ours: &Figures, theirs: &Figures) -> String {
    let pair = |(name, value): (&String, &f64)| {
        let theirs = theirs.extra.get(name).copied().unwrap_or(f64::NAN);
        format!("{name} {} / {}", short(*value), short(theirs))
    };
    let pairs: Vec<_> = ours.extra.iter().map(pair).collect();
    pairs.join(", ")
}

fn medians(groups: &[Group]) -> String {
    let ran = |pool: &&str| groups.iter().any(|group| group.line(pool).is_some());
    let pools: Vec<&str> = pools::NAMES.into_iter().filter(ran).collect();
    let mut text = format!("| | threads | {} |\n", pools.join(" | "));
    writeln!(text, "|---|---:|{}", "---:|".repeat(pools.len())).expect("a string takes all");
    for group in groups {
        let cells = pools.iter().map(|pool| match group.line(pool) {
            None => String::new(),
            Some(Line {
                figures: Ok(figures),
                ..
            }) => short(figures.median),
            Some(Line {
                figures: Err(why), ..
            }) => (*why).to_owned(),
        });
        let cells: Vec<_> = cells.collect();
        let (id, threads) = (group.workload.id, group.threads);
        writeln!(text, "| {id} | {threads} | {} |", cells.join(" | ")).expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::standing::tests::group, *};

    /// How many columns the lines of each table have, heads included.
    fn columns(text: &str) -> Vec<Vec<usize>> {
        let tables = text.split("\n\n").filter(|part| part.starts_with('|'));
        let bars = |line: &str| line.matches('|').count();
        tables
            .map(|table| table.lines().map(bars).collect())
            .collect()
    }

    #[test]
    fn all_lines_of_a_table_have_the_same_columns() {
        let of_two = [("ours", 40.0), ("rayon", 80.0)];
        let groups = ["W1", "W3c", "W4"].map(|id| group(id, &of_two));
        let standings: Vec<_> = groups.iter().flat_map(standings_of).collect();
        let [ratios, medians] = &columns(&full(&groups))[..] else {
            panic!("there are two tables");
        };
        assert_eq!(ratios[..], [16; 5]);
        assert_eq!(medians[..], [5; 5]);
        let [quoted] = &columns(&quoted(&groups, &standings))[..] else {
            panic!("there is one table");
        };
        assert_eq!(quoted[..], [5; 6]);
    }
}

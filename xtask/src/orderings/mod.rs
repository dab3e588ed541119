//! Makes less of each access to memory whose ordering the library names, one at a time, and sees that a
//! model notices: a weaker ordering, a read-modify-write in two steps, a write left out.
//!
//! Nothing is compiled for that: the library's atomics, as the models see them, do it when they are
//! asked to. A survivor is too strong, or lacks a model, or has its reason in the book.

mod explained;
mod models;
mod sites;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use crate::args::Args;
use crate::cargo::{Failure, Outcome, Ran};
use crate::rooms;
use models::{Change, Model, Models, Trial, Way};
use sites::Site;

const SOURCES: &str = "crates/concurrent-futures/src";

/// Not the library's own protocols: what stands for the system, and the models.
const LEFT_OUT: [&str; 2] = ["sync/", "loom_models/"];

struct Mutant {
    file: String,
    site: Site,
    less: &'static str,
}

impl Mutant {
    fn change(&self) -> Change {
        Change {
            place: format!(
                "{SOURCES}/{}:{}:{}",
                self.file, self.site.line, self.site.column
            ),
            index: self.site.index,
            less: self.less,
        }
    }

    fn key<'a>(&'a self, number: &'a str) -> [&'a str; 4] {
        [&self.file, &self.site.function, number, self.less]
    }

    fn spelled(&self) -> String {
        let Site {
            line,
            function,
            number,
            ordering,
            ..
        } = &self.site;
        format!(
            "{}:{line} {function} {number}: {ordering} to {}",
            self.file, self.less
        )
    }
}

enum Verdict {
    Killed(String),
    /// No model comes there.
    Unreached,
    /// None of so many runs fails.
    Survived(usize),
}

pub(crate) fn orderings(mut args: Args) -> Outcome {
    // A file of the library, or a folder.
    let only: Option<String> = args.option("--file")?;
    let longest: u64 = args.option("--longest")?.unwrap_or(20);
    let preemptions: u8 = args.option("--preemptions")?.unwrap_or(2);
    args.finish()?;
    let explained = explained::rows()?;
    let mutants = mutants(only.as_deref())?;
    let models = Models::build()?;
    let names = models.names()?;
    println!("{} models as they are", names.len());
    let limits = Limits {
        preemptions,
        longest: Duration::from_secs(longest),
    };
    let known: Vec<Model> = side_by_side(&names, |name| models.explore(name))
        .into_iter()
        .collect::<Result<_, _>>()?;
    println!("{} mutants", mutants.len());
    let verdicts = side_by_side(&mutants, |mutant| {
        let verdict = judge(&models, &known, mutant, limits);
        let told = match &verdict {
            Verdict::Killed(by) => format!("killed by {by}"),
            Verdict::Unreached => "NOT REACHED".to_owned(),
            Verdict::Survived(models) => format!("SURVIVED {models} runs"),
        };
        println!("{}: {told}", mutant.spelled());
        verdict
    });
    let (mut killed, mut with_reason, mut without) = (0, 0, Vec::new());
    for (mutant, verdict) in mutants.iter().zip(&verdicts) {
        let number = mutant.site.number.to_string();
        match verdict {
            Verdict::Killed(_) => killed += 1,
            _ if explained.iter().any(|row| row.covers(mutant.key(&number))) => with_reason += 1,
            _ => without.push(mutant.spelled()),
        }
    }
    for row in &explained {
        let survivors = mutants.iter().zip(&verdicts).filter(|(mutant, verdict)| {
            let number = mutant.site.number.to_string();
            !matches!(verdict, Verdict::Killed(_)) && row.covers(mutant.key(&number))
        });
        if only.is_none() && survivors.count() == 0 {
            println!("no survivor any more: {}", row.spelled());
        }
    }
    println!(
        "\n{killed} of {} killed; of the others {with_reason} have their reason in {}, {} have none",
        mutants.len(),
        explained::PAGE,
        without.len(),
    );
    for mutant in &without {
        println!("  {mutant}");
    }
    if without.is_empty() {
        Ok(Ran::default())
    } else {
        Err(Failure::Reported)
    }
}

fn mutants(only: Option<&str>) -> Result<Vec<Mutant>, Failure> {
    let mut mutants = Vec::new();
    for (file, text) in rooms::sources(SOURCES)? {
        let left_out = LEFT_OUT.iter().any(|folder| file.starts_with(folder));
        if left_out
            || file.ends_with("tests.rs")
            || only.is_some_and(|only| !Path::new(&file).starts_with(only))
        {
            continue;
        }
        for site in sites::sites(&text) {
            mutants.extend(site.less().into_iter().map(|less| Mutant {
                file: file.clone(),
                site: site.clone(),
                less,
            }));
        }
    }
    if mutants.is_empty() {
        return Err(Failure::Failed("no ordering is named there".to_owned()));
    }
    Ok(mutants)
}

/// Which models are asked.
#[derive(Clone, Copy)]
struct Limits {
    /// With so many preemptions at most.
    preemptions: u8,
    /// Those that take no longer.
    longest: Duration,
}

/// The quick models first: mostly one of them notices.
fn judge(models: &Models, known: &[Model], mutant: &Mutant, limits: Limits) -> Verdict {
    let change = mutant.change();
    let concerned = || {
        let concerned = known.iter();
        concerned.filter(|model| model.sites.contains(&change.place))
    };
    let mut trials: Vec<_> = (1..=limits.preemptions)
        .flat_map(|preemptions| Way::BOTH.map(|way| (preemptions, way)))
        .flat_map(|(preemptions, way)| {
            concerned().map(move |model| Trial {
                model,
                way,
                preemptions,
            })
        })
        .filter(|trial| trial.preemptions == 1 || trial.costs() <= limits.longest)
        .collect();
    trials.sort_by_key(Trial::costs);
    let notices = |trial: &&Trial<'_>| models.notices(trial, &change, limits.longest * 4);
    match trials.iter().find(notices) {
        Some(trial) => Verdict::Killed(trial.model.name.replace("loom_models::", "")),
        None if trials.is_empty() => Verdict::Unreached,
        None => Verdict::Survived(trials.len()),
    }
}

/// As many at a time as there are processors.
fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let hands = std::thread::available_parallelism().map_or(1, usize::from);
    let hand = || {
        let mut done = Vec::new();
        while let Some((at, item)) =
            Some(next.fetch_add(1, Relaxed)).and_then(|at| items.get(at).map(|item| (at, item)))
        {
            done.push((at, work(item)));
        }
        done
    };
    let mut all: Vec<_> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..hands).map(|_| scope.spawn(hand)).collect();
        let joined = hands.into_iter().map(ScopedJoinHandle::join);
        joined.flat_map(|done| done.expect("no panic")).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}

//! What the numbers say about the size of the pool, in plain words.

pub(super) mod facts;
mod enough;
mod queue;
mod speedup;
#[cfg(test)]
mod tests;
mod words;

use facts::{Facts, as_f64};
pub(super) use queue::bound_for;

/// What a profile advises, for more work done on this machine.
///
/// It rests on what was measured: on other machines, or with other tasks, it will be another. If too few
/// tasks have ended to say anything, all answers are `None`, and the one point says what is missing.
///
/// ```
/// use concurrent_futures::{LoadKind, ThreadPoolExecutor};
/// use std::{thread, time::Duration};
///
/// let pool = ThreadPoolExecutor::builder().max_workers(4).profile().build()?;
/// pool.map(0..20, |_| thread::sleep(Duration::from_millis(5))).for_each(drop);
/// let profile = pool.profile().expect("asked for above");
/// let advice = profile.advice();
/// assert_eq!(advice.kind(), Some(LoadKind::IoBound));
/// assert!(advice.workers() > Some(4));
/// for point in advice.points() {
///     println!("{}: {} ({})", point.topic, point.text, point.arithmetic);
/// }
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Advice {
    points: Vec<AdvicePoint>,
    numbers: Option<Numbers>,
}

/// One thing that a profile says about a load.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdvicePoint {
    /// What it is about, in a word: `load`, `workers`, `arrivals`, `queue`, `speed-up`, or `data`.
    pub topic: &'static str,
    /// What it says.
    pub text: String,
    /// How that was reckoned.
    pub arithmetic: String,
}

/// What keeps the tasks of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadKind {
    /// Processors: they are used for four fifths of the time that tasks run, or more.
    CpuBound,
    /// Something else: processors are used for two fifths of the time, or less.
    IoBound,
    /// Both.
    Mixed,
}

#[derive(Clone, Copy, Debug)]
struct Numbers {
    kind: LoadKind,
    workers: usize,
    rate: f64,
    at_a_time: f64,
    queue_bound: usize,
    speedup: f64,
    possible: f64,
}

/// Below this, the processors set no limit that could be reckoned.
const LEAST_CPU_PART: f64 = 0.005;
/// More threads than this are not advised for a load whose limit is not known.
const MOST_UNLIMITED: u64 = 1_000;

impl Numbers {
    fn of(facts: &Facts) -> Self {
        let rate = facts.rate();
        let at_a_time = rate * facts.mean_work().as_secs_f64();
        let workers = workers(facts, at_a_time);
        let speedup = speedup::reached(facts);
        Self {
            kind: kind(facts.cpu_part()),
            workers,
            rate,
            at_a_time,
            queue_bound: bound_for(facts, facts.wait_wish),
            speedup,
            possible: speedup::possible(facts, workers).max(speedup),
        }
    }
}

fn kind(cpu_part: f64) -> LoadKind {
    match cpu_part {
        0.8.. => LoadKind::CpuBound,
        0.4..0.8 => LoadKind::Mixed,
        _ => LoadKind::IoBound,
    }
}

/// So many keep the processors busy; where the tasks hardly use them, so many run at a time if none
/// waits. More than there are tasks are never of use.
fn workers(facts: &Facts, at_a_time: f64) -> usize {
    let wanted = if facts.cpu_part() >= LEAST_CPU_PART {
        enough::by_chance(facts.processors, facts.blocked_to_cpu())
    } else if facts.came_steadily() {
        at_a_time.ceil()
    } else {
        as_f64(MOST_UNLIMITED)
    };
    let most = as_f64(facts.submitted.min(crate::pool::idle::MAX_WORKERS as u64));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it lies in between
    let workers = wanted.clamp(1.0, most) as usize;
    workers
}

impl Advice {
    pub(super) fn of(facts: &Facts) -> Self {
        if !facts.suffice() {
            return Self {
                points: vec![words::too_little(facts)],
                numbers: None,
            };
        }
        let numbers = Numbers::of(facts);
        Self {
            points: words::points(facts, &numbers),
            numbers: Some(numbers),
        }
    }

    /// All of it in words.
    pub fn points(&self) -> &[AdvicePoint] {
        &self.points
    }

    /// What keeps the tasks.
    pub fn kind(&self) -> Option<LoadKind> {
        self.numbers.map(|numbers| numbers.kind)
    }

    /// How many workers are right: as many as keep the processors busy. If tasks took turns perfectly,
    /// that would be processors × (1 + blocked ÷ CPU); as chance has it, it takes somewhat more until the
    /// processors are busy for 95 % of the time, and this number has them in it.
    ///
    /// If the tasks use the processors for less than half a percent of the time, the processors set no
    /// limit, and it is as many as run at a time when none waits, by Little's law: rate of arrival × time
    /// of a task. If all tasks came at once besides, it is one for each task, up to 1,000. What the
    /// tasks wait for, a service for instance, may bear less: that a profile cannot see.
    pub fn workers(&self) -> Option<usize> {
        self.numbers.map(|numbers| numbers.workers)
    }

    /// Tasks per second: how fast they came, or, if they came all at once, how fast they were done.
    pub fn rate(&self) -> Option<f64> {
        self.numbers.map(|numbers| numbers.rate)
    }

    /// How many tasks run at a time when none waits, by Little's law: [`rate`](Self::rate) × time of a
    /// task. The load as it came needs so many workers on average.
    pub fn running_at_a_time(&self) -> Option<f64> {
        self.numbers.map(|numbers| numbers.at_a_time)
    }

    /// How many tasks may be queued so that 99 of 100 wait no longer than
    /// [`wait_wish`](crate::ProfileOptions::wait_wish); see
    /// [`Profile::queue_bound_for`](crate::Profile::queue_bound_for).
    pub fn queue_bound(&self) -> Option<usize> {
        self.numbers.map(|numbers| numbers.queue_bound)
    }

    /// How many times as fast it was as one task after the other on a machine of its own: the sum of
    /// processor and blocked times ÷ elapsed time.
    pub fn speedup(&self) -> Option<f64> {
        self.numbers.map(|numbers| numbers.speedup)
    }

    /// How many times as fast it can be with [`workers`](Self::workers), if tasks come fast enough: no
    /// processor can be used twice, no worker either, and the longest task takes what it takes.
    pub fn possible_speedup(&self) -> Option<f64> {
        self.numbers.map(|numbers| numbers.possible)
    }
}

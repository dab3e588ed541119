//! What a pool has done, in numbers.
//!
//! - [`recorder`] is the observer that writes down, into a [`lane`] for each few threads, for a pool or as a
//!   [`recording`]; [`kept`] chooses
//!   the tasks that are kept one by one.
//! - [`snapshot`] puts the lanes together, and what is made of them is a [`Profile`].
//! - [`counts`], [`shares`], [`histogram`], [`over_time`], [`workers`], [`slowest`], [`task`], [`running`] are the kinds
//!   of numbers. Each can be added up, so it is kept by lanes and put together later.
//! - [`advice`] says what they mean.
//! - [`display`], [`json`], [`csv`], [`trace`] write them out. They reckon nothing: each number is made in
//!   one place, so it is the same everywhere.

mod advice;
mod counts;
mod csv;
mod display;
mod histogram;
mod human;
mod in_turns;
mod json;
mod kept;
mod lane;
mod options;
mod over_time;
mod page;
mod pool;
mod recorder;
mod recording;
mod running;
mod shares;
mod slowest;
mod snapshot;
mod tally;
mod task;
#[cfg(test)]
mod figures_tests;
#[cfg(test)]
mod tests;
mod trace;
mod workers;

pub use advice::{Advice, AdvicePoint, LoadKind};
pub use counts::Counts;
pub use histogram::Latency;
pub use options::ProfileOptions;
pub use over_time::OverTime;
pub(crate) use recorder::Recorder;
pub use recording::Recording;
pub use shares::Shares;
pub use task::ProfiledTask;
pub use workers::WorkerLoad;

use advice::facts::Facts;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

/// How the threads of a pool can compute.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Computing {
    /// On so many processors at once.
    AtOnce(usize),
    /// One at a time, because they share a lock.
    #[cfg_attr(not(feature = "rim"), allow(dead_code))]
    InTurns,
}

/// What a pool has done until now; from [`ThreadPoolExecutor::profile`](crate::ThreadPoolExecutor::profile).
///
/// It does not change any more. Its [`Display`](std::fmt::Display) is a table for a terminal of 80 columns,
/// [`write_html`](Self::write_html) makes a page for a browser;
/// [`write_json`](Self::write_json), [`write_csv`](Self::write_csv) and [`write_trace`](Self::write_trace)
/// are for other programs. All show the same numbers. The chapter [`docs::insight`](crate::docs::insight)
/// explains them.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
/// use std::{thread, time::Duration};
///
/// let pool = ThreadPoolExecutor::builder().max_workers(2).profile().build()?;
/// pool.map(0..20, |_| thread::sleep(Duration::from_millis(2))).for_each(drop);
/// let profile = pool.profile().expect("asked for above");
/// assert_eq!(profile.counts().completed, 20);
/// assert!(profile.run().quantile(0.5) >= Duration::from_millis(2));
/// assert!(profile.shares().blocked > profile.shares().cpu);
/// println!("{profile}");
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Profile {
    pool_name: Arc<str>,
    max_workers: usize,
    processors: usize,
    elapsed: Duration,
    counts: Counts,
    shares: Shares,
    wait: Latency,
    run: Latency,
    cpu: Latency,
    blocked: Latency,
    over_time: OverTime,
    workers: Vec<WorkerLoad>,
    slowest: Vec<ProfiledTask>,
    tasks: Vec<ProfiledTask>,
    facts: Facts,
    advice: Advice,
}

impl Profile {
    /// Of the pool of this name and size, at this moment.
    pub(crate) fn of(recorder: &Recorder, pool_name: Arc<str>, max_workers: usize) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::on(
            recorder,
            pool_name,
            max_workers,
            Computing::AtOnce(processors),
        )
    }

    /// The same where it is known how its threads can compute.
    pub(crate) fn on(
        recorder: &Recorder,
        pool_name: Arc<str>,
        max_workers: usize,
        computing: Computing,
    ) -> Self {
        let snapshot = recorder.snapshot();
        let sums = snapshot.sums;
        let counts = sums.counts.with_running(snapshot.running);
        let end = if counts.queued + counts.running > 0 {
            snapshot.now
        } else {
            sums.last_end
        };
        let elapsed = Duration::from_nanos(end);
        let mut totals = sums.totals();
        let over_time = sums.bins.over_time(end);
        let processors = match computing {
            Computing::AtOnce(processors) => processors,
            Computing::InTurns => {
                in_turns::settle(&mut totals, &over_time);
                1
            }
        };
        let shares = Shares::of(&totals);
        let slowest = sums.slowest.into_tasks();
        let run = sums.run.into_latency();
        let ran = run.count();
        let kept_worker = totals.kept_worker();
        let facts = Facts {
            processors,
            workers: max_workers,
            submitted: counts.submitted - counts.rejected,
            ran,
            elapsed,
            arriving: sums.arrivals.span(),
            cpu: histogram::nanos(totals.cpu),
            blocked: histogram::nanos(totals.blocked),
            mean_run: histogram::nanos(kept_worker / u128::from(ran.max(1))),
            longest_run: run.max(),
            variation: run.variation(),
            wait_wish: recorder.options().wait_wish,
        };
        Self {
            pool_name,
            max_workers,
            processors,
            elapsed,
            counts,
            shares,
            over_time,
            wait: sums.wait.into_latency(),
            run,
            cpu: sums.cpu.into_latency(),
            blocked: sums.blocked.into_latency(),
            workers: sums.workers.into_loads(),
            slowest,
            tasks: snapshot.tasks,
            advice: Advice::of(&facts),
            facts,
        }
    }

    /// What the names of its workers begin with.
    pub fn pool_name(&self) -> &str {
        &self.pool_name
    }

    /// How many workers there might be when the profile was taken.
    pub fn max_workers(&self) -> usize {
        self.max_workers
    }

    /// How many processors the process may use.
    pub fn processors(&self) -> usize {
        self.processors
    }

    /// From the first submit to the last end; if tasks were queued or running, to when the profile was
    /// taken.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How many tasks there were, and what became of them.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many tasks ended per second, of those that ran.
    #[allow(clippy::cast_precision_loss)]
    pub fn throughput(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 {
            self.run.count() as f64 / seconds
        } else {
            0.0
        }
    }

    /// Where the time of the tasks went.
    pub fn shares(&self) -> Shares {
        self.shares
    }

    /// How long tasks were queued, of those that ran.
    pub fn wait(&self) -> &Latency {
        &self.wait
    }

    /// How long tasks ran.
    pub fn run(&self) -> &Latency {
        &self.run
    }

    /// How long tasks used a processor.
    pub fn cpu(&self) -> &Latency {
        &self.cpu
    }

    /// How long tasks waited while they ran, for something else than a processor.
    pub fn blocked(&self) -> &Latency {
        &self.blocked
    }

    /// The queue, the workers and the ends of tasks over time.
    pub fn over_time(&self) -> &OverTime {
        &self.over_time
    }

    /// What each thread did, by name.
    pub fn workers(&self) -> &[WorkerLoad] {
        &self.workers
    }

    /// The tasks that ran longest, the longest first, those included that still run.
    pub fn slowest(&self) -> &[ProfiledTask] {
        &self.slowest
    }

    /// The tasks that were [kept](ProfileOptions::max_tasks), and those that run, in the order in which they
    /// were submitted.
    pub fn tasks(&self) -> &[ProfiledTask] {
        &self.tasks
    }

    /// What all this says about the size of the pool.
    pub fn advice(&self) -> &Advice {
        &self.advice
    }

    /// How many tasks may be queued so that 99 of 100 wait no longer than this for a worker. `None` if too
    /// few tasks have ended, zero if not even one may.
    ///
    /// Reckoned for workers that are all busy: they take as many tasks from the queue in that time as
    /// `wait × workers ÷ mean run time`, less what the run times vary by. It is about the wait in the
    /// queue: with [`WhenFull::Block`](crate::WhenFull::Block), a submit waits for room besides.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    /// use std::{thread, time::Duration};
    ///
    /// let pool = ThreadPoolExecutor::builder().max_workers(2).profile().build()?;
    /// pool.map(0..20, |_| thread::sleep(Duration::from_millis(5))).for_each(drop);
    /// let profile = pool.profile().expect("asked for above");
    /// let bound = profile.queue_bound_for(Duration::from_millis(100));
    /// assert!((1..=40).contains(&bound.unwrap()));
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn queue_bound_for(&self, wait: Duration) -> Option<usize> {
        self.advice.workers()?;
        Some(advice::bound_for(&self.facts, wait))
    }

    /// The profile as JSON; the chapter [`docs::insight`](crate::docs::insight) lists the fields.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// let json = pool.profile().expect("asked for above").to_json();
    /// assert!(json.starts_with(r#"{"version":1,"#));
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn to_json(&self) -> String {
        serde_json::to_string(&json::Document::of(self)).expect("all keys are strings")
    }

    /// Writes the profile as JSON into a file, over what is there.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # let path = std::env::temp_dir().join(format!("profile-{}.json", std::process::id()));
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// pool.submit(|| ()).result()?;
    /// pool.profile().expect("asked for above").write_json(&path)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be made or written.
    pub fn write_json(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), |file| {
            serde_json::to_writer(file, &json::Document::of(self)).map_err(io::Error::from)
        })
    }

    /// Writes a line for each [task](Self::tasks) into a file, over what is there, with commas between the
    /// columns and their names at the top. Times are in microseconds.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # let path = std::env::temp_dir().join(format!("profile-{}.csv", std::process::id()));
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// pool.submit(|| ()).result()?;
    /// pool.profile().expect("asked for above").write_csv(&path)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be made or written.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), |file| csv::write(self, file))
    }

    /// Writes the [tasks](Self::tasks) into a file, over what is there, in the format of Chrome's tracing:
    /// <https://ui.perfetto.dev> shows it as a timeline.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # let path = std::env::temp_dir().join(format!("profile-{}.trace", std::process::id()));
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// pool.submit(|| ()).result()?;
    /// pool.profile().expect("asked for above").write_trace(&path)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be made or written.
    pub fn write_trace(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), |file| {
            serde_json::to_writer(file, &trace::Trace::of(self)).map_err(io::Error::from)
        })
    }
}

fn write(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    content(&mut file)?;
    file.flush()
}

/// Times in files are in microseconds, exact to the nanosecond, or in seconds.
#[allow(clippy::cast_precision_loss)]
fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}

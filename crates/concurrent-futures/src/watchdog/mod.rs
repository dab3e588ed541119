//! Watching a pool for what does not go on.
//!
//! - [`register`]: what runs and what waits, as the pool's tasks tell it.
//! - [`rule`]: what is too long, and when to look again. No clock, no threads.
//! - [`keeper`]: the thread that looks.
//! - [`report`]: what is said.
//!
//! The register is an observer of its pool. The keeper sleeps until something that it has seen can be too
//! long, and without a limit while no task is queued or runs: then it is woken by the next task that comes.
//! The one looks for sleep after it has counted its task, the other for tasks after it has said that it
//! sleeps.

mod keeper;
mod register;
mod report;
mod rule;

pub use report::{Trouble, WatchdogReport, WatchedTask};

pub(crate) use keeper::Watch;

use crate::unwind::{Contained, catch, report};
use rule::Limits;
use std::{fmt, time::Duration};

type Handler = dyn Fn(&WatchdogReport) + Send + Sync;

/// Reports what does not go on in a pool; for [`Builder::watchdog`](crate::Builder::watchdog).
///
/// Three things are [reported](WatchdogReport), each when it has lasted for its limit, again when it has
/// lasted twice as long, and so on: a task that runs, a queue from which nothing starts, and a standstill, in
/// which every task that runs waits. A limit of [`Duration::MAX`] switches one off.
///
/// Nothing is done about it: a thread cannot be stopped from outside.
///
/// ```
/// use concurrent_futures::{ThreadPoolExecutor, Trouble, Watchdog};
/// use std::{sync::mpsc, time::Duration};
///
/// let (reports, reported) = mpsc::channel();
/// let watchdog = Watchdog::new()
///     .task_limit(Duration::from_millis(10))
///     .on_report(move |report| drop(reports.send(report.clone())));
/// let pool = ThreadPoolExecutor::builder().watchdog(watchdog).build()?;
/// let (release, gate) = mpsc::channel::<()>();
/// let backup = pool.task().name("backup").submit(move || gate.recv());
///
/// let report = reported.recv().unwrap();
/// assert_eq!(report.trouble, Trouble::LongTask);
/// assert_eq!(report.tasks[0].task.name.as_deref(), Some("backup"));
/// # drop(release);
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[must_use = "give it to `Builder::watchdog`"]
pub struct Watchdog {
    limits: Limits,
    /// Default: the log.
    handler: Option<Contained<Box<Handler>>>,
}

impl Watchdog {
    /// Limits of a minute for tasks and for the queue, and of ten seconds for a standstill; reports go to the
    /// log, as warnings.
    pub fn new() -> Self {
        Self {
            limits: Limits {
                task: Duration::from_secs(60),
                queue: Duration::from_secs(60),
                standstill: Duration::from_secs(10),
            },
            handler: None,
        }
    }

    /// How long a task may run.
    pub fn task_limit(mut self, limit: Duration) -> Self {
        self.limits.task = limit;
        self
    }

    /// For how long nothing may start although tasks are queued.
    pub fn queue_limit(mut self, limit: Duration) -> Self {
        self.limits.queue = limit;
        self
    }

    /// For how long all tasks that run may wait at the same time, although tasks are queued, or for nothing
    /// but each other.
    pub fn standstill_limit(mut self, limit: Duration) -> Self {
        self.limits.standstill = limit;
        self
    }

    /// What is done with a report, in place of logging it. It is called by the watchdog's own thread, which
    /// looks at nothing meanwhile; a panic is logged.
    ///
    /// It may use the pool, but not wait for its end: a shutdown is refused the waiting there, as on a worker.
    pub fn on_report<F>(mut self, handler: F) -> Self
    where
        F: Fn(&WatchdogReport) + Send + Sync + 'static,
    {
        let handler: Box<Handler> = Box::new(handler);
        self.handler = Some(Contained::new("the handler of a watchdog", handler));
        self
    }

    fn tell(&self, what: &WatchdogReport) {
        let Some(handler) = &self.handler else {
            return report(log::Level::Warn, format_args!("{what}"));
        };
        if let Err(panic) = catch(|| handler(what)) {
            report(
                log::Level::Error,
                format_args!("the handler of a watchdog panicked: {panic}"),
            );
        }
    }
}

impl Default for Watchdog {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog")
            .field("task_limit", &self.limits.task)
            .field("queue_limit", &self.limits.queue)
            .field("standstill_limit", &self.limits.standstill)
            .field("on_report", &self.handler.is_some())
            .finish()
    }
}

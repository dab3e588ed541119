use crate::observer::EnqueuedTask;
use std::{fmt, sync::Arc, time::Duration};

/// What has lasted too long in a pool that is [watched](crate::Watchdog).
///
/// Its text names the pool, and the tasks with their workers and where they were submitted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WatchdogReport {
    /// What it is.
    pub trouble: Trouble,
    /// The [prefix](crate::Builder::thread_name_prefix) of the pool's threads.
    pub pool: Arc<str>,
    /// How long it has lasted.
    pub duration: Duration,
    /// How many tasks were queued.
    pub queued: u64,
    /// The task that has run too long; else all tasks that ran, the oldest first.
    pub tasks: Vec<WatchedTask>,
}

/// What does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trouble {
    /// A task that runs.
    LongTask,
    /// The queue: tasks are in it, and none has started or was taken out.
    StuckQueue,
    /// All that runs: each task waits, and either others are queued, or they wait for tasks of the same pool
    /// that run.
    ///
    /// A task is known to wait if it waits for a future, a map or a scope of its own pool, or is within
    /// [`blocking`](crate::blocking). On Linux it is also seen if its thread does not use a processor, for
    /// whatever reason. A circle of tasks that wait for each other without a limit in time is no
    /// standstill: one of them is [told](crate::Deadlock) at once.
    Standstill,
}

/// A task that ran when a [`WatchdogReport`] was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WatchedTask {
    /// What is known of it from its submit.
    pub task: EnqueuedTask,
    /// The thread that ran it.
    pub worker: Arc<str>,
    /// How long it had been running.
    pub age: Duration,
    /// How long it had been waiting, if it was seen to.
    pub waiting: Option<Duration>,
}

/// So many tasks are shown; a pool may run thousands.
const SHOWN: usize = 10;

impl fmt::Display for WatchdogReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trouble,
            pool,
            duration,
            queued,
            tasks,
        } = self;
        write!(f, "pool {pool}: ")?;
        match trouble {
            Trouble::LongTask => write!(f, "a task has been running for {duration:.1?}")?,
            Trouble::StuckQueue => write!(
                f,
                "nothing has started for {duration:.1?}, and {queued} queued; running"
            )?,
            Trouble::Standstill => write!(
                f,
                "all that runs has been waiting for {duration:.1?}, and {queued} queued; running"
            )?,
        }
        for (number, task) in tasks.iter().take(SHOWN).enumerate() {
            let before = if number == 0 { ": " } else { "; " };
            write!(f, "{before}{task}")?;
        }
        match tasks.len().saturating_sub(SHOWN) {
            0 if tasks.is_empty() => f.write_str(": nothing"),
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl fmt::Display for WatchedTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            task,
            worker,
            age,
            waiting,
        } = self;
        match &task.name {
            Some(name) => write!(f, "{name:?}")?,
            None => f.write_str("a task")?,
        }
        write!(f, " on {worker} for {age:.1?}")?;
        if let Some(waiting) = waiting {
            write!(f, ", waiting for {waiting:.1?}")?;
        }
        write!(f, ", submitted at {}", task.location)
    }
}

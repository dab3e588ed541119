//! Who is told what becomes of each task.
//!
//! An observer is given to a pool when it is built, and hears of each task of this pool three times at
//! most, with facts that grow:
//!
//! ```text
//! enqueued ──► started ──► finished      a task that runs
//! enqueued ──────────────► finished      one that does not: cancelled, rejected, discarded, ...
//! ```
//!
//! The law:
//!
//! - Each task is enqueued once and finished once, in this order; started at most once, in between. An
//!   item of a map is a task, and so is a follow-up, which is enqueued when what it follows has ended.
//! - The calls are made by the thread that does the thing: `enqueued` by the one that submits, before
//!   any worker can see the task; `started` and `finished` by the one that runs it, around the closure;
//!   `finished` of a task that never runs by whoever ended it. No lock of the pool is held.
//! - `finished` comes before the outcome can be seen: whoever has the result of a task knows that the
//!   observer has heard of it. That of a cancelled task comes before the call returns that cancels it.
//! - An observer that panics harms no task: the panic is reported to the log, and the others are called.
//! - A pool without observers takes no time stamp and no memory for any of this: its tasks are plain.
//!
//! An offer that finds no room is a task that was rejected. A task that the pool does not take because it is
//! shut down, too. How a task carries its facts is told in [`observing`](crate::observing).

use crate::observing::duration_of;
use std::{
    fmt,
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

/// Is told what becomes of each task of a pool; see [`Builder::observer`](crate::Builder::observer).
///
/// The calls come from many threads at once, in the middle of the pool's work: they are to be short, and
/// must not wait for a task of the same pool. A panic is logged and goes no further.
///
/// ```
/// use concurrent_futures::{FinishedTask, Observer, ThreadPoolExecutor};
/// use std::sync::{Arc, Mutex};
///
/// /// The names of the tasks that took long.
/// #[derive(Default)]
/// struct Slow(Mutex<Vec<String>>);
///
/// impl Observer for Slow {
///     fn finished(&self, task: &FinishedTask<'_>) {
///         if task.run.is_some_and(|run| run.time.as_millis() >= 5) {
///             let name = task.task.name.as_deref().unwrap_or("a task");
///             let line = format!("{name} from {}", task.task.location);
///             self.0.lock().unwrap().push(line);
///         }
///     }
/// }
///
/// let slow = Arc::new(Slow::default());
/// let pool = ThreadPoolExecutor::builder().observer(Arc::clone(&slow)).build()?;
/// pool.submit(|| 1).result().unwrap();
/// let nap = || std::thread::sleep(std::time::Duration::from_millis(5));
/// pool.task().name("nap").submit(nap).result().unwrap();
/// assert!(slow.0.lock().unwrap().iter().any(|line| line.starts_with("nap from ")));
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// A task was submitted and is about to enter the queue. Called by the thread that submits.
    fn enqueued(&self, task: &EnqueuedTask) {
        let _ = task;
    }

    /// A task is about to run. Called by the thread that runs it.
    fn started(&self, task: &StartedTask<'_>) {
        let _ = task;
    }

    /// A task has ended, having run or not. Called before its outcome can be seen.
    fn finished(&self, task: &FinishedTask<'_>) {
        let _ = task;
    }
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn enqueued(&self, task: &EnqueuedTask) {
        O::enqueued(self, task);
    }

    fn started(&self, task: &StartedTask<'_>) {
        O::started(self, task);
    }

    fn finished(&self, task: &FinishedTask<'_>) {
        O::finished(self, task);
    }
}

/// What is known of a task from the beginning.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EnqueuedTask {
    /// Counts the tasks of the process that were observed, from 1. Never used twice.
    pub id: u64,
    /// Its name, if [`TaskBuilder::name`](crate::TaskBuilder::name) gave it one.
    pub name: Option<Arc<str>>,
    /// Where it was submitted: the call of `submit`, `map`, `then` or the like.
    pub location: &'static Location<'static>,
    /// The task that has submitted it, if that was a task that is observed, of whatever pool.
    pub parent: Option<u64>,
    /// When it was submitted, before it waited for room in a bounded queue.
    pub enqueued: Instant,
    pub(crate) enqueued_nanos: u64,
}

/// What is known of a task that begins to run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StartedTask<'a> {
    /// What was known before.
    pub task: &'a EnqueuedTask,
    /// The thread that runs it.
    pub worker: &'a Arc<str>,
    /// When it began.
    pub started: Instant,
    pub(crate) started_nanos: u64,
}

impl StartedTask<'_> {
    /// How long it has waited.
    pub fn queue_wait(&self) -> Duration {
        let wait = self.started_nanos.saturating_sub(self.task.enqueued_nanos);
        duration_of(wait)
    }
}

/// What is known of a task that has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FinishedTask<'a> {
    /// What was known when it was submitted.
    pub task: &'a EnqueuedTask,
    /// How it ended.
    pub outcome: TaskOutcome,
    /// When it ended.
    pub finished: Instant,
    /// How it ran; `None` if it did not.
    pub run: Option<TaskRun<'a>>,
}

impl FinishedTask<'_> {
    /// How long it has waited, until it began or until it was clear that it never would.
    pub fn queue_wait(&self) -> Duration {
        let until = self.run.map_or(self.finished, |run| run.started);
        until.saturating_duration_since(self.task.enqueued)
    }
}

/// How a task ran.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TaskRun<'a> {
    /// The thread that ran it.
    pub worker: &'a Arc<str>,
    /// When it began.
    pub started: Instant,
    /// How long it ran, from its start to its end.
    pub time: Duration,
    /// For how much of that its thread ran other tasks that are observed: those that it waited for, and
    /// that nobody had started. They are reported as tasks of their own, so this time is in theirs, too;
    /// the times of all tasks less this are what their threads were at work.
    pub nested: Duration,
    /// For how much of it the task used a processor, by the thread's clock. Not more than `time` less
    /// `nested`: what nested tasks used is in their own facts.
    ///
    /// The clock is read no more than some ten thousand times a second by each thread, so that reading it
    /// costs nothing that counts: of several short tasks in a row, each is given its part of what they
    /// used together. Where the system does not tell (it does on Linux and macOS, if they have 64 bits), this
    /// is `time` less `nested`.
    pub cpu: Duration,
    /// For how much of it the thread could have run and no processor was free. Not more than `time` less
    /// `nested` and `cpu`. Looked at no more than a thousand times a second by each thread, in the same way;
    /// zero where the system does not tell (it does on Linux).
    pub contended: Duration,
}

impl TaskRun<'_> {
    /// For how long it did not use a processor: run time less nested tasks and processor time. The time
    /// for which it was contended is in it.
    pub fn blocked(&self) -> Duration {
        self.time.saturating_sub(self.nested + self.cpu)
    }
}

/// How a task has ended, without its value or its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskOutcome {
    /// With a value.
    Completed,
    /// With an error of its own.
    Failed,
    /// With a panic.
    Panicked,
    /// It was cancelled before it ran.
    Cancelled,
    /// Its deadline was over before it ran.
    DeadlineExceeded,
    /// It was not taken: the pool was shut down, or its queue was full.
    Rejected,
    /// A newer task took its place in a full queue.
    Discarded,
    /// The pool broke, or got no thread.
    Broken,
}

impl TaskOutcome {
    /// One lower-case word, as in `completed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::DeadlineExceeded => "deadline exceeded",
            Self::Rejected => "rejected",
            Self::Discarded => "discarded",
            Self::Broken => "broken",
        }
    }

    /// Whether its work was done: it ended with a value.
    pub fn is_success(self) -> bool {
        self == Self::Completed
    }
}

impl fmt::Display for TaskOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

use crate::{TaskOutcome, observer::EnqueuedTask};
use std::{num::NonZeroU64, panic::Location, sync::Arc, time::Duration};

/// A task as a [`Profile`](crate::Profile) shows it.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder().profile().build()?;
/// pool.task().name("answer").submit(|| 6 * 7).result().unwrap();
/// let profile = pool.profile().expect("asked for above");
/// let task = &profile.tasks()[0];
/// assert_eq!(task.label(), "answer");
/// assert_eq!(task.run(), task.cpu() + task.contended() + task.blocked());
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProfiledTask {
    pub(super) id: u64,
    pub(super) parent: Option<NonZeroU64>,
    pub(super) name: Option<Arc<str>>,
    pub(super) location: &'static Location<'static>,
    pub(super) worker: Option<Arc<str>>,
    /// All times in nanoseconds; this one since the first task of the profile was submitted.
    pub(super) enqueued: u64,
    pub(super) wait: u64,
    pub(super) run: u64,
    pub(super) nested: u64,
    pub(super) cpu: u64,
    pub(super) contended: u64,
    /// `None` while it runs.
    pub(super) outcome: Option<TaskOutcome>,
}

impl ProfiledTask {
    /// One that has not run.
    pub(super) fn new(task: &EnqueuedTask, enqueued: u64, wait: u64) -> Self {
        Self {
            id: task.id,
            parent: task.parent.and_then(NonZeroU64::new),
            name: task.name.clone(),
            location: task.location,
            worker: None,
            enqueued,
            wait,
            run: 0,
            nested: 0,
            cpu: 0,
            contended: 0,
            outcome: None,
        }
    }

    /// Its number among the observed tasks of the process.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The task that has submitted it, if that was observed as well.
    pub fn parent(&self) -> Option<u64> {
        self.parent.map(NonZeroU64::get)
    }

    /// Its name, if it was given one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where it was submitted.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Its name, or else where it was submitted, as `src/main.rs:12`.
    pub fn label(&self) -> String {
        let place = || format!("{}:{}", self.location.file(), self.location.line());
        self.name.as_deref().map_or_else(place, str::to_owned)
    }

    /// The thread that ran it or runs it; `None` if it never ran.
    pub fn worker(&self) -> Option<&str> {
        self.worker.as_deref()
    }

    /// When it was submitted, counted from the first submit that the profile knows of.
    pub fn enqueued(&self) -> Duration {
        Duration::from_nanos(self.enqueued)
    }

    /// When it began to run, or ended without running, counted likewise.
    pub fn started(&self) -> Duration {
        Duration::from_nanos(self.enqueued + self.wait)
    }

    /// How long it was queued.
    pub fn queue_wait(&self) -> Duration {
        Duration::from_nanos(self.wait)
    }

    /// How long it ran; of one that runs, how long it has until now.
    pub fn run(&self) -> Duration {
        Duration::from_nanos(self.run)
    }

    /// For how much of that its thread ran other tasks: those that it waited for, and that nobody had
    /// started. They are tasks of their own.
    pub fn nested(&self) -> Duration {
        Duration::from_nanos(self.nested)
    }

    /// For how much of it it used a processor. Not known as long as it runs, and then zero.
    pub fn cpu(&self) -> Duration {
        Duration::from_nanos(self.cpu)
    }

    /// For how much of it no processor was free.
    pub fn contended(&self) -> Duration {
        Duration::from_nanos(self.contended)
    }

    /// For how much of it it waited for something else: the rest. Not known as long as it runs, and then
    /// zero.
    pub fn blocked(&self) -> Duration {
        Duration::from_nanos(self.blocked_nanos())
    }

    pub(super) fn blocked_nanos(&self) -> u64 {
        if self.is_running() {
            return 0;
        }
        self.run
            .saturating_sub(self.nested + self.cpu + self.contended)
    }

    /// How it has ended; `None` if it runs.
    pub fn outcome(&self) -> Option<TaskOutcome> {
        self.outcome
    }

    /// Whether it was running when the profile was taken.
    pub fn is_running(&self) -> bool {
        self.outcome.is_none()
    }

    /// One lower-case word, as in `completed` or `running`.
    pub(super) fn outcome_word(&self) -> &'static str {
        self.outcome.map_or("running", TaskOutcome::as_str)
    }
}

//! What a pool is at.

use crate::ThreadPoolExecutor;
use std::{sync::Arc, time::Duration};

/// A task that runs: on which worker, and if it has a name, which one and since when; from
/// [`ThreadPoolExecutor::running_tasks`] and [`ShutdownError::tasks`](crate::ShutdownError::tasks).
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
/// use std::sync::mpsc;
///
/// let pool = ThreadPoolExecutor::builder().thread_name_prefix("io").build()?;
/// let (release, gate) = mpsc::channel::<()>();
/// let future = pool.task().name("backup").submit(move || gate.recv());
/// let running = loop {
///     if let [task] = &pool.running_tasks()[..] {
///         break task.clone();
///     }
/// };
/// assert_eq!((running.worker(), running.name()), ("io_0", Some("backup")));
/// assert!(running.age().is_some());
/// # drop(release);
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningTask {
    worker: Arc<str>,
    named: Option<(Arc<str>, Duration)>,
}

impl RunningTask {
    pub(crate) fn named(worker: &Arc<str>, name: &Arc<str>, age: Duration) -> Self {
        Self {
            worker: Arc::clone(worker),
            named: Some((Arc::clone(name), age)),
        }
    }

    fn nameless(worker: &str) -> Self {
        Self {
            worker: worker.into(),
            named: None,
        }
    }

    /// What runs on these workers: tasks with a name, and one without for each other worker.
    pub(crate) fn on(workers: &[String], named: &[Self]) -> Vec<Self> {
        let on = |worker: &str| {
            let named = named.iter().filter(|task| task.worker() == worker);
            let mut tasks: Vec<_> = named.cloned().collect();
            if tasks.is_empty() {
                tasks.push(Self::nameless(worker));
            }
            tasks
        };
        workers.iter().flat_map(|worker| on(worker)).collect()
    }

    /// The name of its worker.
    pub fn worker(&self) -> &str {
        &self.worker
    }

    /// Its name, if [`TaskBuilder::name`](crate::TaskBuilder::name) gave it one.
    pub fn name(&self) -> Option<&str> {
        self.named.as_ref().map(|(name, _)| &**name)
    }

    /// How long it has been running. Known of tasks with a name.
    pub fn age(&self) -> Option<Duration> {
        self.named.as_ref().map(|(_, age)| *age)
    }
}

impl std::fmt::Display for RunningTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let worker = &self.worker;
        match &self.named {
            None => write!(f, "{worker}"),
            Some((name, age)) => write!(f, "{worker} ({name:?} for {age:.1?})"),
        }
    }
}

impl ThreadPoolExecutor {
    /// The tasks with a [name](crate::TaskBuilder::name) that run now, the oldest first. One that waits while
    /// another one runs above it, on the same worker, is running, too.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// pool.task().name("short").submit(|| 1).result()?;
    /// assert!(pool.running_tasks().is_empty());
    /// # Ok::<(), concurrent_futures::TaskError>(())
    /// ```
    pub fn running_tasks(&self) -> Vec<RunningTask> {
        self.pool().running_tasks()
    }
}

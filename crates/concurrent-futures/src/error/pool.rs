use crate::{RunningTask, unwind::Contained};
use std::{error::Error, fmt, io, sync::Arc};

/// The pool's initializer failed, so the pool runs nothing any more.
///
/// Every task that was queued then, and every task submitted later, ends with this error. Its
/// `source()` is the initializer's error, or the [`Panic`](crate::Panic) that ended it.
///
/// ```
/// use concurrent_futures::{TaskError, ThreadPoolExecutor};
/// use std::error::Error;
///
/// let pool = ThreadPoolExecutor::builder()
///     .thread_name_prefix("db")
///     .initializer(|| Err::<(), _>("no route to database"))
///     .build()?;
/// let Err(TaskError::Broken(error)) = pool.submit(|| 1).result() else { unreachable!() };
/// assert_eq!(
///     error.to_string(),
///     "the pool is broken: the initializer failed in worker db_0: no route to database"
/// );
/// assert_eq!(error.source().unwrap().to_string(), "no route to database");
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone)]
pub struct BrokenThreadPool(Arc<Cause>);

struct Cause {
    worker: String,
    error: Contained<Box<dyn Error + Send + Sync>>,
}

impl BrokenThreadPool {
    pub(crate) fn new(worker: String, error: Box<dyn Error + Send + Sync>) -> Self {
        let error = Contained::new("the error of an initializer", error);
        Self(Arc::new(Cause { worker, error }))
    }
}

impl fmt::Debug for BrokenThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokenThreadPool")
            .field("worker", &self.0.worker)
            .field("error", &*self.0.error)
            .finish()
    }
}

impl fmt::Display for BrokenThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cause { worker, error } = &*self.0;
        let error = &**error;
        write!(
            f,
            "the pool is broken: the initializer failed in worker {worker}: {error}"
        )
    }
}

impl Error for BrokenThreadPool {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&**self.0.error)
    }
}

/// The pool did not take the task, or could not get a thread to run it. The task did not run.
///
/// ```
/// use concurrent_futures::{TaskError, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new();
/// pool.shutdown();
/// let Err(TaskError::Rejected(error)) = pool.submit(|| 1).result() else { unreachable!() };
/// assert!(error.is_shutdown());
/// ```
#[derive(Clone)]
pub struct Rejected(Reason);

#[derive(Clone)]
enum Reason {
    Shutdown,
    ThreadStart(Arc<Contained<io::Error>>),
    QueueFull,
    Discarded,
    Forked,
}

impl Rejected {
    pub(crate) fn shutdown() -> Self {
        Self(Reason::Shutdown)
    }

    pub(crate) fn thread_start(error: &Arc<Contained<io::Error>>) -> Self {
        Self(Reason::ThreadStart(Arc::clone(error)))
    }

    pub(crate) fn queue_full() -> Self {
        Self(Reason::QueueFull)
    }

    pub(crate) fn discarded() -> Self {
        Self(Reason::Discarded)
    }

    pub(crate) fn forked() -> Self {
        Self(Reason::Forked)
    }

    /// The pool had been shut down.
    pub fn is_shutdown(&self) -> bool {
        matches!(self.0, Reason::Shutdown)
    }

    /// The system refused a thread and the pool had no worker at all. `source()` is the system's
    /// [`io::Error`]; submitting again later may work.
    pub fn is_thread_start(&self) -> bool {
        matches!(self.0, Reason::ThreadStart(_))
    }

    /// The queue was full, and the pool does not wait for room, or not so long; see
    /// [`WhenFull`](crate::WhenFull).
    pub fn is_queue_full(&self) -> bool {
        matches!(self.0, Reason::QueueFull)
    }

    /// The task was queued, and had to give way to a newer one; see
    /// [`WhenFull::DiscardOldest`](crate::WhenFull::DiscardOldest).
    pub fn is_discarded(&self) -> bool {
        matches!(self.0, Reason::Discarded)
    }

    /// This process is the child of a fork, and the pool was made before it: its workers are in the
    /// parent. Make another pool here. See [hostile inputs](crate::docs::hostile_inputs).
    pub fn is_forked(&self) -> bool {
        matches!(self.0, Reason::Forked)
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Shutdown => f.write_str("Rejected(Shutdown)"),
            Reason::QueueFull => f.write_str("Rejected(QueueFull)"),
            Reason::Discarded => f.write_str("Rejected(Discarded)"),
            Reason::Forked => f.write_str("Rejected(Forked)"),
            Reason::ThreadStart(error) => f.debug_tuple("Rejected").field(&***error).finish(),
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Shutdown => f.write_str(
                "the pool is shut down and takes no new tasks; submit before the shutdown",
            ),
            Reason::QueueFull => {
                f.write_str("the queue of the pool is full; submit more slowly, or wait for room")
            }
            Reason::Discarded => {
                f.write_str("the task was discarded: the queue was full and newer tasks came")
            }
            Reason::Forked => f.write_str(
                "the workers of the pool are in the process that this one was forked from; \
                 make a pool after the fork",
            ),
            Reason::ThreadStart(error) => write!(
                f,
                "no worker thread could be started and the pool has none: {}; \
                 submit again later or free threads",
                ***error
            ),
        }
    }
}

impl Error for Rejected {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::Shutdown | Reason::QueueFull | Reason::Discarded | Reason::Forked => None,
            Reason::ThreadStart(error) => Some(&***error),
        }
    }
}

/// A builder argument that cannot be used: names the argument and its value.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let error = ThreadPoolExecutor::builder().max_workers(0).build().unwrap_err();
/// assert_eq!(error.to_string(), "max_workers is 0: it must be from 1 to 65535");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    pub(crate) argument: &'static str,
    pub(crate) value: String,
    pub(crate) rule: String,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            argument,
            value,
            rule,
        } = self;
        write!(f, "{argument} is {value}: {rule}")
    }
}

impl Error for BuildError {}

/// A shutdown that could not be waited for. The pool is shut down all the same.
///
/// ```
/// use concurrent_futures::{Shutdown, ThreadPoolExecutor};
/// use std::{sync::mpsc, time::Duration};
///
/// let pool = ThreadPoolExecutor::builder().thread_name_prefix("io").build()?;
/// let (release, gate) = mpsc::channel::<()>();
/// let future = pool.submit(move || gate.recv());
/// while !future.running() {}
/// let error = pool
///     .shutdown_with(Shutdown::new().timeout(Duration::from_millis(1)))
///     .unwrap_err();
/// assert!(error.is_timeout());
/// assert_eq!(error.running(), ["io_0"]);
/// # drop(release);
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShutdownError {
    pub(crate) own_worker: bool,
    pub(crate) running: Vec<String>,
    pub(crate) tasks: Vec<RunningTask>,
    pub(crate) queued: usize,
}

impl ShutdownError {
    /// The time was over before all workers had ended.
    pub fn is_timeout(&self) -> bool {
        !self.own_worker
    }

    /// A worker of the pool asked to wait for the pool's workers, that is for itself; or a thread factory
    /// did, and so for the worker that it was called to start.
    pub fn is_own_worker(&self) -> bool {
        self.own_worker
    }

    /// The thread names of the workers that still run, in the order they were started.
    pub fn running(&self) -> &[String] {
        &self.running
    }

    /// What still runs, by the same order: on which worker, and of tasks that have one, the name and
    /// since when. A worker whose task waits for others that run above it has several.
    ///
    /// ```
    /// # use concurrent_futures::{Shutdown, ThreadPoolExecutor};
    /// # use std::{sync::mpsc, time::Duration};
    /// let pool = ThreadPoolExecutor::builder().thread_name_prefix("io").build()?;
    /// let (release, gate) = mpsc::channel::<()>();
    /// let future = pool.task().name("backup").submit(move || gate.recv());
    /// while pool.running_tasks().is_empty() {}
    /// let how = Shutdown::new().cancel_running().timeout(Duration::from_millis(1));
    /// let error = pool.shutdown_with(how).unwrap_err();
    /// assert_eq!(error.tasks()[0].name(), Some("backup"));
    /// # drop(release);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn tasks(&self) -> &[RunningTask] {
        &self.tasks
    }

    /// How many tasks were still queued.
    pub fn queued(&self) -> usize {
        self.queued
    }
}

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.own_worker {
            return f.write_str(
                "a worker cannot wait for its own pool to shut down; use Shutdown::no_wait there",
            );
        }
        f.write_str("the pool did not shut down in time: running in ")?;
        for (n, task) in self.tasks.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{task}")?;
        }
        write!(f, ", {} tasks queued", self.queued)
    }
}

impl Error for ShutdownError {}

use std::time::Duration;

/// What a submit does when the queue is full, that is, when the weights of the tasks in it leave no
/// room below [`queue_capacity`](crate::Builder::queue_capacity).
///
/// It is about submits from outside. A worker of the pool that submits to its own pool is never held
/// back, refused or made to run the task: its task is taken at once and counts, so that a task which
/// submits others cannot bring its pool to a standstill. Who wants to know asks by
/// [`offer`](crate::ThreadPoolExecutor::offer), which has no exceptions.
///
/// ```
/// use concurrent_futures::{TaskError, ThreadPoolExecutor, WhenFull};
/// use std::sync::mpsc;
///
/// let pool = ThreadPoolExecutor::builder()
///     .max_workers(1)
///     .queue_capacity(1)
///     .when_full(WhenFull::DiscardOldest)
///     .build()?;
/// let (release, gate) = mpsc::channel::<()>();
/// let (starts, started) = mpsc::channel();
/// let busy = pool.submit(move || (starts.send(()), drop(gate.recv())));
/// started.recv().unwrap();
/// let old = pool.submit(|| "old");
/// let new = pool.submit(|| "new");
/// assert!(matches!(old.result(), Err(TaskError::Rejected(reason)) if reason.is_discarded()));
/// # drop(release);
/// assert_eq!(new.result().unwrap(), "new");
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// Waits until there is room; those who wait are served in order. When the pool is shut down or
    /// breaks meanwhile, the future says so.
    #[default]
    Block,
    /// Waits so long at most. Then the task is dropped, and its future is
    /// [rejected](crate::Rejected::is_queue_full).
    BlockFor(Duration),
    /// Drops the task at once; its future is [rejected](crate::Rejected::is_queue_full).
    Reject,
    /// Runs the task on the submitting thread, before the submit returns, and out of order.
    /// What an initializer has put into the workers' thread-locals is not there.
    CallerRuns,
    /// Takes the task, and drops as many of the oldest waiting ones as must give way; their futures
    /// are [discarded](crate::Rejected::is_discarded). Their callbacks run on the submitting thread.
    /// This is for workers' submits, too.
    DiscardOldest,
}

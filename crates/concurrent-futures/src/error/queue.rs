use std::{error::Error, fmt};

/// The queue was full, so the task was not taken; here it is again.
///
/// From [`offer`](crate::ThreadPoolExecutor::offer) and its relatives.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
/// use std::sync::mpsc;
///
/// let pool = ThreadPoolExecutor::builder().max_workers(1).queue_capacity(1).build()?;
/// let (release, gate) = mpsc::channel::<()>();
/// let busy = pool.submit(move || drop(gate.recv()));
/// let queued = pool.submit(|| 1); // waits until the first one has started
/// let Err(full) = pool.offer(|| 2) else { unreachable!() };
/// assert_eq!(full.to_string(), "the queue of the pool is full");
/// assert_eq!(full.into_task()(), 2);
/// # drop(release);
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
pub struct QueueFull<F> {
    task: F,
}

impl<F> QueueFull<F> {
    pub(crate) fn new(task: F) -> Self {
        Self { task }
    }

    /// The task that was not taken.
    pub fn into_task(self) -> F {
        self.task
    }
}

impl<F> fmt::Debug for QueueFull<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueFull").finish_non_exhaustive()
    }
}

impl<F> fmt::Display for QueueFull<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue of the pool is full")
    }
}

impl<F> Error for QueueFull<F> {}

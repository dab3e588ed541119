use super::{Extras, submit_dressed};
use crate::{
    Future,
    pool::Pool,
    task::work::{Fallible, Plain},
};
use std::{fmt, sync::Arc};

/// A task that is about to be submitted, with more to it than its closure; from
/// [`ThreadPoolExecutor::task`](crate::ThreadPoolExecutor::task).
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let page = vec![0_u8; 10_000];
/// let future = pool.task().name("checksum").weight(page.len()).submit(move || {
///     page.iter().map(|&byte| u32::from(byte)).sum::<u32>()
/// });
/// assert_eq!(future.result()?, 0);
/// # Ok::<(), concurrent_futures::TaskError>(())
/// ```
#[must_use = "nothing is submitted until `submit`"]
pub struct TaskBuilder<'a> {
    pool: &'a Arc<Pool>,
    weight: usize,
    extras: Extras,
}

impl<'a> TaskBuilder<'a> {
    pub(crate) fn new(pool: &'a Arc<Pool>) -> Self {
        Self {
            pool,
            weight: 1,
            extras: Extras::default(),
        }
    }

    /// A name to show where the task is told of. It need not be unique.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.extras.set_name(name.into());
        self
    }

    /// How much of the queue's capacity the task takes while it waits, for instance its bytes.
    /// Default: 1, and 0 counts as 1. More than the capacity counts as the capacity, so the task
    /// waits alone. Without a capacity it means nothing.
    pub fn weight(mut self, weight: usize) -> Self {
        self.weight = weight;
        self
    }

    /// As [`ThreadPoolExecutor::submit`](crate::ThreadPoolExecutor::submit).
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// assert_eq!(pool.task().submit(|| 6 * 7).result().unwrap(), 42);
    /// ```
    pub fn submit<F, T>(self, task: F) -> Future<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Future::new(submit_dressed(self.pool, Plain(task), self.extras))
    }

    /// As [`ThreadPoolExecutor::try_submit`](crate::ThreadPoolExecutor::try_submit).
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.task().name("parse").try_submit(|| "17".parse::<u8>());
    /// assert_eq!(future.result().unwrap(), 17);
    /// ```
    pub fn try_submit<F, T, E>(self, task: F) -> Future<T, E>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        Future::new(submit_dressed(self.pool, Fallible(task), self.extras))
    }
}

impl fmt::Debug for TaskBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskBuilder")
            .field("weight", &self.weight)
            .finish_non_exhaustive()
    }
}

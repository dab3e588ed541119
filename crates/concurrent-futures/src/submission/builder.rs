use super::{Wishes, offer, submit_dressed};
use crate::{
    Future,
    error::QueueFull,
    pool::Pool,
    task::work::{Fallible, Plain},
    time::{Limit, deadline_from},
    token::CancelToken,
};
use std::{
    fmt,
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

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
    wishes: Wishes,
}

impl<'a> TaskBuilder<'a> {
    pub(crate) fn new(pool: &'a Arc<Pool>) -> Self {
        Self {
            pool,
            weight: 1,
            wishes: Wishes::default(),
        }
    }

    /// A name to show where the task is told of: in the `Debug` text of its future, in
    /// [`running_tasks`](crate::ThreadPoolExecutor::running_tasks), in the errors of a shutdown and of a
    /// deadlock. It need not be unique.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.task().name("index").submit(|| 1);
    /// assert!(format!("{future:?}").ends_with(" name=\"index\">"));
    /// ```
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.wishes.name = Some(name.into());
        self
    }

    /// The token of the task, instead of the one that it would inherit from the task that submits it.
    ///
    /// If it is cancelled before the task's turn comes, the task does not start, and ends as
    /// cancelled. Once it runs, it is asked: by [`check_cancelled`](crate::check_cancelled), or by what it
    /// does with the token itself. The tasks that it submits inherit the token.
    ///
    /// ```
    /// # use concurrent_futures::{CancelToken, ThreadPoolExecutor, check_cancelled};
    /// let pool = ThreadPoolExecutor::new();
    /// let token = CancelToken::new();
    /// token.cancel();
    /// let future = pool.task().token(&token).submit(|| 1);
    /// assert!(future.result().unwrap_err().is_cancelled());
    /// ```
    pub fn token(mut self, token: &CancelToken) -> Self {
        self.wishes.token = Some(token.clone());
        self
    }

    /// Gives the task so much time from now on, its waiting included. [`Duration::MAX`] is no limit.
    ///
    /// If the time is over before the task's turn comes, it does not start, and ends with
    /// [`TaskError::DeadlineExceeded`](crate::TaskError::DeadlineExceeded). Once it runs, it has to ask,
    /// as for [`token`](Self::token): nothing stops it. The tasks that it submits inherit the deadline.
    ///
    /// ```
    /// # use concurrent_futures::{Cancelled, ThreadPoolExecutor, TaskError, check_cancelled};
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let late = pool.task().timeout(Duration::ZERO).submit(|| 1);
    /// assert!(matches!(late.result(), Err(TaskError::DeadlineExceeded)));
    ///
    /// let slow = pool.task().timeout(Duration::from_millis(5));
    /// let slow = slow.try_submit(|| -> Result<(), Cancelled> {
    ///     loop {
    ///         check_cancelled()?;
    ///     }
    /// });
    /// assert!(slow.result().is_err());
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wishes.deadline = deadline_from(Instant::now(), timeout);
        self
    }

    /// As [`timeout`](Self::timeout), until this moment.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::{Duration, Instant};
    /// let pool = ThreadPoolExecutor::new();
    /// let soon = Instant::now() + Duration::from_secs(60);
    /// assert_eq!(pool.task().deadline(soon).submit(|| 1).result().unwrap(), 1);
    /// ```
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.wishes.deadline = Some(deadline);
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
    #[track_caller]
    pub fn submit<F, T>(self, task: F) -> Future<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Future::new(submit_dressed(
            self.pool,
            Plain(task),
            self.weight,
            self.wishes,
            Location::caller(),
        ))
    }

    /// As [`ThreadPoolExecutor::try_submit`](crate::ThreadPoolExecutor::try_submit).
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.task().name("parse").try_submit(|| "17".parse::<u8>());
    /// assert_eq!(future.result().unwrap(), 17);
    /// ```
    #[track_caller]
    pub fn try_submit<F, T, E>(self, task: F) -> Future<T, E>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        Future::new(submit_dressed(
            self.pool,
            Fallible(task),
            self.weight,
            self.wishes,
            Location::caller(),
        ))
    }

    /// As [`ThreadPoolExecutor::offer`](crate::ThreadPoolExecutor::offer).
    ///
    /// # Errors
    ///
    /// The task itself, if the queue has no room for it now.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().queue_capacity(1 << 20).build()?;
    /// let page = vec![7_u8; 4096];
    /// let weight = page.len();
    /// match pool.task().weight(weight).offer(move || page.len()) {
    ///     Ok(future) => assert_eq!(future.result().unwrap(), weight),
    ///     Err(full) => drop(full.into_task()),
    /// }
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn offer<F, T>(self, task: F) -> Result<Future<T>, QueueFull<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.offer_within(task, Limit::Poll)
    }

    /// As [`ThreadPoolExecutor::try_offer`](crate::ThreadPoolExecutor::try_offer).
    ///
    /// # Errors
    ///
    /// The task itself, if the queue has no room for it now.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().queue_capacity(10).build()?;
    /// let future = pool.task().name("parse").try_offer(|| "17".parse::<u8>()).expect("room");
    /// assert_eq!(future.result().unwrap(), 17);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn try_offer<F, T, E>(self, task: F) -> Result<Future<T, E>, QueueFull<F>>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.try_offer_within(task, Limit::Poll)
    }

    /// As [`ThreadPoolExecutor::offer_timeout`](crate::ThreadPoolExecutor::offer_timeout).
    ///
    /// # Errors
    ///
    /// The task itself, if the queue had no room for it in that time.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::builder().queue_capacity(10).build()?;
    /// let future = pool.task().weight(10).offer_timeout(|| 1, Duration::from_secs(60));
    /// assert_eq!(future.expect("room").result().unwrap(), 1);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn offer_timeout<F, T>(self, task: F, timeout: Duration) -> Result<Future<T>, QueueFull<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.offer_within(task, Limit::after(timeout))
    }

    /// As [`ThreadPoolExecutor::try_offer_timeout`](crate::ThreadPoolExecutor::try_offer_timeout).
    ///
    /// # Errors
    ///
    /// The task itself, if the queue had no room for it in that time.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::builder().queue_capacity(10).build()?;
    /// let future = pool.task().try_offer_timeout(|| "17".parse::<u8>(), Duration::from_secs(60));
    /// assert_eq!(future.expect("room").result().unwrap(), 17);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn try_offer_timeout<F, T, E>(
        self,
        task: F,
        timeout: Duration,
    ) -> Result<Future<T, E>, QueueFull<F>>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.try_offer_within(task, Limit::after(timeout))
    }

    #[track_caller]
    fn offer_within<F, T>(self, task: F, limit: Limit) -> Result<Future<T>, QueueFull<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let site = Location::caller();
        offer(
            self.pool,
            Plain(task),
            self.weight,
            self.wishes,
            limit,
            site,
        )
        .map(Future::new)
        .map_err(|Plain(task)| QueueFull::new(task))
    }

    #[track_caller]
    fn try_offer_within<F, T, E>(self, task: F, limit: Limit) -> Result<Future<T, E>, QueueFull<F>>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let site = Location::caller();
        offer(
            self.pool,
            Fallible(task),
            self.weight,
            self.wishes,
            limit,
            site,
        )
        .map(Future::new)
        .map_err(|Fallible(task)| QueueFull::new(task))
    }
}

impl fmt::Debug for TaskBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskBuilder")
            .field("weight", &self.weight)
            .finish_non_exhaustive()
    }
}

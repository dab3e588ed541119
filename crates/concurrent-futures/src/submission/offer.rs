//! The front door's further ways to submit.

use super::TaskBuilder;
use crate::{Future, ThreadPoolExecutor, error::QueueFull};
use std::time::Duration;

impl ThreadPoolExecutor {
    /// A task with more to it than its closure: a name, a weight; see [`TaskBuilder`].
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.task().name("answer").submit(|| 6 * 7);
    /// assert_eq!(future.result().unwrap(), 42);
    /// ```
    pub fn task(&self) -> TaskBuilder<'_> {
        TaskBuilder::new(self.pool())
    }

    /// As [`submit`](Self::submit), if the queue has room for the task at once. Never blocks and drops
    /// nothing, whatever [`WhenFull`](crate::WhenFull) says.
    ///
    /// There is no room either as long as others wait for it. A pool whose queue has no
    /// [capacity](crate::Builder::queue_capacity) always has room. A pool that is shut down or broken takes
    /// the offer as it takes a submit, and the future says why it does not run.
    ///
    /// # Errors
    ///
    /// The task itself, if there is no room.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().queue_capacity(100).build()?;
    /// let value = match pool.offer(|| 6 * 7) {
    ///     Ok(future) => future.result().unwrap(),
    ///     Err(full) => full.into_task()(),
    /// };
    /// assert_eq!(value, 42);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn offer<F, T>(&self, task: F) -> Result<Future<T>, QueueFull<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.task().offer(task)
    }

    /// As [`offer`](Self::offer), for a task that can fail.
    ///
    /// # Errors
    ///
    /// The task itself, if there is no room.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().queue_capacity(100).build()?;
    /// let future = pool.try_offer(|| "17".parse::<u8>()).expect("room");
    /// assert_eq!(future.result().unwrap(), 17);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn try_offer<F, T, E>(&self, task: F) -> Result<Future<T, E>, QueueFull<F>>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.task().try_offer(task)
    }

    /// As [`offer`](Self::offer), waiting at most so long for room. Zero does not wait,
    /// [`Duration::MAX`] waits for ever.
    ///
    /// Blocks, but not on a worker of this pool, which would wait for what workers have to do. Those
    /// who wait are served in order.
    ///
    /// # Errors
    ///
    /// The task itself, if there was no room in that time.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::{sync::mpsc, time::Duration};
    /// let pool = ThreadPoolExecutor::builder().max_workers(1).queue_capacity(1).build()?;
    /// let (release, gate) = mpsc::channel::<()>();
    /// let busy = pool.submit(move || drop(gate.recv()));
    /// while !busy.running() {}
    /// let queued = pool.submit(|| 1);
    /// assert!(pool.offer_timeout(|| 2, Duration::from_millis(1)).is_err());
    /// # drop(release);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn offer_timeout<F, T>(&self, task: F, timeout: Duration) -> Result<Future<T>, QueueFull<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.task().offer_timeout(task, timeout)
    }

    /// As [`offer_timeout`](Self::offer_timeout), for a task that can fail.
    ///
    /// # Errors
    ///
    /// The task itself, if there was no room in that time.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::builder().queue_capacity(100).build()?;
    /// let future = pool.try_offer_timeout(|| "17".parse::<u8>(), Duration::from_secs(60));
    /// assert_eq!(future.expect("room").result().unwrap(), 17);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[track_caller]
    pub fn try_offer_timeout<F, T, E>(
        &self,
        task: F,
        timeout: Duration,
    ) -> Result<Future<T, E>, QueueFull<F>>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.task().try_offer_timeout(task, timeout)
    }
}

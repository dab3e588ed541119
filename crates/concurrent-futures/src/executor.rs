use crate::{
    Builder, Future, Map, Scope,
    builder::check_max_workers,
    error::{BuildError, ShutdownError},
    pool::{Pool, stats::Stats},
    scope::Tally,
    submission,
    task::work::{Fallible, Plain},
    time::Limit,
};
use std::{fmt, panic::Location, sync::Arc, time::Duration};

/// A pool of worker threads that run tasks, as Python's `concurrent.futures.ThreadPoolExecutor`.
///
/// A handle: cloning it is cheap and gives another handle to the same pool. Tasks start in the order
/// in which they were submitted. Threads are started when there is work for them and nobody idle,
/// never more than [`max_workers`](Self::max_workers), and stay until the pool ends, or as long as
/// [`keep_alive`](Builder::keep_alive) says; an idle pool uses no CPU.
///
/// **Dropping the last handle waits**, like leaving Python's `with` block: what is queued still runs
/// and the workers are joined. To leave sooner, say so by [`shutdown_with`](Self::shutdown_with). If
/// the last handle is dropped by one of the pool's own workers, in a task or a callback, there is no
/// waiting: the workers finish what is queued and end by themselves.
///
/// The process ends when `main` returns, whatever other threads do. A pool whose last handle never
/// gets dropped, because it lies in a `static` or was leaked, loses what is queued then; call
/// [`shutdown`](Self::shutdown) first.
///
/// A task may wait for other tasks of its own pool, however few workers there are: a worker that
/// waits runs what it waits for. See [waiting](crate::docs::waiting).
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let future = pool.submit(|| 6 * 7);
/// assert_eq!(future.result()?, 42);
/// # Ok::<(), concurrent_futures::TaskError>(())
/// ```
#[derive(Clone)]
pub struct ThreadPoolExecutor {
    handle: Arc<PoolHandle>,
}

/// What all handles of a pool share; workers share only the pool, so this goes with the last handle.
pub(crate) struct PoolHandle {
    pub(crate) pool: Arc<Pool>,
    #[cfg(feature = "profile")]
    pub(crate) recorder: Option<Arc<crate::profile::Recorder>>,
}

impl Drop for PoolHandle {
    fn drop(&mut self) {
        self.pool.close();
        // Refused only on an own worker, and then not waiting is the rule.
        let _ = self.pool.join(Limit::Forever);
        if self.pool.is_inherited() {
            // What is queued belongs to the parent, and the handles of threads name no threads here.
            std::mem::forget(Arc::clone(&self.pool));
        }
    }
}

impl ThreadPoolExecutor {
    /// A pool with the default settings: at most `min(32, cpus + 4)` workers, none started yet.
    ///
    /// `cpus` is what [`std::thread::available_parallelism`] says: the processors that this process
    /// may use, by its affinity and, unlike in Python, by its container's quota.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// assert!((5..=32).contains(&pool.max_workers()));
    /// assert_eq!(pool.worker_count(), 0);
    /// ```
    pub fn new() -> Self {
        Builder::new().build_valid()
    }

    /// Settings other than the default.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder()
    ///     .max_workers(20)
    ///     .thread_name_prefix("download")
    ///     .build()?;
    /// assert_eq!(pool.max_workers(), 20);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn from_parts(parts: PoolHandle) -> Self {
        Self {
            handle: Arc::new(parts),
        }
    }

    /// What keeps the profile.
    #[cfg(feature = "profile")]
    pub(crate) fn recorder(&self) -> Option<&crate::profile::Recorder> {
        self.handle.recorder.as_deref()
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.handle.pool
    }

    /// Queues a task and returns its future at once.
    ///
    /// Never panics. Never blocks either, if the queue has no [capacity](Builder::queue_capacity);
    /// with one, a submit that finds the queue full does as [`WhenFull`](crate::WhenFull) says. If
    /// the pool does not take the task, because it is shut down or broken or cannot get a single
    /// thread, the future is done already and holds the reason
    /// ([`TaskError::Rejected`](crate::TaskError::Rejected),
    /// [`TaskError::Broken`](crate::TaskError::Broken)), and the task has been dropped.
    ///
    /// A small task (captures within 40 bytes, result within 32) needs no allocation of its own, a
    /// larger one needs one.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let name = String::from("disk");
    /// let future = pool.submit(move || name.len());
    /// assert_eq!(future.result().unwrap(), 4);
    /// ```
    #[inline]
    #[track_caller]
    pub fn submit<F, T>(&self, task: F) -> Future<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Future::new(submission::submit(
            self.pool(),
            Plain(task),
            Location::caller(),
        ))
    }

    /// As [`submit`](Self::submit), for a task that can fail: its `Err` is what a raised exception
    /// is in Python, [`TaskError::Failed`](crate::TaskError::Failed).
    ///
    /// ```
    /// # use concurrent_futures::{TaskError, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.try_submit(|| "17".parse::<u8>());
    /// assert_eq!(future.result().unwrap(), 17);
    /// let future = pool.try_submit(|| std::fs::read("no such file"));
    /// assert!(matches!(future.result(), Err(TaskError::Failed(error)) if error.kind() == std::io::ErrorKind::NotFound));
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_submit<F, T, E>(&self, task: F) -> Future<T, E>
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        Future::new(submission::submit(
            self.pool(),
            Fallible(task),
            Location::caller(),
        ))
    }

    /// Runs `f` on each input and gives the results in input order.
    ///
    /// Eager: all inputs are read and all items submitted before this returns, so do not give it
    /// an endless input ([`map_buffered`](Self::map_buffered) is for those), and what the iterator
    /// does not take still runs. On a pool with a [capacity](Builder::queue_capacity) each item takes
    /// room of its own, and reading waits for it; else each item is a task that stands in the queue as if it had been submitted when its input was read, but it costs less:
    /// memory for the larger of input and result, and no allocation of its own. Items may start
    /// while later inputs are still being read. For several inputs use
    /// [`std::iter::zip`]. Iterating blocks for the next result in order; see [`Map`] for time
    /// limits and for what happens to the rest after an error.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let powers = pool.map(std::iter::zip([2_u32, 3, 4, 5], [3, 4, 5, 6]), |(a, b)| a.pow(b));
    /// let powers: Vec<u32> = powers.collect::<Result<_, _>>()?;
    /// assert_eq!(powers, [8, 81, 1024, 15625]);
    /// # Ok::<(), concurrent_futures::MapError>(())
    /// ```
    #[track_caller]
    pub fn map<I, F, R>(&self, inputs: I, f: F) -> Map<R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        Map::of(
            self.pool(),
            inputs,
            move |input| Ok(f(input)),
            Location::caller(),
        )
    }

    /// As [`map`](Self::map), for a function that can fail.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let numbers: Result<Vec<i32>, _> = pool.try_map(["1", "2", "3"], str::parse).collect();
    /// assert_eq!(numbers.unwrap(), [1, 2, 3]);
    /// ```
    #[track_caller]
    pub fn try_map<I, F, R, E>(&self, inputs: I, f: F) -> Map<R, E>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> Result<R, E> + Send + Sync + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        Map::of(self.pool(), inputs, f, Location::caller())
    }

    /// Runs tasks that borrow: every task submitted to the scope has ended when this returns, also
    /// if `f` panics.
    ///
    /// Blocks. Panics and errors of the tasks are in their futures. On a worker of the same pool the
    /// end of the scope runs those that nobody has started; each task costs one allocation more
    /// there.
    ///
    /// # Panics
    ///
    /// If `f` does, after the tasks have ended.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let text = String::from("one two three");
    /// let words: Vec<&str> = pool.scope(|scope| {
    ///     let first = scope.submit(|| text.split(' ').next().unwrap());
    ///     let last = scope.submit(|| text.split(' ').last().unwrap());
    ///     vec![first.result().unwrap(), last.result().unwrap()]
    /// });
    /// assert_eq!(words, ["one", "three"]);
    /// ```
    pub fn scope<'env, F, R>(&self, f: F) -> R
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
    {
        Scope::run(self.pool(), &Tally::new(), f)
    }

    /// Refuses new tasks, runs what is queued, and waits until all workers have ended: Python's
    /// `shutdown()`.
    ///
    /// Blocks. Any number of calls, from any threads; each waits. On a worker of this pool, and in its
    /// thread factory, it does not wait, since that worker cannot end before the call returns; nor does
    /// it in the [child of a fork](crate::docs::hostile_inputs).
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.submit(|| 1);
    /// pool.shutdown();
    /// assert!(future.done());
    /// assert!(pool.submit(|| 2).result().is_err());
    /// ```
    pub fn shutdown(&self) {
        // Refused only on an own worker, as documented.
        let _ = self.shutdown_with(Shutdown::new());
    }

    /// Refuses new tasks, and does with the others as [`Shutdown`] says.
    ///
    /// With `cancel_futures`, the callbacks of what is cancelled run on this thread, in the order of
    /// the queue.
    ///
    /// # Errors
    ///
    /// If the workers have not ended in the time given, or if one of them asks to wait for itself.
    /// The pool is shut down in both cases, and the call can be repeated.
    ///
    /// ```
    /// # use concurrent_futures::{Shutdown, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::builder().max_workers(1).build()?;
    /// let futures: Vec<_> = (0..100).map(|n| pool.submit(move || n)).collect();
    /// pool.shutdown_with(Shutdown::new().cancel_futures())?;
    /// assert!(futures.iter().all(|future| future.done()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown_with(&self, how: Shutdown) -> Result<(), ShutdownError> {
        let pool = self.pool();
        pool.close();
        if how.cancel_futures {
            pool.cancel_queued();
        }
        if how.cancel_running {
            pool.stop_running();
        }
        match how.wait {
            Wait::No => Ok(()),
            Wait::Forever => pool.join(Limit::Forever),
            Wait::AtMost(timeout) => pool.join(Limit::after(timeout)),
        }
    }

    /// Changes the number of workers that there may be, while the pool runs.
    ///
    /// Up: workers for what is queued are started at once, on this thread, the others as they are
    /// needed. Down: idle workers that are too many end now, those first that have been idle
    /// longest; of the busy ones, each ends after its task until no more are left than there may
    /// be. No task is interrupted or lost, and tasks start in their order as before.
    ///
    /// Blocks only as long as threads take to start. Can be called by anybody, also by a task of this
    /// pool.
    ///
    /// # Errors
    ///
    /// If the number is zero, above 65535, or below [`min_workers`](Builder::min_workers). Nothing
    /// has changed then.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().max_workers(4).build()?;
    /// pool.prestart(4);
    /// pool.set_max_workers(1)?;
    /// while pool.worker_count() > 1 {
    ///     std::thread::yield_now();
    /// }
    /// assert_eq!(pool.max_workers(), 1);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn set_max_workers(&self, max_workers: usize) -> Result<(), BuildError> {
        let pool = self.pool();
        check_max_workers(max_workers, pool.min_workers().max(1))?;
        pool.set_max_workers(max_workers);
        Ok(())
    }

    /// Starts workers until there are `workers` of them, or [`max_workers`](Self::max_workers) if
    /// that is less. Gives the number of those that it started.
    ///
    /// So the first tasks find their workers ready and initialised. Blocks as long as the threads
    /// take to start, not for the initializer. If the system refuses a thread, that is logged and no
    /// more are tried; a pool that is shut down starts none.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().max_workers(4).build()?;
    /// assert_eq!(pool.prestart(3), 3);
    /// assert_eq!(pool.prestart(100), 1);
    /// assert_eq!(pool.worker_count(), 4);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn prestart(&self, workers: usize) -> usize {
        self.pool().prestart(workers)
    }

    /// What the pool did and does, in numbers that fit each other; see [`Stats`].
    ///
    /// Never waits for a task. Costs about as much as a few tasks, and a little for each worker and
    /// each map that has items left.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// pool.map(0..100, |n| n).for_each(drop);
    /// assert_eq!(pool.stats().completed, 100);
    /// ```
    pub fn stats(&self) -> Stats {
        self.pool().stats()
    }

    /// The most workers this pool may have: what it was built with, or was last
    /// [set](Self::set_max_workers) to.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().max_workers(500).build()?;
    /// assert_eq!(pool.max_workers(), 500);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn max_workers(&self) -> usize {
        self.pool().max_workers()
    }

    /// How many workers there are now, idle ones and ones that are being started included.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// for n in 0..3 {
    ///     pool.submit(move || n).result()?;
    /// }
    /// assert_eq!(pool.worker_count(), 1);
    /// # Ok::<(), concurrent_futures::TaskError>(())
    /// ```
    pub fn worker_count(&self) -> usize {
        self.pool().worker_count()
    }
}

impl Default for ThreadPoolExecutor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ThreadPoolExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pool = self.pool();
        let state = match (pool.is_broken(), pool.is_closed()) {
            (true, _) => "broken",
            (false, true) => "shut down",
            (false, false) => "open",
        };
        f.debug_struct("ThreadPoolExecutor")
            .field("state", &format_args!("{state}"))
            .field("max_workers", &pool.max_workers())
            .field("workers", &pool.worker_count())
            .field("queued", &pool.queued())
            .finish()
    }
}

/// How to shut a pool down. The default waits for ever and cancels nothing.
///
/// ```
/// use concurrent_futures::{Shutdown, ThreadPoolExecutor};
/// use std::time::Duration;
///
/// let pool = ThreadPoolExecutor::new();
/// // Python's shutdown(wait=False, cancel_futures=True):
/// pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())?;
/// // Again, waiting for three seconds at most; the error would name the workers that still run.
/// pool.shutdown_with(Shutdown::new().timeout(Duration::from_secs(3)))?;
/// # Ok::<(), concurrent_futures::ShutdownError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "give it to `shutdown_with`"]
pub struct Shutdown {
    wait: Wait,
    cancel_futures: bool,
    cancel_running: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wait {
    #[default]
    Forever,
    AtMost(Duration),
    No,
}

impl Shutdown {
    /// Waits for ever, cancels nothing.
    pub const fn new() -> Self {
        Self {
            wait: Wait::Forever,
            cancel_futures: false,
            cancel_running: false,
        }
    }

    /// Returns at once; the workers finish what is queued and end by themselves.
    pub const fn no_wait(mut self) -> Self {
        self.wait = Wait::No;
        self
    }

    /// Waits at most so long. Zero looks once.
    ///
    /// What thread-local destructors of the workers do after their last task is not waited for.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.wait = Wait::AtMost(timeout);
        self
    }

    /// Cancels what is queued. Running tasks go on, as always; their follow-ups are cancelled.
    pub const fn cancel_futures(mut self) -> Self {
        self.cancel_futures = true;
        self
    }

    /// Asks the running tasks to stop, and those that start after that: [`check_cancelled`] fails in
    /// them, and a sleep on [`CancelToken::current`] ends at once. A task that does not ask goes on;
    /// with a [`timeout`](Self::timeout), [`ShutdownError::tasks`] names those that have not stopped.
    ///
    /// What is queued still starts, unless it is [cancelled](Self::cancel_futures).
    ///
    /// [`check_cancelled`]: crate::check_cancelled
    /// [`CancelToken::current`]: crate::CancelToken::current
    ///
    /// ```
    /// # use concurrent_futures::{CancelToken, Shutdown, ThreadPoolExecutor};
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.submit(|| CancelToken::current().sleep(Duration::from_secs(3600)));
    /// pool.shutdown_with(Shutdown::new().cancel_running())?;
    /// assert!(future.result().unwrap().unwrap_err().is_shutdown());
    /// # Ok::<(), concurrent_futures::ShutdownError>(())
    /// ```
    pub const fn cancel_running(mut self) -> Self {
        self.cancel_running = true;
        self
    }
}

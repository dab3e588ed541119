mod initializer;
mod insight;

pub use initializer::InitOutcome;

use crate::{
    ThreadPoolExecutor, Watchdog, WhenFull, WorkerThread,
    error::BuildError,
    executor::PoolHandle,
    observing::Observers,
    pool::{
        Initializer, Pool,
        bound::Bound,
        dressing::Dressing,
        idle::MAX_WORKERS,
        sizing::Sizing,
        threads::{Factory, Threads},
    },
    submission::Capture,
    watchdog::Watch,
};
#[cfg(feature = "metrics")]
use crate::{meters::Meters, pool::presence::Presence};
use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// The settings of a pool; the one place where the defaults are.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder()
///     .max_workers(8)
///     .thread_name_prefix("resize")
///     .stack_size(256 * 1024)
///     .build()?;
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    max_workers: Option<usize>,
    min_workers: usize,
    keep_alive: Option<Duration>,
    adaptive: bool,
    thread_name_prefix: String,
    stack_size: Option<usize>,
    initializer: Option<Box<Initializer>>,
    thread_factory: Option<Box<Factory>>,
    queue_capacity: Option<usize>,
    measure_wait: bool,
    when_full: WhenFull,
    contexts: Vec<Capture>,
    observers: Observers,
    watchdog: Option<Watchdog>,
    #[cfg(feature = "metrics")]
    meters: Vec<Arc<Meters>>,
    #[cfg(feature = "profile")]
    pub(crate) profile: Option<crate::ProfileOptions>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            max_workers: None,
            min_workers: 0,
            keep_alive: None,
            adaptive: false,
            thread_name_prefix: String::new(),
            stack_size: None,
            initializer: None,
            thread_factory: None,
            queue_capacity: None,
            measure_wait: false,
            when_full: WhenFull::default(),
            contexts: Vec::new(),
            observers: Observers::default(),
            watchdog: None,
            #[cfg(feature = "metrics")]
            meters: Vec::new(),
            #[cfg(feature = "profile")]
            profile: None,
        }
    }

    /// The most workers, from 1 to 65535. Default: `min(32, cpus + 4)`.
    ///
    /// For work that waits (network, disks, other programs) tens are usual; for work that computes,
    /// as many as there are processors. Threads are started as they are needed.
    pub fn max_workers(mut self, max_workers: usize) -> Self {
        self.max_workers = Some(max_workers);
        self
    }

    /// How long an idle worker stays before it ends. Default: until the pool ends.
    ///
    /// The worker that worked last is the first to be given work again, so those that a load does not
    /// need stay idle, and go. One that is needed again later is started anew. A worker that has
    /// gone takes its thread-locals with it; a new one runs the
    /// [`initializer`](Self::initializer) first.
    ///
    /// Costs a look at the clock each time a worker goes to sleep. [`Duration::MAX`] means for ever.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    /// use std::time::Duration;
    ///
    /// let pool = ThreadPoolExecutor::builder()
    ///     .max_workers(64)
    ///     .min_workers(1)
    ///     .keep_alive(Duration::from_millis(1))
    ///     .build()?;
    /// pool.map(0..64, |n| n).for_each(drop);
    /// while pool.worker_count() > 1 {
    ///     std::thread::yield_now();
    /// }
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn keep_alive(mut self, time: Duration) -> Self {
        self.keep_alive = Some(time);
        self
    }

    /// So many workers stay however long they are idle, once they are there. Default: none. Only with
    /// [`keep_alive`](Self::keep_alive) do idle workers go at all.
    ///
    /// It starts no worker; [`prestart`](ThreadPoolExecutor::prestart) does.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let builder = ThreadPoolExecutor::builder().max_workers(2).min_workers(3);
    /// let error = builder.build().unwrap_err();
    /// assert_eq!(error.to_string(), "min_workers is 3: it must be from 0 to max_workers, 2");
    /// ```
    pub fn min_workers(mut self, min_workers: usize) -> Self {
        self.min_workers = min_workers;
        self
    }

    /// Lets the pool find out how many workers it needs, from [`min_workers`](Self::min_workers) to
    /// [`max_workers`](Self::max_workers). Default: as many as there may be.
    ///
    /// It begins with as many as there are processors. As long as tasks are queued it measures, some
    /// times a second, how many end and how busy its workers keep the processors. If the
    /// processors have time left, tasks wait for something else, and there may be more workers, up to
    /// twice as many at a time; if that gets no more done, it is taken back, and tried ever more
    /// seldom. If the processors are busy, there may be fewer, as long as that gets as much done.
    /// [`Stats::decisions`](crate::Stats::decisions) says what it did and why, the chapter
    /// [`docs::sizing`](crate::docs::sizing) more.
    ///
    /// Costs a thread, which uses no processor as long as the pool has nothing to do. How busy the
    /// processors are is known on Linux; elsewhere it goes by the number of tasks that end.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    ///
    /// let pool = ThreadPoolExecutor::builder().max_workers(200).adaptive().build()?;
    /// pool.map(0..1000, |n| n * 2).for_each(drop);
    /// assert!(pool.stats().target_workers <= 200);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn adaptive(mut self) -> Self {
        self.adaptive = true;
        self
    }

    /// Workers are named prefix, underscore, number: `download_0`, `download_1`, … An empty prefix
    /// means the default, `ThreadPoolExecutor-N` with a number of the pool's own.
    pub fn thread_name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.thread_name_prefix = prefix.into();
        self
    }

    /// Runs in each worker before its first task, for instance to open a connection that the
    /// worker's tasks find in a thread-local. It returns `()` or a `Result`.
    ///
    /// An `Err` or a panic breaks the pool: it is logged, and what is queued and what is submitted
    /// later ends with [`TaskError::Broken`](crate::TaskError::Broken). Running tasks finish.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    /// use std::cell::RefCell;
    ///
    /// thread_local!(static LOG: RefCell<Vec<&'static str>> = RefCell::default());
    ///
    /// let pool = ThreadPoolExecutor::builder()
    ///     .max_workers(1)
    ///     .initializer(|| LOG.with_borrow_mut(|log| log.push("opened")))
    ///     .build()?;
    /// let log = pool.submit(|| LOG.take());
    /// assert_eq!(log.result().unwrap(), ["opened"]);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn initializer<F, R>(mut self, initializer: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: InitOutcome,
    {
        self.initializer = Some(Box::new(move || initializer().into_result()));
        self
    }

    /// The stack size of the workers in bytes; the system rounds it up to what it needs at least.
    /// Default: that of [`std::thread::Builder`].
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Another way to start threads, for instance with a priority; see [`WorkerThread`].
    ///
    /// It is called by whoever submits the task that needs a worker, or by another worker. If it
    /// answers with an error, or panics, or drops the worker, that is a thread that could not be
    /// started: the tasks stay queued for the workers that live, and fail with
    /// [`TaskError::Rejected`](crate::TaskError::Rejected) if there is none.
    pub fn thread_factory<F>(mut self, factory: F) -> Self
    where
        F: Fn(WorkerThread) -> io::Result<JoinHandle<()>> + Send + Sync + 'static,
    {
        self.thread_factory = Some(Box::new(move |worker| factory(worker).map(Some)));
        self
    }

    /// Bounds the queue: the tasks in it weigh no more than this, from 1 on. A task weighs 1, if
    /// [`TaskBuilder::weight`](crate::TaskBuilder::weight) does not say otherwise. Default: no bound.
    ///
    /// What counts is what waits; a task gives its room back when it starts, or when it is cancelled.
    /// [`when_full`](Self::when_full) says what happens to a submit that finds no room.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    ///
    /// // However fast they come: no more than 100 wait in memory, and `submit` waits for room.
    /// let pool = ThreadPoolExecutor::builder().max_workers(4).queue_capacity(100).build()?;
    /// for line in 0..10_000 {
    ///     pool.submit(move || line * 2);
    /// }
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn queue_capacity(mut self, capacity: usize) -> Self {
        self.queue_capacity = Some(capacity);
        self
    }

    /// What a submit does that finds the queue full. Default: [`WhenFull::Block`]. Without a
    /// [`queue_capacity`](Self::queue_capacity) it means nothing.
    ///
    /// ```
    /// use concurrent_futures::{ThreadPoolExecutor, WhenFull};
    ///
    /// let pool = ThreadPoolExecutor::builder()
    ///     .queue_capacity(1000)
    ///     .when_full(WhenFull::CallerRuns)
    ///     .build()?;
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }

    /// Carries a context from the thread that submits to the task: a tracing span, a locale, a request
    /// id in a thread-local. Costs nothing where it is not used.
    ///
    /// `capture` is called on that thread, for each task, or once for several items of a map. What it
    /// returns is called on the worker, with the task, and has to call it in turn, once, within the
    /// context. If it panics, or does not call it, the task fails with that panic. If `capture` panics,
    /// that is logged, and the task runs without a context. Of several contexts the first is outermost.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    /// use std::cell::Cell;
    ///
    /// thread_local!(static REQUEST: Cell<u32> = const { Cell::new(0) });
    ///
    /// let pool = ThreadPoolExecutor::builder()
    ///     .context(|| {
    ///         let request = REQUEST.get();
    ///         move |task| {
    ///             let before = REQUEST.replace(request);
    ///             task();
    ///             REQUEST.set(before);
    ///         }
    ///     })
    ///     .build()?;
    /// REQUEST.set(7);
    /// assert_eq!(pool.submit(|| REQUEST.get()).result().unwrap(), 7);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn context<F, C>(mut self, capture: F) -> Self
    where
        F: Fn() -> C + Send + Sync + 'static,
        C: Fn(&mut dyn FnMut()) + Send + Sync + 'static,
    {
        self.contexts.push(Capture::new(capture));
        self
    }

    /// Makes the pool. Starts no thread.
    ///
    /// # Errors
    ///
    /// If an argument cannot be used: `max_workers`, `min_workers` or `queue_capacity` out of range, a
    /// NUL in the name prefix.
    pub fn build(self) -> Result<ThreadPoolExecutor, BuildError> {
        let sizing = self.sizing();
        check_max_workers(sizing.max_workers, 1)?;
        if sizing.min_workers > sizing.max_workers {
            return Err(BuildError {
                argument: "min_workers",
                value: sizing.min_workers.to_string(),
                rule: format!("it must be from 0 to max_workers, {}", sizing.max_workers),
            });
        }
        if let Some(capacity) = self.queue_capacity {
            if capacity == 0 || capacity > Bound::MAX_CAPACITY {
                return Err(BuildError {
                    argument: "queue_capacity",
                    value: capacity.to_string(),
                    rule: format!("it must be from 1 to {}", Bound::MAX_CAPACITY),
                });
            }
        }
        if self.thread_name_prefix.contains('\0') {
            return Err(BuildError {
                argument: "thread_name_prefix",
                value: format!("{:?}", self.thread_name_prefix),
                rule: "a thread's name cannot contain a NUL".to_owned(),
            });
        }
        Ok(self.build_valid())
    }

    fn sizing(&self) -> Sizing {
        Sizing {
            min_workers: self.min_workers,
            keep_alive: self.keep_alive,
            is_adaptive: self.adaptive,
            ..Sizing::up_to(self.max_workers.unwrap_or_else(default_workers))
        }
    }

    pub(crate) fn build_valid(self) -> ThreadPoolExecutor {
        let sizing = self.sizing();
        let threads = Threads::new(
            some_or_default(self.thread_name_prefix),
            self.stack_size,
            self.thread_factory,
        );
        let mut dressing = Dressing::default();
        if let Some(capacity) = self.queue_capacity {
            dressing.set_bound(Bound::new(capacity, self.when_full));
        }
        if self.measure_wait {
            dressing.measure_wait();
        }
        dressing.set_contexts(self.contexts);
        let mut observers = self.observers;
        let watch = self.watchdog.map(|watchdog| {
            let watch = Watch::new(watchdog);
            observers.add(Arc::clone(&watch));
            watch
        });
        #[cfg(feature = "profile")]
        let recorder = self.profile.map(|options| {
            let recorder = Arc::new(crate::profile::Recorder::new(options));
            observers.add(Arc::clone(&recorder));
            recorder
        });
        if !observers.is_empty() {
            dressing.set_observers(observers);
        }
        dressing.set_watch(watch);
        #[cfg(feature = "metrics")]
        dressing.set_presence(Presence::of(self.meters));
        let pool = Pool::new(sizing, threads, self.initializer, dressing);
        ThreadPoolExecutor::from_parts(PoolHandle {
            pool,
            #[cfg(feature = "profile")]
            recorder,
        })
    }
}

/// Whether a pool whose `min_workers` is this may have so many.
pub(crate) fn check_max_workers(max_workers: usize, least: usize) -> Result<(), BuildError> {
    if (least..=MAX_WORKERS).contains(&max_workers) {
        return Ok(());
    }
    Err(BuildError {
        argument: "max_workers",
        value: max_workers.to_string(),
        rule: format!("it must be from {least} to {MAX_WORKERS}"),
    })
}

fn default_workers() -> usize {
    let cpus = thread::available_parallelism().map_or(1, usize::from);
    32.min(cpus + 4)
}

fn some_or_default(prefix: String) -> String {
    static POOLS: AtomicUsize = AtomicUsize::new(0);
    if prefix.is_empty() {
        format!("ThreadPoolExecutor-{}", POOLS.fetch_add(1, Relaxed))
    } else {
        prefix
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("max_workers", &self.max_workers)
            .field("min_workers", &self.min_workers)
            .field("keep_alive", &self.keep_alive)
            .field("adaptive", &self.adaptive)
            .field("thread_name_prefix", &self.thread_name_prefix)
            .field("stack_size", &self.stack_size)
            .field("initializer", &self.initializer.is_some())
            .field("thread_factory", &self.thread_factory.is_some())
            .field("queue_capacity", &self.queue_capacity)
            .field("measure_wait", &self.measure_wait)
            .field("when_full", &self.when_full)
            .field("contexts", &self.contexts.len())
            .field("observers", &self.observers.len())
            .field("watchdog", &self.watchdog)
            .finish_non_exhaustive()
    }
}

//! Who is told what the pool does.

use super::Builder;
#[cfg(feature = "metrics")]
use crate::meters::Meters;
use crate::{Observer, Watchdog};
#[cfg(feature = "metrics")]
use std::sync::Arc;

impl Builder {
    /// Tells the recorder of the [`metrics`](::metrics) facade what the pool does, under the label
    /// `pool="name"`. Needs the feature `metrics`.
    ///
    /// | metric | kind | |
    /// |---|---|---|
    /// | `concurrent_futures_workers` | gauge | workers |
    /// | `concurrent_futures_workers_idle` | gauge | those that sleep because there is no task |
    /// | `concurrent_futures_tasks_queued` | gauge | tasks that have not started, those that wait for room in a bounded queue included |
    /// | `concurrent_futures_tasks_running` | gauge | tasks that run |
    /// | `concurrent_futures_tasks_submitted_total` | counter | tasks that came; all others together |
    /// | `concurrent_futures_tasks_completed_total` | counter | tasks that ended with a value |
    /// | `concurrent_futures_tasks_failed_total` | counter | with an error or a panic, or that could not run |
    /// | `concurrent_futures_tasks_cancelled_total` | counter | that were cancelled before they ran |
    /// | `concurrent_futures_tasks_rejected_total` | counter | that were not taken: shut down, or queue full |
    /// | `concurrent_futures_task_queue_wait_seconds` | histogram | from submit to start |
    /// | `concurrent_futures_task_run_seconds` | histogram | from start to end |
    /// | `concurrent_futures_task_cpu_seconds` | histogram | the processor time of that |
    ///
    /// They are exact at every moment: each is told when it happens, and a task that has ended is counted
    /// before its result can be seen. Pools of the same name add up. Install the recorder before the
    /// pool is built; without one, nothing is kept. It is an [`observer`](Self::observer), with what
    /// that costs, and what the recorder takes for three histograms a task.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    /// use metrics_exporter_prometheus::PrometheusBuilder;
    ///
    /// let exporter = PrometheusBuilder::new().install_recorder()?;
    /// let pool = ThreadPoolExecutor::builder().metrics("resize").build()?;
    /// pool.map(0..10, |n| n * n).for_each(drop);
    /// let page = exporter.render();
    /// assert!(page.contains(r#"concurrent_futures_tasks_completed_total{pool="resize"} 10"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "metrics")]
    pub fn metrics(mut self, pool: &str) -> Self {
        let meters = Meters::of(pool);
        self.meters.push(Arc::clone(&meters));
        self.observer(meters)
    }

    /// Gives each task a [span](tracing::Span) that lies in the one in which it was submitted. Needs the
    /// feature `tracing`.
    ///
    /// The span is named `task`, has the target `concurrent_futures`, the level `INFO`, and the fields
    /// `task.name`, if the task [has a name](crate::TaskBuilder::name), and `worker`. It begins when the
    /// task begins and ends with it; the span where it was submitted stays open until then. What the
    /// task records goes to the subscriber of the thread that submitted it.
    ///
    /// It is a [`context`](Self::context), and costs two allocations for each task, and what the
    /// subscriber takes.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    ///
    /// tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    /// let pool = ThreadPoolExecutor::builder().tracing().build()?;
    /// let request = tracing::info_span!("request", id = 7);
    /// let answer = request.in_scope(|| {
    ///     pool.task().name("look up").submit(|| {
    ///         // INFO request{id=7}:task{task.name="look up" worker="ThreadPoolExecutor-0_0"}: found
    ///         tracing::info!("found");
    ///         42
    ///     })
    /// });
    /// assert_eq!(answer.result().unwrap(), 42);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    #[cfg(feature = "tracing")]
    pub fn tracing(mut self) -> Self {
        self.contexts.push(crate::spans::capture());
        self
    }

    /// Measures how long tasks wait for a worker, for [`Stats::longest_wait`](crate::Stats::longest_wait).
    /// Default: it does not.
    ///
    /// Costs two looks at the clock and an allocation for each task, and `map` submits its items one by
    /// one.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().max_workers(1).measure_wait().build()?;
    /// pool.submit(|| ()).result().unwrap();
    /// assert!(pool.stats().longest_wait.is_some());
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn measure_wait(mut self) -> Self {
        self.measure_wait = true;
        self
    }

    /// Tells an observer what becomes of each task: that it was submitted, that it begins, how it has
    /// ended, with how long it has waited, run and used a processor; see [`Observer`]. Default: none. Of
    /// several, each is told, in the order in which they were given.
    ///
    /// Costs three looks at the clock, an allocation and the observer's own time for each task, now and then
    /// a look at the clock of the thread, and `map` submits its items one by one. An observer that is to be
    /// asked later is given as an [`Arc`].
    ///
    /// ```
    /// use concurrent_futures::{FinishedTask, Observer, ThreadPoolExecutor};
    /// use std::sync::{Arc, Mutex};
    /// use std::time::Duration;
    ///
    /// #[derive(Default)]
    /// struct CpuTime(Mutex<Duration>);
    ///
    /// impl Observer for CpuTime {
    ///     fn finished(&self, task: &FinishedTask<'_>) {
    ///         if let Some(run) = &task.run {
    ///             *self.0.lock().unwrap() += run.cpu;
    ///         }
    ///     }
    /// }
    ///
    /// let cpu_time = Arc::new(CpuTime::default());
    /// let pool = ThreadPoolExecutor::builder().observer(Arc::clone(&cpu_time)).build()?;
    /// pool.map(0..100, |n| (0..n * 1000).sum::<u64>()).for_each(drop);
    /// assert!(*cpu_time.0.lock().unwrap() > Duration::ZERO);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Watches the pool for tasks that run too long, a queue that does not move, and workers that all wait;
    /// see [`Watchdog`]. Default: it does not.
    ///
    /// Costs what an [`observer`](Self::observer) costs, and a thread that sleeps as long as nothing is due.
    ///
    /// ```
    /// use concurrent_futures::{ThreadPoolExecutor, Watchdog};
    /// use std::time::Duration;
    ///
    /// let watchdog = Watchdog::new().task_limit(Duration::from_secs(10));
    /// let pool = ThreadPoolExecutor::builder().watchdog(watchdog).build()?;
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn watchdog(mut self, watchdog: Watchdog) -> Self {
        self.watchdog = Some(watchdog);
        self
    }
}

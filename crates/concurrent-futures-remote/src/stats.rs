use concurrent_futures::{
    TaskError,
    remote::{CallError, Run},
};
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// What an [`Executor`](crate::Executor) has started, and what has become of it.
///
/// Times are those that the workers have measured, so they are the same whoever asks. Of calls that ran
/// elsewhere for another executor nothing is here.
///
/// ```
/// use concurrent_futures_remote::{Executor, Registry, Task};
///
/// static DOUBLE: Task<u64, u64> = Task::new("double@1");
/// let executor = Executor::local_with(2, Registry::new().add(&DOUBLE, |n| 2 * n));
/// assert_eq!(executor.map(&DOUBLE, 0..10).count(), 10);
/// let stats = executor.stats();
/// assert_eq!((stats.submitted, stats.completed, stats.pending()), (10, 10, 0));
/// println!("{stats}");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that were started, and attached to.
    pub submitted: u64,
    /// Of them, those that gave a value.
    pub completed: u64,
    /// Those that failed or panicked where they ran, and those whose workers died.
    pub failed: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
    /// Those that the backend did not take, or lost sight of.
    pub refused: u64,
    /// How often a worker died of a call, or was silent for too long, and another one had to have it.
    pub redelivered: u64,
    /// How long those that ran had been queued, together.
    pub queue_wait: Duration,
    /// The longest of that.
    pub longest_queue_wait: Duration,
    /// How long they ran, together.
    pub run_time: Duration,
    /// The longest of that.
    pub longest_run_time: Duration,
}

impl Stats {
    /// How many have not ended.
    ///
    /// ```
    /// # use concurrent_futures_remote::{Executor, Registry};
    /// assert_eq!(Executor::local_with(1, Registry::new()).stats().pending(), 0);
    /// ```
    pub fn pending(&self) -> u64 {
        let ended = self.completed + self.failed + self.cancelled + self.refused;
        self.submitted.saturating_sub(ended)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ran = u32::try_from(self.completed + self.failed).unwrap_or(u32::MAX);
        let mean = |all: Duration| all.checked_div(ran).unwrap_or_default();
        write!(
            f,
            "{} calls: {} pending, {} completed, {} failed, {} cancelled, {} refused, {} redelivered; \
             queue wait {:.1?} (longest {:.1?}), run time {:.1?} (longest {:.1?})",
            self.submitted,
            self.pending(),
            self.completed,
            self.failed,
            self.cancelled,
            self.refused,
            self.redelivered,
            mean(self.queue_wait),
            self.longest_queue_wait,
            mean(self.run_time),
            self.longest_run_time,
        )
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    submitted: AtomicU64,
    completed: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    refused: AtomicU64,
    redelivered: AtomicU64,
    queue_wait: Sum,
    run_time: Sum,
}

/// Of times, in nanoseconds.
#[derive(Debug, Default)]
struct Sum {
    all: AtomicU64,
    longest: AtomicU64,
}

impl Sum {
    fn add(&self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.all.fetch_add(time, Relaxed);
        self.longest.fetch_max(time, Relaxed);
    }

    fn read(&self) -> (Duration, Duration) {
        let time = |nanos: &AtomicU64| Duration::from_nanos(nanos.load(Relaxed));
        (time(&self.all), time(&self.longest))
    }
}

impl Tally {
    pub(crate) fn submit(&self) {
        self.submitted.fetch_add(1, Relaxed);
    }

    pub(crate) fn end<T>(&self, outcome: Result<&T, &TaskError<CallError>>) {
        let ended = match outcome {
            Ok(_) => &self.completed,
            Err(TaskError::Cancelled) => &self.cancelled,
            Err(TaskError::Panicked(_)) => &self.failed,
            Err(TaskError::Failed(error)) => match error {
                CallError::Task(_)
                | CallError::UnknownTask(_)
                | CallError::Codec(_)
                | CallError::BrokenWorker { .. } => &self.failed,
                _ => &self.refused,
            },
            Err(_) => &self.refused,
        };
        ended.fetch_add(1, Relaxed);
    }

    pub(crate) fn ran(&self, run: &Run) {
        self.redelivered
            .fetch_add(u64::from(run.attempt.saturating_sub(1)), Relaxed);
        self.queue_wait.add(run.queue_wait);
        self.run_time.add(run.time);
    }

    pub(crate) fn read(&self) -> Stats {
        // What has ended is read first, so that never more has ended than was submitted.
        let read = |count: &AtomicU64| count.load(Relaxed);
        let (queue_wait, longest_queue_wait) = self.queue_wait.read();
        let (run_time, longest_run_time) = self.run_time.read();
        Stats {
            completed: read(&self.completed),
            failed: read(&self.failed),
            cancelled: read(&self.cancelled),
            refused: read(&self.refused),
            submitted: read(&self.submitted),
            redelivered: read(&self.redelivered),
            queue_wait,
            longest_queue_wait,
            run_time,
            longest_run_time,
        }
    }
}

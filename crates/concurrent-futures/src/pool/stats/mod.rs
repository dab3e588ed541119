//! What a pool says about itself.

mod table;

use super::{Pool, adaptive::Decision};
use std::time::Duration;

/// What a pool did and does, at one moment: a snapshot from
/// [`stats`](crate::ThreadPoolExecutor::stats).
///
/// The numbers fit each other, also under load: `submitted` is always the sum of `queued`, `running`,
/// `completed`, `failed` and `cancelled`. An item of a map counts as a task. So does a follow-up
/// ([`then`](crate::Future::then)), which counts as queued from the moment it is asked for.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder().max_workers(1).build()?;
/// pool.submit(|| ()).result()?;
/// pool.try_submit(|| "no number".parse::<u8>()).exception();
/// let stats = pool.stats();
/// assert_eq!((stats.submitted, stats.completed, stats.failed), (2, 1, 1));
/// assert_eq!((stats.queued, stats.running), (0, 0));
/// assert_eq!(stats.workers, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The most workers there may be.
    pub max_workers: usize,
    /// How many there may be now: in an [adaptive](crate::Builder::adaptive) pool what it has found to be
    /// right, else the same.
    pub target_workers: usize,
    /// How many there are, those that are being started included.
    pub workers: usize,
    /// How many of them have nothing to do.
    pub idle: usize,
    /// Tasks that were taken, ever.
    pub submitted: u64,
    /// Tasks that have not started.
    pub queued: u64,
    /// Tasks that run now. There may be more than workers: a task that waits for another one may run it
    /// in its place.
    pub running: u64,
    /// Tasks that have ended with a value.
    pub completed: u64,
    /// Tasks that have ended with an error or a panic, or, without having run, because the pool broke,
    /// could not get a thread, or [discarded](crate::WhenFull::DiscardOldest) them.
    pub failed: u64,
    /// Tasks that were cancelled before they started.
    pub cancelled: u64,
    /// Tasks that were not taken: the pool was shut down or broken, or its queue was full, also if they
    /// were only [offered](crate::ThreadPoolExecutor::offer). They do not count as submitted.
    pub rejected: u64,
    /// The longest time that a task has waited until now, from its submit to its start by a worker.
    /// `None` without [`measure_wait`](crate::Builder::measure_wait).
    pub longest_wait: Option<Duration>,
    /// The last changes that an adaptive pool has made, oldest first; else none.
    pub decisions: Vec<Decision>,
}

impl Pool {
    pub(crate) fn stats(&self) -> Stats {
        let source = self.queue.source();
        let census = &source.census;
        // Ended first, see `census`.
        let tombstones = source.tombstones.cancelled();
        let mut begun = census.begun();
        begun.cancelled += tombstones;
        let came = census.came(|| self.queue.pushed() + self.backlog.items());
        // Who has taken the runner of a map from the queue counts as running until it has seen that there is
        // no item left.
        let ended = begun.begun() - begun.running;
        begun.running = begun.running.min(came.saturating_sub(ended));
        let queued = came.saturating_sub(begun.begun());
        let crew = self.idle.crew();
        Stats {
            max_workers: self.max_workers(),
            target_workers: self.idle.quota.allowed(),
            workers: crew.workers,
            idle: crew.idle,
            submitted: queued + begun.begun(),
            queued,
            running: begun.running,
            completed: begun.completed,
            failed: begun.failed,
            cancelled: begun.cancelled,
            rejected: begun.rejected,
            longest_wait: self.measures_wait().then_some(begun.longest_wait),
            decisions: self
                .adaptive
                .as_ref()
                .map_or_else(Vec::new, |adaptive| adaptive.decisions()),
        }
    }
}

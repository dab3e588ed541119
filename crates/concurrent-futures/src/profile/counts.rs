use crate::TaskOutcome;

/// How many tasks a profile knows of, and what became of them.
///
/// They fit each other in every snapshot: `submitted` is the sum of all others.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder().profile().build()?;
/// pool.submit(|| ()).result()?;
/// pool.try_submit(|| "no number".parse::<u8>()).exception();
/// let counts = pool.profile().expect("asked for above").counts();
/// assert_eq!((counts.submitted, counts.completed, counts.failed), (2, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// All of them.
    pub submitted: u64,
    /// Those that wait to run.
    pub queued: u64,
    /// Those that run.
    pub running: u64,
    /// Those that ended with a value.
    pub completed: u64,
    /// Those that ended with an error of their own.
    pub failed: u64,
    /// Those that ended with a panic.
    pub panicked: u64,
    /// Those that were cancelled before they ran.
    pub cancelled: u64,
    /// Those whose deadline was over before they ran.
    pub deadline_exceeded: u64,
    /// Those that the pool did not take.
    pub rejected: u64,
    /// Those that gave their place in a full queue to a newer one.
    pub discarded: u64,
    /// Those that ended because the pool broke.
    pub broken: u64,
}

impl Counts {
    /// All that have ended, with their names.
    pub(super) fn ended(&self) -> [(TaskOutcome, u64); 8] {
        [
            (TaskOutcome::Completed, self.completed),
            (TaskOutcome::Failed, self.failed),
            (TaskOutcome::Panicked, self.panicked),
            (TaskOutcome::Cancelled, self.cancelled),
            (TaskOutcome::DeadlineExceeded, self.deadline_exceeded),
            (TaskOutcome::Rejected, self.rejected),
            (TaskOutcome::Discarded, self.discarded),
            (TaskOutcome::Broken, self.broken),
        ]
    }

    pub(super) fn add(&mut self, outcome: TaskOutcome, tasks: u64) {
        let count = match outcome {
            TaskOutcome::Completed => &mut self.completed,
            TaskOutcome::Failed => &mut self.failed,
            TaskOutcome::Panicked => &mut self.panicked,
            TaskOutcome::Cancelled => &mut self.cancelled,
            TaskOutcome::DeadlineExceeded => &mut self.deadline_exceeded,
            TaskOutcome::Rejected => &mut self.rejected,
            TaskOutcome::Discarded => &mut self.discarded,
            TaskOutcome::Broken => &mut self.broken,
        };
        *count += tasks;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.submitted += other.submitted;
        for (outcome, tasks) in other.ended() {
            self.add(outcome, tasks);
        }
    }

    /// What runs is known, and what is queued is the rest.
    pub(super) fn with_running(mut self, running: usize) -> Self {
        let ended: u64 = self.ended().iter().map(|(_, tasks)| tasks).sum();
        self.running = running as u64;
        self.queued = self.submitted.saturating_sub(ended + self.running);
        self
    }
}

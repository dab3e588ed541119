use std::time::Duration;

/// What a profile keeps; see [`Builder::profile_with`](crate::Builder::profile_with).
///
/// ```
/// use concurrent_futures::{ProfileOptions, ThreadPoolExecutor};
/// use std::time::Duration;
///
/// let options = ProfileOptions::new().max_tasks(10_000).wait_wish(Duration::from_millis(100));
/// let pool = ThreadPoolExecutor::builder().profile_with(options).build()?;
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing by themselves"]
pub struct ProfileOptions {
    pub(super) max_tasks: usize,
    pub(super) slowest: usize,
    pub(super) wait_wish: Duration,
}

impl ProfileOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            max_tasks: 200_000,
            slowest: 20,
            wait_wish: Duration::from_secs(1),
        }
    }

    /// The most tasks that are kept one by one, for the timeline and the exports. Default: 200,000.
    ///
    /// All others are in the sums, shares, histograms and series, which need the same memory however many
    /// tasks there are. If more than so many end, an even sample of the whole run is kept, between half of
    /// the number and all of it: every second task, then every fourth, and so on. A kept task takes about
    /// 100 bytes, and its name.
    ///
    /// ```
    /// use concurrent_futures::{ProfileOptions, ThreadPoolExecutor};
    ///
    /// let options = ProfileOptions::new().max_tasks(100);
    /// let pool = ThreadPoolExecutor::builder().profile_with(options).build()?;
    /// pool.map(0..1000, |n| n).for_each(drop);
    /// let profile = pool.profile().expect("asked for above");
    /// assert_eq!(profile.counts().completed, 1000);
    /// assert!((20..=100).contains(&profile.tasks().len()));
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn max_tasks(mut self, tasks: usize) -> Self {
        self.max_tasks = tasks;
        self
    }

    /// How many of the slowest tasks are listed. Default: 20.
    ///
    /// ```
    /// # use concurrent_futures::ProfileOptions;
    /// let options = ProfileOptions::new().slowest(100);
    /// ```
    pub fn slowest(mut self, tasks: usize) -> Self {
        self.slowest = tasks;
        self
    }

    /// The wait that 99 of 100 tasks are to stay below, for the advice about the queue. Default: 1 s.
    /// [`Profile::queue_bound_for`](crate::Profile::queue_bound_for) answers for any other.
    ///
    /// ```
    /// # use concurrent_futures::ProfileOptions;
    /// let options = ProfileOptions::new().wait_wish(std::time::Duration::from_millis(50));
    /// ```
    pub fn wait_wish(mut self, wait: Duration) -> Self {
        self.wait_wish = wait;
        self
    }
}

impl Default for ProfileOptions {
    fn default() -> Self {
        Self::new()
    }
}

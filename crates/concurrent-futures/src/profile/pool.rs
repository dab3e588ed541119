//! How a pool is told to keep a profile, and asked for it.

use super::{Profile, ProfileOptions};
use crate::{Builder, ThreadPoolExecutor};

impl Builder {
    /// Keeps a profile: counts, times and shares of all tasks, and the tasks themselves; see
    /// [`ThreadPoolExecutor::profile`]. Default: none.
    ///
    /// Costs about a tenth of a microsecond for each task besides what an [`observer`](Self::observer)
    /// costs, and memory that does not grow without limit, by [`ProfileOptions`] that are the default.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    ///
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// pool.map(0..100, |n| n * n).for_each(drop);
    /// println!("{}", pool.profile().expect("asked for above"));
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn profile(self) -> Self {
        self.profile_with(ProfileOptions::new())
    }

    /// As [`profile`](Self::profile), with other options.
    ///
    /// ```
    /// use concurrent_futures::{ProfileOptions, ThreadPoolExecutor};
    ///
    /// let options = ProfileOptions::new().max_tasks(1000);
    /// let pool = ThreadPoolExecutor::builder().profile_with(options).build()?;
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn profile_with(mut self, options: ProfileOptions) -> Self {
        self.profile = Some(options);
        self
    }
}

impl ThreadPoolExecutor {
    /// What the pool has done until now, if it was [told](Builder::profile) to keep a profile.
    ///
    /// It may be asked at any time, as often as one likes. It waits for no task; with 200,000 tasks kept it
    /// takes some milliseconds, and a worker that begins or ends a task meanwhile waits for a part of them.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    ///
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// let future = pool.submit(|| 1);
    /// let early = pool.profile().expect("asked for above");
    /// assert_eq!(early.counts().submitted, 1);
    /// assert_eq!(future.result().unwrap(), 1);
    /// let late = pool.profile().expect("asked for above");
    /// assert_eq!(late.counts().completed, 1);
    ///
    /// assert!(ThreadPoolExecutor::new().profile().is_none());
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn profile(&self) -> Option<Profile> {
        let recorder = self.recorder()?;
        let pool = self.pool();
        Some(Profile::of(
            recorder,
            pool.name().into(),
            pool.max_workers(),
        ))
    }
}

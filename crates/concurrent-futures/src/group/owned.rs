use super::{GroupBuilder, GroupPolicy, members::Members};
use crate::{
    CancelToken, Future,
    submission::submit_dressed,
    task::work::{Fallible, Plain},
};
use std::{convert::Infallible, fmt, panic::Location, sync::Arc};

/// A group of tasks that can be kept and moved; from [`GroupBuilder::open`].
///
/// **Dropping it stops it**: what is queued is cancelled, what runs is asked to stop, and nobody
/// waits. To wait, [`join`](Self::join).
///
/// ```
/// use concurrent_futures::{FailFast, TaskGroup, ThreadPoolExecutor};
///
/// struct Download {
///     parts: TaskGroup<Vec<u8>, std::io::Error>,
/// }
///
/// let pool = ThreadPoolExecutor::new();
/// let download = Download { parts: pool.group(FailFast).open() };
/// for part in 0..3 {
///     download.parts.try_submit(move || Ok(vec![part; 10]));
/// }
/// let bytes: Vec<u8> = download.parts.join()?.concat();
/// assert_eq!(bytes.len(), 30);
/// # Ok::<(), concurrent_futures::GroupError<std::io::Error>>(())
/// ```
pub struct TaskGroup<T, E = Infallible, P = super::FailFast> {
    members: Arc<Members<T, E>>,
    policy: P,
    joined: bool,
}

impl<P: GroupPolicy> GroupBuilder<'_, P> {
    /// Begins a group whose tasks own what they need.
    ///
    /// ```
    /// # use concurrent_futures::{CollectAll, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new();
    /// let group = pool.group(CollectAll).open();
    /// group.submit(|| 1);
    /// assert_eq!(group.join()[0].as_ref().unwrap(), &1);
    /// ```
    pub fn open<T, E>(self) -> TaskGroup<T, E, P> {
        TaskGroup {
            members: self.members(),
            policy: self.policy,
            joined: false,
        }
    }
}

impl<T, E, P> TaskGroup<T, E, P> {
    /// The token that all tasks of the group are given.
    ///
    /// ```
    /// # use concurrent_futures::{FailFast, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new();
    /// let group = pool.group(FailFast).open::<(), &str>();
    /// let token = group.token().clone();
    /// group.try_submit(|| Err("broken"));
    /// token.wait();
    /// assert!(group.join().is_err());
    /// ```
    pub fn token(&self) -> &CancelToken {
        self.members.token()
    }

    /// Asks the group's tasks to stop, and cancels those that are queued.
    ///
    /// ```
    /// # use concurrent_futures::{CollectAll, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new();
    /// let group = pool.group(CollectAll).open::<i32, ()>();
    /// group.cancel();
    /// group.try_submit(|| Ok(1));
    /// assert!(group.join()[0].as_ref().unwrap_err().is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.members.stop();
    }
}

impl<T, E, P> TaskGroup<T, E, P>
where
    T: Send + 'static,
    E: Send + 'static,
    P: GroupPolicy,
{
    /// Queues a task of the group that can fail.
    ///
    /// As [`ThreadPoolExecutor::try_submit`](crate::ThreadPoolExecutor::try_submit), but its outcome is the
    /// group's. If the group has no need of it any more, the task is dropped.
    #[track_caller]
    pub fn try_submit<F>(&self, task: F)
    where
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        let pool = self.members.pool();
        let site = Location::caller();
        self.members.add(Fallible(task), site, |work, extras| {
            Future::new(submit_dressed(pool, work, 1, extras, site))
        });
    }

    /// Waits until all tasks have ended, and gives what the policy says.
    ///
    /// Blocks. On a worker of the same pool it runs tasks of the group itself that have not started.
    ///
    /// ```
    /// # use concurrent_futures::{FirstSuccess, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new();
    /// let group = pool.group(FirstSuccess).open();
    /// group.try_submit(|| Err("not here"));
    /// group.try_submit(|| Ok("found"));
    /// assert_eq!(group.join().unwrap(), "found");
    /// ```
    pub fn join(mut self) -> P::Output<T, E> {
        self.members.wait();
        self.joined = true;
        let (outcomes, decisive) = self.members.outcomes();
        self.policy.conclude(outcomes, decisive)
    }
}

impl<T, P> TaskGroup<T, Infallible, P>
where
    T: Send + 'static,
    P: GroupPolicy,
{
    /// Queues a task of the group.
    ///
    /// As [`ThreadPoolExecutor::submit`](crate::ThreadPoolExecutor::submit), but its outcome is the
    /// group's. If the group has no need of it any more, the task is dropped.
    #[track_caller]
    pub fn submit<F>(&self, task: F)
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let pool = self.members.pool();
        let site = Location::caller();
        self.members.add(Plain(task), site, |work, extras| {
            Future::new(submit_dressed(pool, work, 1, extras, site))
        });
    }
}

/// After a [`join`](TaskGroup::join) there is nothing left to be stopped: what its tasks have submitted
/// elsewhere, and not waited for, goes on.
impl<T, E, P> Drop for TaskGroup<T, E, P> {
    fn drop(&mut self) {
        if !self.joined {
            self.members.stop();
        }
    }
}

impl<T, E, P: fmt::Debug> fmt::Debug for TaskGroup<T, E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("policy", &self.policy)
            .field("submitted", &self.members.len())
            .field("token", self.members.token())
            .finish_non_exhaustive()
    }
}

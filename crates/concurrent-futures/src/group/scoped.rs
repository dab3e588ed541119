use super::{GroupBuilder, GroupPolicy, members::Members};
use crate::{
    Scope,
    scope::Tally,
    task::work::{Fallible, Plain},
    unwind::catch,
};
use std::{convert::Infallible, fmt, panic::Location, sync::Arc};

/// Where tasks of a group are submitted that may borrow; see [`GroupBuilder::scope`].
///
/// A handle: a clone of it can be moved into a task of the group, which then can submit more.
///
/// ```
/// use concurrent_futures::{FailFast, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new();
/// let pages = pool.group(FailFast).scope(|group| {
///     let more = group.clone();
///     group.submit(move || {
///         more.submit(|| "the second page");
///         "the first page"
///     });
/// });
/// assert_eq!(pages.unwrap(), ["the first page", "the second page"]);
/// ```
pub struct Group<'scope, 'env, T, E = Infallible> {
    scope: &'scope Scope<'scope, 'env>,
    members: Arc<Members<T, E>>,
}

impl<P: GroupPolicy> GroupBuilder<'_, P> {
    /// Begins a group whose tasks may borrow, lets `f` submit them, waits until all have ended, and
    /// gives what the policy says.
    ///
    /// `f` runs on this thread with the group's token as the ambient one, so it can ask by
    /// [`check_cancelled`](crate::check_cancelled) whether there is still need of more.
    ///
    /// Blocks. On a worker of the same pool it runs tasks of the group itself that have not started.
    ///
    /// # Panics
    ///
    /// If `f` does, after the tasks have been stopped and have ended.
    ///
    /// ```
    /// # use concurrent_futures::{FailFast, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new();
    /// let text = String::from("one two three");
    /// let lengths = pool.group(FailFast).scope(|group| {
    ///     for word in text.split(' ') {
    ///         group.submit(|| word.len());
    ///     }
    /// });
    /// assert_eq!(lengths.unwrap(), [3, 3, 5]);
    /// ```
    pub fn scope<'env, T, E, F>(self, f: F) -> P::Output<T, E>
    where
        T: 'env,
        E: 'env,
        F: for<'scope> FnOnce(&Group<'scope, 'env, T, E>),
    {
        let members = self.members();
        Scope::run(self.pool, &Tally::new(), |scope| {
            let group = Group {
                scope,
                members: Arc::clone(&members),
            };
            let body = catch(|| members.token().enter(|| f(&group)));
            if let Err(panic) = body {
                members.stop();
                panic.resume();
            }
            // On a worker of the pool the scope's own end is the better wait.
            if !members.pool().is_own_worker() {
                members.wait();
            }
        });
        let (outcomes, decisive) = members.outcomes();
        self.policy.conclude(outcomes, decisive)
    }
}

impl<'scope, T, E> Group<'scope, '_, T, E>
where
    T: Send + 'scope,
    E: Send + 'scope,
{
    /// Queues a task of the group that can fail.
    ///
    /// As [`Scope::try_submit`], but its outcome is the group's. If the group has no need of it any
    /// more, the task is dropped.
    #[track_caller]
    pub fn try_submit<F>(&self, task: F)
    where
        F: FnOnce() -> Result<T, E> + Send + 'scope,
    {
        let scope = self.scope;
        let site = Location::caller();
        self.members.add(Fallible(task), site, |work, extras| {
            scope.submit_with(work, extras, site)
        });
    }

    /// Asks the group's tasks to stop, and cancels those that are queued.
    ///
    /// ```
    /// # use concurrent_futures::{CollectAll, ThreadPoolExecutor, check_cancelled};
    /// let pool = ThreadPoolExecutor::new();
    /// let outcomes = pool.group(CollectAll).scope(|group| {
    ///     group.try_submit(|| -> Result<(), _> {
    ///         loop {
    ///             check_cancelled()?;
    ///         }
    ///     });
    ///     group.cancel();
    /// });
    /// # let _: &Result<(), concurrent_futures::TaskError<concurrent_futures::Cancelled>> = &outcomes[0];
    /// assert!(outcomes[0].is_err());
    /// ```
    pub fn cancel(&self) {
        self.members.stop();
    }
}

impl<'scope, T: Send + 'scope> Group<'scope, '_, T> {
    /// Queues a task of the group.
    ///
    /// As [`Scope::submit`], but its outcome is the group's. If the group has no need of it any more,
    /// the task is dropped.
    #[track_caller]
    pub fn submit<F>(&self, task: F)
    where
        F: FnOnce() -> T + Send + 'scope,
    {
        let scope = self.scope;
        let site = Location::caller();
        self.members.add(Plain(task), site, |work, extras| {
            scope.submit_with(work, extras, site)
        });
    }
}

impl<T, E> Clone for Group<'_, '_, T, E> {
    fn clone(&self) -> Self {
        Self {
            scope: self.scope,
            members: Arc::clone(&self.members),
        }
    }
}

impl<T, E> fmt::Debug for Group<'_, '_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("submitted", &self.members.len())
            .field("token", self.members.token())
            .finish_non_exhaustive()
    }
}

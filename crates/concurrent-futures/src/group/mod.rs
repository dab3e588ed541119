//! Tasks that belong together: they are waited for together, and one of them may end the work of all.
//!
//! - [`policy`]: what a group does when one of its tasks has ended, and what it gives in the end.
//! - [`members`]: the tasks of a group, and how they are stopped and waited for.
//! - [`scoped`]: the form for tasks that borrow. [`owned`]: the form that can be kept and moved.
//!
//! # The law
//!
//! - A group has a token, given to each of its tasks. The end that decides (the first error of a
//!   group that fails fast, the first value of one that wants only one) cancels it.
//! - Whoever cancels it by the end of a task then cancels the tasks that are still queued, at once.
//!   If it is cancelled from elsewhere, or its deadline passes, the thread that waits for the group
//!   does so; if none waits yet, they end when their turn comes.
//! - A group that is waited for has ended when all of its tasks have, stopped ones included: nothing
//!   of it goes on in the background.
//! - What it gives depends on the outcomes alone, in the order of the submits; the decisive task is
//!   the first one in time.

mod members;
mod owned;
mod policy;
mod scoped;

pub use owned::TaskGroup;
pub use policy::{CollectAll, FailFast, FirstSuccess, GroupPolicy};
pub use scoped::Group;

use crate::{CancelToken, ThreadPoolExecutor, pool::Pool, time::deadline_from, token::ambient};
use members::Members;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

impl ThreadPoolExecutor {
    /// Tasks that are waited for together, and of which one may end the work of all: with
    /// [`FailFast`], [`CollectAll`] or [`FirstSuccess`].
    ///
    /// ```
    /// use concurrent_futures::{FailFast, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new();
    /// let texts = ["1", "2", "x", "4"].map(String::from);
    /// let numbers = pool.group(FailFast).scope(|group| {
    ///     for text in &texts {
    ///         group.try_submit(|| text.parse::<i32>());
    ///     }
    /// });
    /// let error = numbers.unwrap_err();
    /// assert_eq!(error.index(), 2);
    /// assert_eq!(error.to_string(), "task 2: invalid digit found in string");
    /// ```
    pub fn group<P: GroupPolicy>(&self, policy: P) -> GroupBuilder<'_, P> {
        GroupBuilder {
            pool: self.pool(),
            policy,
            token: None,
            deadline: None,
        }
    }
}

/// A group that is about to begin; from [`ThreadPoolExecutor::group`].
///
/// ```
/// use concurrent_futures::{CollectAll, ThreadPoolExecutor};
/// use std::time::Duration;
///
/// let pool = ThreadPoolExecutor::new();
/// let outcomes = pool.group(CollectAll).timeout(Duration::from_secs(60)).scope(|group| {
///     group.submit(|| 1);
///     group.submit(|| 2);
/// });
/// let sum: i32 = outcomes.into_iter().flatten().sum();
/// assert_eq!(sum, 3);
/// ```
#[must_use = "no group begins until `scope` or `open`"]
pub struct GroupBuilder<'a, P> {
    pool: &'a Arc<Pool>,
    policy: P,
    token: Option<CancelToken>,
    deadline: Option<Instant>,
}

impl<P: GroupPolicy> GroupBuilder<'_, P> {
    /// The group's token is a child of this one, instead of the one of the task at hand.
    ///
    /// ```
    /// # use concurrent_futures::{CancelToken, CollectAll, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new();
    /// let token = CancelToken::new();
    /// token.cancel();
    /// let outcomes = pool.group(CollectAll).token(&token).scope(|group| group.submit(|| 1));
    /// assert!(outcomes[0].as_ref().unwrap_err().is_cancelled());
    /// ```
    pub fn token(mut self, token: &CancelToken) -> Self {
        self.token = Some(token.clone());
        self
    }

    /// Gives the group so much time from now on. Then what is queued ends with
    /// [`TaskError::DeadlineExceeded`](crate::TaskError::DeadlineExceeded), and what runs is asked to
    /// stop. [`Duration::MAX`] is no limit.
    ///
    /// The group is waited for all the same: until its running tasks have stopped.
    ///
    /// ```
    /// # use concurrent_futures::{CancelToken, FailFast, ThreadPoolExecutor};
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let group = pool.group(FailFast).timeout(Duration::from_millis(1));
    /// let slept = group.scope(|group| {
    ///     group.try_submit(|| CancelToken::current().sleep(Duration::from_secs(3600)));
    /// });
    /// assert!(slept.is_err());
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.deadline = deadline_from(Instant::now(), timeout);
        self
    }

    /// As [`timeout`](Self::timeout), until this moment.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    fn members<T, E>(&self) -> Arc<Members<T, E>> {
        let parent = self.token.clone().or_else(ambient::inherited);
        let token = CancelToken::below(parent.as_ref(), self.deadline);
        Members::new(Arc::clone(self.pool), self.policy.rule(), token)
    }
}

impl<P: fmt::Debug> fmt::Debug for GroupBuilder<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupBuilder")
            .field("policy", &self.policy)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

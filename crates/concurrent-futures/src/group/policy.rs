use crate::{
    error::{GroupError, NoSuccess, TaskError},
    unwind::drop_contained,
};
use std::fmt;

/// What a group does when one of its tasks has ended, and what it gives in the end: [`FailFast`],
/// [`CollectAll`] or [`FirstSuccess`]. The trait is sealed.
pub trait GroupPolicy: sealed::Policy + Copy + fmt::Debug {
    /// What the group gives.
    type Output<T, E>;

    #[doc(hidden)]
    fn conclude<T, E>(
        self,
        outcomes: Vec<Result<T, TaskError<E>>>,
        decisive: Option<usize>,
    ) -> Self::Output<T, E>;
}

/// When a group has no need of its other tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    AfterError,
    AfterValue,
    Never,
}

mod sealed {
    pub trait Policy {
        fn rule(&self) -> super::Rule;
    }
}

pub(super) use sealed::Policy;

/// The first error, or panic, ends the group: the other tasks are cancelled or asked to stop, and it
/// is what the group gives. Without one, it gives all values, in the order of the submits.
///
/// That a task was cancelled is no error of its own; but if nothing else went wrong, it is why the
/// group has not all values.
///
/// ```
/// use concurrent_futures::{CancelToken, FailFast, ThreadPoolExecutor};
/// use std::time::Duration;
///
/// let pool = ThreadPoolExecutor::new();
/// let result = pool.group(FailFast).scope(|group| {
///     group.try_submit(|| Err::<(), _>("no such host"));
///     group.try_submit(|| {
///         // Woken by the other one's error.
///         CancelToken::current().sleep(Duration::from_secs(3600)).map_err(|_| "stopped")
///     });
/// });
/// assert_eq!(result.unwrap_err().to_string(), "task 0: no such host");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailFast;

/// No task ends another one: the group gives all outcomes, in the order of the submits.
///
/// ```
/// use concurrent_futures::{CollectAll, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new();
/// let outcomes = pool.group(CollectAll).scope(|group| {
///     for text in ["1", "x", "3"] {
///         group.try_submit(|| text.parse::<i32>());
///     }
/// });
/// assert!(outcomes[1].is_err());
/// assert_eq!(outcomes.into_iter().flatten().sum::<i32>(), 4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CollectAll;

/// The first value ends the group: the other tasks are cancelled or asked to stop, and it is what the
/// group gives. If no task gives a value, it gives all errors.
///
/// ```
/// use concurrent_futures::{CancelToken, FirstSuccess, ThreadPoolExecutor};
/// use std::time::Duration;
///
/// let pool = ThreadPoolExecutor::new();
/// let fastest = pool.group(FirstSuccess).scope(|group| {
///     group.try_submit(|| Err("mirror 1 is down"));
///     group.try_submit(|| Ok("mirror 2"));
///     group.try_submit(|| {
///         let slow = CancelToken::current().sleep(Duration::from_secs(3600));
///         slow.map(|()| "mirror 3").map_err(|_| "mirror 3 was too slow")
///     });
/// });
/// assert_eq!(fastest.unwrap(), "mirror 2");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstSuccess;

impl Policy for FailFast {
    fn rule(&self) -> Rule {
        Rule::AfterError
    }
}

impl GroupPolicy for FailFast {
    type Output<T, E> = Result<Vec<T>, GroupError<E>>;

    fn conclude<T, E>(
        self,
        outcomes: Vec<Result<T, TaskError<E>>>,
        decisive: Option<usize>,
    ) -> Self::Output<T, E> {
        let mut values = Vec::with_capacity(outcomes.len());
        let mut first: Option<GroupError<E>> = None;
        for (index, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(value) => values.push(value),
                Err(error) => {
                    let better = first.as_ref().is_none_or(|first| {
                        decisive == Some(index)
                            || decisive != Some(first.index())
                                && first.task_error().is_cancelled()
                                && !error.is_cancelled()
                    });
                    let other = if better {
                        first.replace(GroupError::new(index, error))
                    } else {
                        Some(GroupError::new(index, error))
                    };
                    drop_contained(UNTAKEN, other);
                }
            }
        }
        let Some(error) = first else {
            return Ok(values);
        };
        drop_each_contained(values);
        Err(error)
    }
}

impl Policy for CollectAll {
    fn rule(&self) -> Rule {
        Rule::Never
    }
}

impl GroupPolicy for CollectAll {
    type Output<T, E> = Vec<Result<T, TaskError<E>>>;

    fn conclude<T, E>(
        self,
        outcomes: Vec<Result<T, TaskError<E>>>,
        _: Option<usize>,
    ) -> Self::Output<T, E> {
        outcomes
    }
}

impl Policy for FirstSuccess {
    fn rule(&self) -> Rule {
        Rule::AfterValue
    }
}

impl GroupPolicy for FirstSuccess {
    type Output<T, E> = Result<T, NoSuccess<E>>;

    fn conclude<T, E>(
        self,
        outcomes: Vec<Result<T, TaskError<E>>>,
        decisive: Option<usize>,
    ) -> Self::Output<T, E> {
        let mut errors = Vec::new();
        let mut first = None;
        for (index, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(value) if first.is_none() || decisive == Some(index) => {
                    drop_contained(UNTAKEN, first.replace(value));
                }
                Ok(value) => drop_contained(UNTAKEN, value),
                Err(error) => errors.push(error),
            }
        }
        let Some(value) = first else {
            return Err(NoSuccess::new(errors));
        };
        drop_each_contained(errors);
        Ok(value)
    }
}

const UNTAKEN: &str = "an outcome that its group has no need of";

/// What the group does not give is the tasks' own, and may panic as it goes.
fn drop_each_contained<V>(outcomes: Vec<V>) {
    for outcome in outcomes {
        drop_contained(UNTAKEN, outcome);
    }
}

use super::TaskError;
use crate::Future;
use std::{convert::Infallible, error::Error, fmt};

/// The time was over first. Nothing has changed: the task goes on.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
/// use std::{sync::mpsc, time::Duration};
///
/// let pool = ThreadPoolExecutor::new();
/// let (release, gate) = mpsc::channel::<()>();
/// let future = pool.submit(move || gate.recv());
/// assert_eq!(
///     future.exception_timeout(Duration::ZERO).unwrap_err().to_string(),
///     "the task did not finish in time"
/// );
/// # drop(release);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task did not finish in time")
    }
}

impl Error for TimedOut {}

/// Why [`Future::result_timeout`] gave no value: the time was over, or the task failed.
///
/// ```
/// use concurrent_futures::{ResultTimeoutError, ThreadPoolExecutor};
/// use std::{sync::mpsc, time::Duration};
///
/// let pool = ThreadPoolExecutor::new();
/// let (release, gate) = mpsc::channel();
/// let future = pool.submit(move || gate.recv().unwrap());
/// match future.result_timeout(Duration::from_millis(1)) {
///     Err(ResultTimeoutError::TimedOut(future)) => {
///         release.send("late").unwrap();
///         assert_eq!(future.result().unwrap(), "late");
///     }
///     _ => unreachable!(),
/// }
/// ```
#[non_exhaustive]
pub enum ResultTimeoutError<T, E = Infallible> {
    /// The task has not finished; here is its future again.
    TimedOut(Future<T, E>),
    /// The task ended without a value.
    Task(TaskError<E>),
}

impl<T, E> ResultTimeoutError<T, E> {
    /// Whether the time was over first.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut(_))
    }

    /// The future, if the time was over first.
    pub fn into_future(self) -> Option<Future<T, E>> {
        match self {
            Self::TimedOut(future) => Some(future),
            Self::Task(_) => None,
        }
    }

    /// The task's error, if it ended with one.
    pub fn into_task_error(self) -> Option<TaskError<E>> {
        match self {
            Self::Task(error) => Some(error),
            Self::TimedOut(_) => None,
        }
    }
}

impl<T, E: fmt::Debug> fmt::Debug for ResultTimeoutError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(future) => f.debug_tuple("TimedOut").field(future).finish(),
            Self::Task(error) => f.debug_tuple("Task").field(error).finish(),
        }
    }
}

impl<T, E: fmt::Display> fmt::Display for ResultTimeoutError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(_) => TimedOut.fmt(f),
            Self::Task(error) => error.fmt(f),
        }
    }
}

impl<T, E: fmt::Debug + fmt::Display> Error for ResultTimeoutError<T, E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TimedOut(_) => None,
            Self::Task(error) => error.source(),
        }
    }
}

/// Why an iteration over [`map`](crate::ThreadPoolExecutor::map) ended early, and at which item.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let numbers: Result<Vec<i32>, _> = pool.try_map(["1", "two", "3"], str::parse).collect();
/// let error = numbers.unwrap_err();
/// assert_eq!(error.index(), 1);
/// assert_eq!(error.to_string(), "item 1: invalid digit found in string");
/// ```
#[derive(Debug)]
pub struct MapError<E = Infallible> {
    index: usize,
    // None: the time was over.
    cause: Option<TaskError<E>>,
}

impl<E> MapError<E> {
    pub(crate) fn timed_out(index: usize) -> Self {
        Self { index, cause: None }
    }

    pub(crate) fn task(index: usize, error: TaskError<E>) -> Self {
        Self {
            index,
            cause: Some(error),
        }
    }

    /// Which item, counted from 0 in input order.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether the iteration's time was over before this item was ready.
    pub fn is_timeout(&self) -> bool {
        self.cause.is_none()
    }

    /// The task's error, unless the time was over.
    pub fn task_error(&self) -> Option<&TaskError<E>> {
        self.cause.as_ref()
    }

    /// The task's error, unless the time was over.
    pub fn into_task_error(self) -> Option<TaskError<E>> {
        self.cause
    }
}

impl<E: fmt::Display> fmt::Display for MapError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = self.index;
        match &self.cause {
            Some(error) => write!(f, "item {index}: {error}"),
            None => write!(f, "item {index}: not ready in time"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for MapError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().and_then(Error::source)
    }
}

/// The time of [`as_completed`](crate::as_completed) was over with futures unfinished.
///
/// ```
/// use concurrent_futures::{ThreadPoolExecutor, as_completed};
/// use std::{sync::mpsc, time::Duration};
///
/// let pool = ThreadPoolExecutor::new();
/// let (release, gate) = mpsc::channel::<()>();
/// let slow = pool.submit(move || drop(gate.recv()));
/// let mut futures = as_completed([slow]).timeout(Duration::from_millis(1));
/// let error = futures.next().unwrap().unwrap_err();
/// assert_eq!(error.to_string(), "1 (of 1) futures unfinished");
/// # drop(release);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsCompletedError {
    pub(crate) unfinished: usize,
    pub(crate) total: usize,
}

impl AsCompletedError {
    /// How many futures had not finished.
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// How many futures were waited for in all.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl fmt::Display for AsCompletedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unfinished, total } = self;
        write!(f, "{unfinished} (of {total}) futures unfinished")
    }
}

impl Error for AsCompletedError {}

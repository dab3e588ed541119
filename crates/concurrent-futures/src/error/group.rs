use super::TaskError;
use std::{convert::Infallible, error::Error, fmt};

/// What ended a group that [fails fast](crate::FailFast): the first error, and which task's it is.
///
/// ```
/// use concurrent_futures::{FailFast, TaskError, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new();
/// let group = pool.group(FailFast);
/// let error = group.scope(|group| group.try_submit(|| Err::<(), _>("broken"))).unwrap_err();
/// assert_eq!(error.index(), 0);
/// assert!(matches!(error.into_task_error(), TaskError::Failed("broken")));
/// ```
#[derive(Debug)]
pub struct GroupError<E = Infallible> {
    index: usize,
    error: TaskError<E>,
}

impl<E> GroupError<E> {
    pub(crate) fn new(index: usize, error: TaskError<E>) -> Self {
        Self { index, error }
    }

    /// Which task, counted from 0 in the order of the submits.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Why it gave no value.
    pub fn task_error(&self) -> &TaskError<E> {
        &self.error
    }

    /// Why it gave no value.
    pub fn into_task_error(self) -> TaskError<E> {
        self.error
    }
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}: {}", self.index, self.error)
    }
}

impl<E: fmt::Debug + fmt::Display> Error for GroupError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// No task of a group gave a value, and [one was wanted](crate::FirstSuccess): all errors, in the order
/// of the submits. None if the group had no task.
///
/// ```
/// use concurrent_futures::{FirstSuccess, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new();
/// let nothing = pool.group(FirstSuccess).scope(|group| {
///     for mirror in 1..=3 {
///         group.try_submit(move || Err::<(), _>(format!("mirror {mirror} is down")));
///     }
/// });
/// let error = nothing.unwrap_err();
/// assert_eq!(error.errors().len(), 3);
/// assert_eq!(error.to_string(), "none of 3 tasks succeeded; the first: mirror 1 is down");
/// ```
#[derive(Debug)]
pub struct NoSuccess<E = Infallible> {
    errors: Vec<TaskError<E>>,
}

impl<E> NoSuccess<E> {
    pub(crate) fn new(errors: Vec<TaskError<E>>) -> Self {
        Self { errors }
    }

    /// Why each task gave no value.
    pub fn errors(&self) -> &[TaskError<E>] {
        &self.errors
    }

    /// Why each task gave no value.
    pub fn into_errors(self) -> Vec<TaskError<E>> {
        self.errors
    }
}

impl<E: fmt::Display> fmt::Display for NoSuccess<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.errors[..] {
            [] => f.write_str("no task was submitted that could have succeeded"),
            [only] => only.fmt(f),
            [first, ..] => {
                let count = self.errors.len();
                write!(f, "none of {count} tasks succeeded; the first: {first}")
            }
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for NoSuccess<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.errors.first().and_then(Error::source)
    }
}

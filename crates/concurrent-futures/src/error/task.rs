use super::{BrokenThreadPool, Deadlock, Panic, Rejected};
use std::{convert::Infallible, error::Error, fmt};

/// Why a future holds no value.
///
/// `E` is the error type of the task itself; tasks given to `submit` have none, so their `E` is
/// [`Infallible`] and the compiler knows that `Failed` cannot occur.
///
/// It implements [`Error`] for every `E` that can be shown, so also for `String` and
/// `Box<dyn Error + Send + Sync>`. Its text for `Failed` is that of `E`: as in Python, `result()`
/// raises the task's own exception. The error itself is in the variant.
///
/// ```
/// use concurrent_futures::{TaskError, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new();
/// let error = pool.try_submit(|| "x7".parse::<i32>()).result().unwrap_err();
/// match error {
///     TaskError::Failed(parse_error) => println!("no number: {parse_error}"),
///     TaskError::Panicked(panic) => panic.resume(),
///     other => println!("it did not run: {other}"),
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum TaskError<E = Infallible> {
    /// The task returned this `Err`.
    Failed(E),
    /// The task panicked.
    Panicked(Panic),
    /// The task was cancelled before it started.
    Cancelled,
    /// The task's deadline had passed before it could start.
    DeadlineExceeded,
    /// The pool's initializer failed before the task could start.
    Broken(BrokenThreadPool),
    /// The pool did not take the task.
    Rejected(Rejected),
    /// Waiting for the task would never have ended. What became of the task itself is not known.
    Deadlock(Deadlock),
}

impl<E> TaskError<E> {
    /// The task was cancelled before it started.
    ///
    /// ```
    /// # use concurrent_futures::TaskError;
    /// assert!(TaskError::<String>::Cancelled.is_cancelled());
    /// ```
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// The task's deadline had passed before it could start.
    ///
    /// ```
    /// # use concurrent_futures::TaskError;
    /// assert!(TaskError::<String>::DeadlineExceeded.is_deadline_exceeded());
    /// ```
    pub fn is_deadline_exceeded(&self) -> bool {
        matches!(self, Self::DeadlineExceeded)
    }

    /// The task panicked.
    ///
    /// ```
    /// # use concurrent_futures::TaskError;
    /// assert!(!TaskError::<String>::Cancelled.is_panic());
    /// ```
    pub fn is_panic(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }

    /// The task's own error, if that is what ended it.
    ///
    /// ```
    /// # use concurrent_futures::TaskError;
    /// assert_eq!(TaskError::Failed("no such file").into_failure(), Some("no such file"));
    /// ```
    pub fn into_failure(self) -> Option<E> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for TaskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Panicked(panic) => write!(f, "the task panicked: {panic}"),
            Self::Cancelled => f.write_str("the task was cancelled before it started"),
            Self::DeadlineExceeded => {
                f.write_str("the deadline of the task had passed before it could start")
            }
            Self::Broken(error) => error.fmt(f),
            Self::Rejected(error) => error.fmt(f),
            Self::Deadlock(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for TaskError<E> {
    /// The panic, or what broke or refused the task. The task's own error has no bound that
    /// would let it be a source; it is the variant's content.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Panicked(panic) => Some(panic),
            // Their own text is this error's text already, so the chain goes on below them.
            Self::Broken(error) => error.source(),
            Self::Rejected(error) => error.source(),
            Self::Failed(_) | Self::Cancelled | Self::DeadlineExceeded | Self::Deadlock(_) => None,
        }
    }
}

use std::{error::Error, fmt};

/// The work at hand is asked to stop: what [`CancelToken::check`](crate::CancelToken::check) and
/// [`check_cancelled`](crate::check_cancelled) answer.
///
/// A task that returns it is a task that failed with it: nobody but the task can say whether what it
/// had done by then is worth something.
///
/// ```
/// use concurrent_futures::{CancelToken, Cancelled};
///
/// fn count(limit: u64, token: &CancelToken) -> Result<u64, Cancelled> {
///     for n in 0..limit {
///         token.check()?;
/// #       if n == 10 { token.cancel(); }
///         // … a piece of work …
///     }
///     Ok(limit)
/// }
///
/// let error = count(100, &CancelToken::new()).unwrap_err();
/// assert_eq!(error.to_string(), "asked to stop");
/// assert!(!error.is_deadline() && !error.is_shutdown());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    cause: Cause,
}

/// Why work is to stop. The codes are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Requested = 1,
    Deadline = 2,
    Shutdown = 3,
}

impl Cause {
    pub(crate) fn of_code(code: u32) -> Self {
        match code {
            2 => Self::Deadline,
            3 => Self::Shutdown,
            _ => Self::Requested,
        }
    }
}

impl From<Cause> for Cancelled {
    fn from(cause: Cause) -> Self {
        Self { cause }
    }
}

impl Cancelled {
    /// A deadline has passed.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// # use std::time::Duration;
    /// let token = CancelToken::new().with_timeout(Duration::ZERO);
    /// assert!(token.check().unwrap_err().is_deadline());
    /// ```
    pub fn is_deadline(&self) -> bool {
        self.cause == Cause::Deadline
    }

    /// The pool is shut down, and asks its running tasks to stop: see
    /// [`Shutdown::cancel_running`](crate::Shutdown::cancel_running).
    pub fn is_shutdown(&self) -> bool {
        self.cause == Cause::Shutdown
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            Cause::Requested => "asked to stop",
            Cause::Deadline => "the deadline has passed",
            Cause::Shutdown => "asked to stop, because the pool is shut down",
        })
    }
}

impl Error for Cancelled {}

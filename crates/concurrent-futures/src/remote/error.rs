use std::{error::Error, fmt, time::Duration};

/// Why a call gave no value, other than by a panic or a cancellation.
///
/// In a future it is inside [`TaskError::Failed`](crate::TaskError::Failed).
///
/// ```
/// use concurrent_futures::remote::CallError;
///
/// let error = CallError::TooLarge { size: 2_000_000, limit: 1_048_576 };
/// assert_eq!(error.to_string(), "2000000 bytes are more than a message may have, which is 1048576");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The task returned an error, which has this text. It was not run again.
    Task(String),
    /// No task of this name is registered where the call was to run.
    UnknownTask(String),
    /// Arguments or result could not be written or read.
    Codec(String),
    /// So many workers have died of the call, or were silent for too long while they ran it.
    BrokenWorker {
        /// How many.
        deaths: u32,
    },
    /// The queue takes no more calls. This one does not run.
    QueueFull,
    /// Arguments or result are larger than what the backend carries.
    TooLarge {
        /// How many bytes they have.
        size: usize,
        /// How many they may have.
        limit: usize,
    },
    /// The backend could not be reached within this time. Whether the call runs is not known.
    Unavailable {
        /// How long it was tried.
        after: Duration,
        /// What came of it.
        reason: String,
    },
    /// The backend refused what it was asked for, or whom, or is not one to be trusted; it will not be otherwise
    /// the next time.
    Refused(String),
    /// There is no call of this id, or its result is not kept any more.
    UnknownCall(String),
    /// Nobody knows what has become of the call.
    Lost,
    /// The executor was closed before there was a result. The call may still run.
    Closed,
}

impl CallError {
    /// Whether the same call may succeed if it is made again later, and does no harm then: it did not run.
    ///
    /// ```
    /// # use concurrent_futures::remote::CallError;
    /// assert!(CallError::QueueFull.is_retryable());
    /// assert!(!CallError::Task("no such file".to_owned()).is_retryable());
    /// ```
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::QueueFull)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(message) | Self::Codec(message) => f.write_str(message),
            Self::UnknownTask(name) => {
                write!(
                    f,
                    "no task {name:?} is registered where the call was to run"
                )
            }
            Self::BrokenWorker { deaths } => write!(
                f,
                "{deaths} workers died of the call, or were silent for longer than its lease"
            ),
            Self::QueueFull => f.write_str("the queue is full; submit more slowly"),
            Self::TooLarge { size, limit } => write!(
                f,
                "{size} bytes are more than a message may have, which is {limit}"
            ),
            Self::Unavailable { after, reason } => {
                write!(
                    f,
                    "the server could not be reached within {after:?}: {reason}"
                )
            }
            Self::Refused(reason) => write!(f, "refused: {reason}"),
            Self::UnknownCall(id) => write!(
                f,
                "there is no call {id}, or its result is not kept any more"
            ),
            Self::Lost => f.write_str("nobody knows what has become of the call"),
            Self::Closed => f.write_str("the executor was closed before there was a result"),
        }
    }
}

impl Error for CallError {}

//! The ways in which a task ends.

use concurrent_futures::{TaskError, TaskOutcome};

use crate::tally::Event;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Result,
    Error,
    Panic,
    Cancelled,
    Late,
    Broken,
    Rejected,
    /// A wait was said to close a circle. No wait of a program does.
    Deadlock,
}

impl Ending {
    pub(crate) const ALL: [Self; 8] = [
        Self::Result,
        Self::Error,
        Self::Panic,
        Self::Cancelled,
        Self::Late,
        Self::Broken,
        Self::Rejected,
        Self::Deadlock,
    ];

    pub(crate) fn bit(self) -> u8 {
        1 << self as u8
    }

    pub(crate) fn of<T, E>(outcome: Result<&T, &TaskError<E>>) -> Self {
        match outcome {
            Ok(_) => Self::Result,
            Err(TaskError::Failed(_)) => Self::Error,
            Err(TaskError::Panicked(_)) => Self::Panic,
            Err(TaskError::Cancelled) => Self::Cancelled,
            Err(TaskError::DeadlineExceeded) => Self::Late,
            Err(TaskError::Broken(_)) => Self::Broken,
            Err(TaskError::Rejected(_)) => Self::Rejected,
            Err(TaskError::Deadlock(_)) => Self::Deadlock,
            Err(_) => unreachable!("a kind of ending that the ledger does not know"),
        }
    }

    /// What an observer calls it.
    pub(crate) fn told(outcome: TaskOutcome) -> Self {
        match outcome {
            TaskOutcome::Completed => Self::Result,
            TaskOutcome::Failed => Self::Error,
            TaskOutcome::Panicked => Self::Panic,
            TaskOutcome::Cancelled => Self::Cancelled,
            TaskOutcome::DeadlineExceeded => Self::Late,
            TaskOutcome::Broken => Self::Broken,
            TaskOutcome::Rejected | TaskOutcome::Discarded => Self::Rejected,
            _ => unreachable!("a kind of outcome that the ledger does not know"),
        }
    }

    /// Whether only a task that ran ends so, or one that follows such a task.
    pub(crate) fn needs_a_run(self) -> bool {
        matches!(self, Self::Result | Self::Error | Self::Panic)
    }

    pub(crate) fn event(self) -> Event {
        match self {
            Self::Result => Event::EndedResult,
            Self::Error => Event::EndedError,
            Self::Panic => Event::EndedPanic,
            Self::Cancelled => Event::EndedCancelled,
            Self::Late => Event::EndedLate,
            Self::Broken => Event::EndedBroken,
            Self::Rejected | Self::Deadlock => Event::EndedRejected,
        }
    }
}

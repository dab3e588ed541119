//! The five states of a future, by their names in Python.
//!
//! ```text
//! PENDING ──► RUNNING ──► FINISHED
//!    └──────► CANCELLED ──► CANCELLED_AND_NOTIFIED
//! ```
//!
//! `wait` and `as_completed` count a future as done in the last state of each line. A task of a pool
//! goes to the last state at once when it is cancelled; the one before exists for futures that were
//! made by hand, whose owner must call `set_running_or_notify_cancel`.

use pyo3::{Bound, Python, intern, types::PyString};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    Pending,
    Running,
    Cancelled,
    Notified,
    Finished,
}

impl Phase {
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Cancelled,
        Self::Notified,
        Self::Finished,
    ];

    pub(crate) fn from_u8(number: u8) -> Self {
        Self::ALL[usize::from(number)]
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.text() == name)
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Cancelled => "CANCELLED",
            Self::Notified => "CANCELLED_AND_NOTIFIED",
            Self::Finished => "FINISHED",
        }
    }

    pub(crate) fn name(self, py: Python<'_>) -> &Bound<'_, PyString> {
        match self {
            Self::Pending => intern!(py, "PENDING"),
            Self::Running => intern!(py, "RUNNING"),
            Self::Cancelled => intern!(py, "CANCELLED"),
            Self::Notified => intern!(py, "CANCELLED_AND_NOTIFIED"),
            Self::Finished => intern!(py, "FINISHED"),
        }
    }

    /// Makes the names, once. That detaches for a moment, and the child of a fork in that moment would
    /// wait for them for ever; so it is done before there are other threads.
    pub(crate) fn load_names(py: Python<'_>) {
        for phase in Self::ALL {
            phase.name(py);
        }
    }

    /// The word that `repr` uses.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Cancelled | Self::Notified => "cancelled",
            Self::Finished => "finished",
        }
    }

    pub(crate) fn is_done(self) -> bool {
        self as u8 >= Self::Cancelled as u8
    }

    pub(crate) fn is_cancelled(self) -> bool {
        matches!(self, Self::Cancelled | Self::Notified)
    }

    /// Whether `wait` and `as_completed` count it as done.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Notified | Self::Finished)
    }
}

//! How often each kind of event happened.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! events {
    ($($event:ident = $label:literal,)*) => {
        #[derive(Debug, Clone, Copy)]
        pub(super) enum Event { $($event,)* }

        const LABELS: &[&str] = &[$($label,)*];
    };
}

events! {
    Round = "rounds",
    PoolBuilt = "pools built",
    PoolShutDown = "pools shut down",
    PoolDropped = "pool handles dropped",
    Submit = "submit calls",
    TrySubmit = "try_submit calls",
    MapItem = "map items",
    ScopeTask = "scope tasks",
    FollowUp = "then calls",
    Nested = "tasks submitted by tasks",
    FromCallback = "tasks submitted by callbacks",
    Refused = "tasks refused",
    Accepted = "tasks accepted",
    EndedResult = "ended with a result",
    EndedError = "ended with an error",
    EndedPanic = "ended with a panic",
    EndedCancelled = "ended cancelled",
    EndedBroken = "ended by a broken pool",
    EndedRejected = "ended rejected",
    Unread = "endings nobody asked for",
    ResultRead = "results read",
    TimedRead = "timed reads",
    TimedOut = "timed reads that expired",
    SharedRead = "shared reads",
    Awaited = "futures awaited",
    DroppedUnread = "futures dropped unread",
    CancelWon = "cancels that won",
    CancelLost = "cancels that lost",
    Callback = "callbacks",
    CallbackPanic = "callbacks that panicked",
    Wait = "waits",
    TimedWait = "timed waits",
    AsCompleted = "as_completed iterations",
    AsCompletedLeft = "as_completed left half-way",
    MapLeft = "maps left half-way",
    MapUnread = "maps never read",
}

#[derive(Debug)]
pub(super) struct Tally([AtomicU64; LABELS.len()]);

impl Tally {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    pub(super) fn count(&self, event: Event) {
        self.0[event as usize].fetch_add(1, Relaxed);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label_width = LABELS.iter().map(|label| label.len()).max().unwrap_or(0);
        for (label, count) in LABELS.iter().zip(&self.0) {
            writeln!(f, "{label:<label_width$}  {:>12}", count.load(Relaxed))?;
        }
        Ok(())
    }
}

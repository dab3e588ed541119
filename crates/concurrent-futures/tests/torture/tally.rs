//! How often each kind of event happened.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! events {
    ($($event:ident = $label:literal,)*) => {
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Event { $($event,)* }

        const LABELS: &[&str] = &[$($label,)*];
    };
}

events! {
    Round = "rounds",
    PoolBuilt = "pools built",
    PoolShutDown = "pools shut down",
    Resized = "set_max_workers calls",
    Prestarted = "prestart calls",
    StatsRead = "stats read",
    PoolDropped = "pool handles dropped",
    Submit = "submit calls",
    TrySubmit = "try_submit calls",
    MapItem = "map items",
    ScopeTask = "scope tasks",
    GroupTask = "group tasks",
    FollowUp = "then calls",
    Offer = "offers",
    OfferRefused = "offers refused",
    Weighed = "tasks with a weight",
    Named = "tasks with a name",
    Stoppable = "tasks with a token or deadline",
    Nested = "tasks submitted by tasks",
    NestedWait = "waits inside tasks",
    NestedOwn = "waits inside tasks, own pool",
    Blocking = "blocking calls",
    FromCallback = "tasks submitted by callbacks",
    Refused = "tasks refused",
    Accepted = "tasks accepted",
    EndedResult = "ended with a result",
    EndedError = "ended with an error",
    EndedPanic = "ended with a panic",
    EndedCancelled = "ended cancelled",
    EndedLate = "ended by a deadline",
    EndedBroken = "ended by a broken pool",
    EndedRejected = "ended rejected",
    Unread = "endings nobody asked for",
    ResultRead = "results read",
    TimedRead = "timed reads",
    TimedOut = "timed reads that expired",
    SharedRead = "shared reads",
    Awaited = "futures awaited",
    Observed = "endings an observer heard of",
    DroppedElsewhere = "drops on another thread",
    Carried = "futures read by other tasks",
    DroppedUnread = "futures dropped unread",
    CancelWon = "cancels that won",
    CancelLost = "cancels that lost",
    CancelAsked = "requests to cancel",
    TokenMade = "tokens made",
    TokenCancelled = "tokens cancelled",
    OnCancel = "on_cancel callbacks",
    Checked = "tasks that asked whether to stop",
    Stopping = "tasks that were asked to stop",
    Callback = "callbacks",
    CallbackPanic = "callbacks that panicked",
    Wait = "waits",
    TimedWait = "timed waits",
    AsCompleted = "as_completed iterations",
    AsCompletedLeft = "as_completed left half-way",
    FailFast = "groups: fail fast",
    CollectAll = "groups: collect all",
    FirstSuccess = "groups: first success",
    GroupLeft = "groups dropped, not joined",
    Map = "maps",
    MapBuffered = "buffered maps",
    MapUnordered = "unordered maps",
    MapLeft = "maps left half-way",
    MapUnread = "maps never read",
}

#[derive(Debug)]
pub(crate) struct Tally([AtomicU64; LABELS.len()]);

impl Tally {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    pub(crate) fn count(&self, event: Event) {
        self.add(event, 1);
    }

    pub(crate) fn add(&self, event: Event, times: usize) {
        let times = u64::try_from(times).expect("a count");
        self.0[event as usize].fetch_add(times, Relaxed);
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

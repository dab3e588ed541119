//! How often each kind of event happened.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! events {
    ($($section:literal: { $($event:ident = $label:literal,)* })*) => {
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Event { $($($event,)*)* }

        const SECTIONS: &[(&str, &[(Event, &str)])] =
            &[$(($section, &[$((Event::$event, $label),)*]),)*];

        const EVENTS: usize = [$($(Event::$event,)*)*].len();
    };
}

events! {
    "the run": {
        Round = "rounds",
        PoolBuilt = "pools built",
        PoolShutDown = "pools shut down",
        PoolDropped = "pool handles dropped",
        Resized = "set_max_workers calls",
        Prestarted = "prestart calls",
        StatsRead = "stats read",
    }
    "tasks by the call that brought them": {
        Submit = "submit calls",
        TrySubmit = "try_submit calls",
        Offer = "offers",
        OfferRefused = "offers refused",
        MapItem = "map items",
        ScopeTask = "scope tasks",
        GroupTask = "group tasks",
        FollowUp = "then calls",
        Nested = "tasks submitted by tasks",
        FromCallback = "tasks submitted by callbacks",
        Weighed = "tasks with a weight",
        Named = "tasks with a name",
        Stoppable = "tasks with a token or deadline",
    }
    "what became of them": {
        Accepted = "tasks accepted",
        Refused = "tasks refused",
        EndedResult = "ended with a result",
        EndedError = "ended with an error",
        EndedPanic = "ended with a panic",
        EndedCancelled = "ended cancelled",
        EndedLate = "ended by a deadline",
        EndedBroken = "ended by a broken pool",
        EndedRejected = "ended rejected",
        Unread = "endings nobody asked for",
        Observed = "endings an observer heard of",
    }
    "waiting": {
        ResultRead = "results read",
        TimedRead = "timed reads",
        TimedOut = "timed reads that expired",
        SharedRead = "shared reads",
        Wait = "waits",
        TimedWait = "timed waits",
        AsCompleted = "as_completed iterations",
        AsCompletedLeft = "as_completed left half-way",
        NestedWait = "waits inside tasks",
        NestedOwn = "waits inside tasks, own pool",
        Blocking = "blocking calls",
        Carried = "futures read by other tasks",
    }
    "async": {
        Awaited = "futures awaited",
        WakerLeft = "wakers left",
        WakerCalled = "wakers called",
        WakerReplaced = "wakers replaced or taken back",
    }
    "futures dropped": {
        DroppedUnread = "dropped unread",
        DroppedElsewhere = "dropped on another thread",
        DroppedByCallback = "dropped by callbacks",
    }
    "stopping": {
        CancelWon = "cancels that won",
        CancelLost = "cancels that lost",
        CancelAsked = "requests to cancel",
        CancelByCallback = "cancels by callbacks",
        TokenMade = "tokens made",
        TokenCancelled = "tokens cancelled",
        TokenEntered = "tokens entered",
        OnCancel = "on_cancel callbacks",
        Checked = "tasks that asked whether to stop",
        Stopping = "tasks that were asked to stop",
    }
    "callbacks": {
        Callback = "called",
        CallbackPanic = "panicked",
    }
    "groups": {
        FailFast = "fail fast",
        CollectAll = "collect all",
        FirstSuccess = "first success",
        GroupLeft = "dropped, not joined",
    }
    "maps": {
        Map = "in order",
        MapBuffered = "buffered",
        MapUnordered = "unordered",
        MapLeft = "left half-way",
        MapUnread = "never read",
    }
}

#[derive(Debug)]
pub(crate) struct Tally([AtomicU64; EVENTS]);

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

    /// Tasks that were accounted for.
    pub(crate) fn tasks(&self) -> u64 {
        let counts = [Event::Accepted, Event::Refused];
        counts.map(|event| self.of(event)).iter().sum()
    }

    fn of(&self, event: Event) -> u64 {
        self.0[event as usize].load(Relaxed)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = SECTIONS.iter().flat_map(|(_, events)| *events);
        let width = labels.map(|(_, label)| label.len()).max().unwrap_or(0);
        for (section, events) in SECTIONS {
            writeln!(f, "{section}")?;
            for &(event, label) in *events {
                let count = grouped(self.of(event));
                writeln!(f, "  {label:<width$}  {count:>14}")?;
            }
        }
        Ok(())
    }
}

/// In groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

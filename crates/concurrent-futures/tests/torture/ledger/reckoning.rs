//! Whether what was seen of a task agrees with what it was meant to do.

use std::sync::atomic::Ordering::SeqCst;

use concurrent_futures::WhenFull;

use super::ending::Ending;
use super::record::{Origin, TaskRecord};

impl TaskRecord {
    /// The ending that was heard of, if one was.
    pub(super) fn heard_ending(&self) -> Option<Ending> {
        let heard = self.heard.load(SeqCst);
        Ending::ALL.into_iter().find(|ending| heard == ending.bit())
    }

    /// The one ending; where nobody asked for it, the ending that the traces of the task leave as the most likely.
    pub(super) fn ending(&self) -> Ending {
        if let Some(ending) = self.heard_ending() {
            return ending;
        }
        let source = self.source.as_ref().map(|source| source.ending());
        if self.has_run() {
            self.plan
        } else if self.was_cancelled() {
            Ending::Cancelled
        } else if self.was_refused() {
            Ending::Rejected
        } else if let Some(ending) = source.filter(|source| *source != Ending::Result) {
            ending
        } else if self.may_be_cancelled() {
            Ending::Cancelled
        } else if self.may_be_late() {
            Ending::Late
        } else if self.pool.initializer_fails {
            Ending::Broken
        } else {
            Ending::Rejected
        }
    }

    /// A follow-up that was refused, or asked for when its pool was gone.
    pub(super) fn may_be_stray(&self) -> bool {
        self.origin == Origin::Then
            && !self.has_run()
            && (self.pool.released.load(SeqCst) || self.ending() == Ending::Rejected)
    }

    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut mistakes: Vec<String> = self.contradiction().into_iter().collect();
        let demands = self.counts().into_iter().chain(self.reasons());
        let broken = demands.filter(|(holds, _)| !holds);
        mistakes.extend(broken.map(|(_, text)| text.to_owned()));
        mistakes
    }

    /// Everything once.
    fn counts(&self) -> Vec<(bool, &'static str)> {
        let runs = self.runs.load(SeqCst);
        let callbacks = self.callbacks_added.load(SeqCst);
        vec![
            (
                self.closure_drops.load(SeqCst) == 1,
                "the closure was not dropped exactly once",
            ),
            (runs <= 1, "the task ran more than once"),
            (
                self.tokens_born.load(SeqCst) == runs,
                "a run made other than one outcome",
            ),
            (
                self.tokens_dropped.load(SeqCst) == runs,
                "the outcome was not dropped exactly once",
            ),
            (
                self.callbacks_run.load(SeqCst) == callbacks,
                "callbacks did not run exactly once",
            ),
            (
                self.callbacks_dropped.load(SeqCst) == callbacks,
                "callbacks were not dropped exactly once",
            ),
            (
                self.heard.load(SeqCst).count_ones() <= 1,
                "different endings were heard",
            ),
        ]
    }

    /// Nothing without a reason.
    fn reasons(&self) -> Vec<(bool, &'static str)> {
        let ending = self.ending();
        let source = self.source.as_ref().map(|source| source.ending());
        let passed_on = source.is_some_and(|source| source == ending && source != Ending::Result);
        let mut demands = if self.has_run() {
            vec![(
                ending == self.plan,
                "a task that ran ended otherwise than it did",
            )]
        } else {
            vec![(
                !ending.needs_a_run() || passed_on,
                "a task that did not run ended as if it had",
            )]
        };
        demands.push((
            !(self.comes_too_late && self.has_run()),
            "a task ran whose deadline was over",
        ));
        if self.was_cancelled() {
            demands.push((
                ending == Ending::Cancelled,
                "a cancel won, and the task was not cancelled",
            ));
        }
        let (holds, text) = match ending {
            Ending::Result | Ending::Error | Ending::Panic => return demands,
            Ending::Cancelled => (self.may_be_cancelled(), "cancelled by nobody"),
            Ending::Late => (self.may_be_late(), "too late without a deadline"),
            Ending::Broken => (self.pool.initializer_fails, "broken in a sound pool"),
            Ending::Rejected => (self.may_be_rejected(), "rejected without a reason"),
            Ending::Deadlock => (false, "a deadlock where no waits close a circle"),
        };
        demands.push((holds || passed_on, text));
        demands
    }

    fn may_be_rejected(&self) -> bool {
        let released = self.origin == Origin::Then && self.pool.released.load(SeqCst);
        let told_at_once = self.origin != Origin::Submit && self.origin != Origin::Offer
            || self.was_refused()
            || self.pool.threads_fail
            || self.pool.when_full == Some(WhenFull::DiscardOldest);
        (self.pool.may_refuse() || released) && told_at_once
    }
}

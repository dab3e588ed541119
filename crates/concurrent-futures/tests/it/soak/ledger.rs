//! What each task was meant to do, what was seen of it, and whether the two agree.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use concurrent_futures::{TaskError, WhenFull};

use super::tally::{Event, Tally};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Result,
    Error,
    Panic,
    Cancelled,
    Broken,
    Rejected,
}

impl Ending {
    const ALL: [Self; 6] = [
        Self::Result,
        Self::Error,
        Self::Panic,
        Self::Cancelled,
        Self::Broken,
        Self::Rejected,
    ];

    fn bit(self) -> u8 {
        1 << self as u8
    }

    pub(super) fn of<T, E>(outcome: Result<&T, &TaskError<E>>) -> Self {
        match outcome {
            Ok(_) => Self::Result,
            Err(TaskError::Failed(_)) => Self::Error,
            Err(TaskError::Panicked(_)) => Self::Panic,
            Err(TaskError::Cancelled) => Self::Cancelled,
            Err(TaskError::Broken(_)) => Self::Broken,
            Err(TaskError::Rejected(_)) => Self::Rejected,
            Err(_) => unreachable!("a kind of ending that the ledger does not know"),
        }
    }

    fn event(self) -> Event {
        match self {
            Self::Result => Event::EndedResult,
            Self::Error => Event::EndedError,
            Self::Panic => Event::EndedPanic,
            Self::Cancelled => Event::EndedCancelled,
            Self::Broken => Event::EndedBroken,
            Self::Rejected => Event::EndedRejected,
        }
    }
}

/// What has been done to a pool: a task may be cancelled, refused or failed only for one of these reasons.
#[derive(Debug, Default)]
pub(super) struct PoolRecord {
    pub(super) layer: usize,
    pub(super) initializer_fails: bool,
    /// What its queue does when it is full, if it has a bound.
    pub(super) when_full: Option<WhenFull>,
    pub(super) shut_down: AtomicBool,
    pub(super) cancelled: AtomicBool,
    /// Its last handle may be gone by now: a follow-up that is asked for later has no pool to go to.
    pub(super) released: AtomicBool,
    /// Threads between their start and their end, where the pool's own thread factory counts them.
    pub(super) threads: Arc<AtomicUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Submit,
    Map,
    Then,
}

#[derive(Debug)]
pub(super) struct TaskRecord {
    pub(super) origin: Origin,
    /// How the task ends if it is run.
    pub(super) plan: Ending,
    pub(super) pool: Arc<PoolRecord>,
    source: Option<Arc<TaskRecord>>,
    refused: AtomicBool,
    runs: AtomicU32,
    closure_drops: AtomicU32,
    tokens_born: AtomicU32,
    tokens_dropped: AtomicU32,
    callbacks_added: AtomicU32,
    callbacks_run: AtomicU32,
    callbacks_dropped: AtomicU32,
    heard: AtomicU8,
    cancel_tried: AtomicBool,
    cancel_won: AtomicBool,
    contradiction: Mutex<Option<String>>,
}

impl TaskRecord {
    fn new(
        origin: Origin,
        plan: Ending,
        pool: &Arc<PoolRecord>,
        source: Option<Arc<Self>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            origin,
            plan,
            pool: Arc::clone(pool),
            source,
            refused: AtomicBool::new(false),
            runs: AtomicU32::new(0),
            closure_drops: AtomicU32::new(0),
            tokens_born: AtomicU32::new(0),
            tokens_dropped: AtomicU32::new(0),
            callbacks_added: AtomicU32::new(0),
            callbacks_run: AtomicU32::new(0),
            callbacks_dropped: AtomicU32::new(0),
            heard: AtomicU8::new(0),
            cancel_tried: AtomicBool::new(false),
            cancel_won: AtomicBool::new(false),
            contradiction: Mutex::new(None),
        })
    }

    pub(super) fn start(&self) {
        self.runs.fetch_add(1, SeqCst);
    }

    pub(super) fn refuse(&self) {
        self.refused.store(true, SeqCst);
    }

    /// Every handle, callback and iterator that learns how the task ended says so here.
    pub(super) fn hear<E: Grief>(self: &Arc<Self>, outcome: Result<&Token, &TaskError<E>>) {
        self.heard.fetch_or(Ending::of(outcome).bit(), SeqCst);
        let token = match outcome {
            Ok(token) => Some(token),
            Err(TaskError::Failed(failure)) => failure.token(),
            Err(_) => None,
        };
        if let Some(token) = token.filter(|token| !self.may_deliver(token)) {
            self.contradict(format!(
                "delivered {token:?}, which belongs to another task"
            ));
        }
    }

    fn may_deliver(self: &Arc<Self>, token: &Token) -> bool {
        Arc::ptr_eq(self, &token.0)
            || self
                .source
                .as_ref()
                .is_some_and(|source| source.may_deliver(token))
    }

    /// Called before a cancel, since its effect may be seen before it returns.
    pub(super) fn try_cancel(&self) {
        self.cancel_tried.store(true, SeqCst);
        if let Some(source) = &self.source {
            source.try_cancel();
        }
    }

    pub(super) fn cancel_won(&self) {
        self.cancel_won.store(true, SeqCst);
    }

    pub(super) fn contradict(&self, text: String) {
        self.contradiction
            .lock()
            .expect("held for a store only")
            .get_or_insert(text);
    }

    pub(super) fn closure_is_gone(&self) -> bool {
        self.closure_drops.load(SeqCst) == 1
    }

    fn is_settled(&self) -> bool {
        self.closure_is_gone()
            && self.tokens_dropped.load(SeqCst) == self.tokens_born.load(SeqCst)
            && self.callbacks_run.load(SeqCst) == self.callbacks_added.load(SeqCst)
            && self.callbacks_dropped.load(SeqCst) == self.callbacks_added.load(SeqCst)
    }

    fn may_be_cancelled(&self) -> bool {
        self.cancel_tried.load(SeqCst)
            || self.pool.cancelled.load(SeqCst)
            || self
                .source
                .as_ref()
                .is_some_and(|source| source.may_be_cancelled())
    }

    /// The one ending; where nobody asked for it, the ending that the traces of the task leave as the only possible.
    fn ending(&self) -> Ending {
        let heard = self.heard.load(SeqCst);
        if let Some(ending) = Ending::ALL.into_iter().find(|ending| heard == ending.bit()) {
            return ending;
        }
        if self.runs.load(SeqCst) == 1 {
            self.plan
        } else if self.cancel_won.load(SeqCst) {
            Ending::Cancelled
        } else if self.refused.load(SeqCst) {
            Ending::Rejected
        } else if let Some(source) = self
            .source
            .as_ref()
            .filter(|source| source.ending() != Ending::Result)
        {
            source.ending()
        } else if self.may_be_cancelled() {
            Ending::Cancelled
        } else if self.pool.initializer_fails {
            Ending::Broken
        } else {
            Ending::Rejected
        }
    }

    fn mistakes(&self) -> Vec<String> {
        let mut mistakes: Vec<String> = self
            .contradiction
            .lock()
            .expect("held for a store only")
            .take()
            .into_iter()
            .collect();
        let mut demand = |holds: bool, text: &str| {
            if !holds {
                mistakes.push(text.to_owned());
            }
        };
        let runs = self.runs.load(SeqCst);
        let heard = self.heard.load(SeqCst);
        let ending = self.ending();
        let source_ending = self.source.as_ref().map(|source| source.ending());
        let passed_on =
            source_ending.is_some_and(|source| source == ending && source != Ending::Result);

        demand(
            self.closure_drops.load(SeqCst) == 1,
            "the closure was not dropped exactly once",
        );
        demand(runs <= 1, "the task ran more than once");
        demand(
            self.tokens_born.load(SeqCst) == runs,
            "a run made other than one outcome",
        );
        demand(
            self.tokens_dropped.load(SeqCst) == runs,
            "the outcome was not dropped exactly once",
        );
        let callbacks = self.callbacks_added.load(SeqCst);
        demand(
            self.callbacks_run.load(SeqCst) == callbacks,
            "callbacks did not run exactly once",
        );
        demand(
            self.callbacks_dropped.load(SeqCst) == callbacks,
            "callbacks were not dropped exactly once",
        );
        demand(heard.count_ones() <= 1, "different endings were heard");
        if runs == 1 {
            demand(
                ending == self.plan,
                "a task that ran ended otherwise than it did",
            );
        } else {
            demand(
                matches!(
                    ending,
                    Ending::Cancelled | Ending::Broken | Ending::Rejected
                ) || passed_on,
                "a task that did not run ended as if it had",
            );
        }
        if self.cancel_won.load(SeqCst) {
            demand(
                ending == Ending::Cancelled,
                "a cancel won, and the task was not cancelled",
            );
        }
        match ending {
            Ending::Cancelled => demand(self.may_be_cancelled(), "cancelled by nobody"),
            Ending::Broken => demand(
                self.pool.initializer_fails || passed_on,
                "broken in a sound pool",
            ),
            Ending::Rejected => {
                let released = self.origin == Origin::Then && self.pool.released.load(SeqCst);
                let bounded = self.pool.when_full.is_some();
                let may_refuse = self.pool.shut_down.load(SeqCst) || released || bounded;
                demand(may_refuse || passed_on, "rejected by an open pool");
                let told_at_once = self.origin != Origin::Submit
                    || self.refused.load(SeqCst)
                    || self.pool.when_full == Some(WhenFull::DiscardOldest);
                demand(told_at_once, "accepted and rejected later");
            }
            Ending::Result | Ending::Error | Ending::Panic => {}
        }
        mistakes
    }
}

/// Error types of the program's tasks.
pub(super) trait Grief: Send + Sync + 'static {
    fn token(&self) -> Option<&Token>;
}

impl Grief for Infallible {
    fn token(&self) -> Option<&Token> {
        match *self {}
    }
}

impl Grief for Token {
    fn token(&self) -> Option<&Token> {
        Some(self)
    }
}

/// What a run leaves: the result, the error or the payload of the panic.
pub(super) struct Token(Arc<TaskRecord>);

impl Token {
    pub(super) fn new(record: &Arc<TaskRecord>) -> Self {
        record.tokens_born.fetch_add(1, SeqCst);
        Self(Arc::clone(record))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.tokens_dropped.fetch_add(1, SeqCst);
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {:?} of a task at {:p}",
            self.0.plan,
            Arc::as_ptr(&self.0)
        )
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Lives in the closure of a task.
#[derive(Debug)]
pub(super) struct Closure(pub(super) Arc<TaskRecord>);

impl Drop for Closure {
    fn drop(&mut self) {
        self.0.closure_drops.fetch_add(1, SeqCst);
    }
}

/// Lives in a callback.
#[derive(Debug)]
pub(super) struct Callback(Arc<TaskRecord>);

impl Callback {
    pub(super) fn new(record: &Arc<TaskRecord>) -> Self {
        record.callbacks_added.fetch_add(1, SeqCst);
        Self(Arc::clone(record))
    }

    pub(super) fn run<E: Grief>(&self, outcome: Result<&Token, &TaskError<E>>) {
        self.0.callbacks_run.fetch_add(1, SeqCst);
        self.0.hear(outcome);
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.0.callbacks_dropped.fetch_add(1, SeqCst);
    }
}

#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Vec<Arc<TaskRecord>>>);

impl Ledger {
    pub(super) fn open(
        &self,
        origin: Origin,
        plan: Ending,
        pool: &Arc<PoolRecord>,
        source: Option<Arc<TaskRecord>>,
    ) -> Arc<TaskRecord> {
        let record = TaskRecord::new(origin, plan, pool, source);
        self.0
            .lock()
            .expect("held for a push only")
            .push(Arc::clone(&record));
        record
    }

    pub(super) fn is_settled(&self) -> bool {
        self.0
            .lock()
            .expect("held for a look only")
            .iter()
            .all(|record| record.is_settled())
    }

    /// Counts every task under its one ending and returns what does not add up.
    pub(super) fn close(&self, tally: &Tally) -> Vec<String> {
        let mut mistakes = Vec::new();
        for record in self.0.lock().expect("all other users have ended").drain(..) {
            let found = record.mistakes();
            if !found.is_empty() {
                mistakes.push(format!("{}\n    {record:?}", found.join("; ")));
            }
            tally.count(if record.refused.load(SeqCst) {
                Event::Refused
            } else {
                Event::Accepted
            });
            tally.count(record.ending().event());
            if record.heard.load(SeqCst) == 0 {
                tally.count(Event::Unread);
            }
        }
        mistakes
    }
}

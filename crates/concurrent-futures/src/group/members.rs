//! The tasks of a group.

use super::policy::Rule;
use crate::{
    CancelToken, Future,
    error::Cause,
    observing::Site,
    pool::Pool,
    submission::{Wishes, refuse},
    sync::{AtomicUsize, Condvar, Mutex, MutexGuard, Relaxed, lock},
    task::{Ending, Turn, Work, slot::Outcome},
    wait::{ReturnWhen, wait},
};
use std::{
    mem,
    sync::{Arc, OnceLock, PoisonError},
    time::Instant,
};

pub(super) struct Members<T, E> {
    pool: Arc<Pool>,
    rule: Rule,
    token: CancelToken,
    submitted: AtomicUsize,
    /// The first task whose end has decided about the others.
    decisive: OnceLock<usize>,
    futures: Mutex<Futures<T, E>>,
    muster: Arc<Muster>,
}

struct Futures<T, E> {
    /// With their numbers, in no order.
    all: Vec<(usize, Future<T, E>)>,
    /// How many threads have taken some out to cancel them, and will put them back.
    out: usize,
}

/// How many members have not ended, and who waits for that. Apart from the members, because a token
/// tells it, and they may borrow.
struct Muster {
    unfinished: Mutex<usize>,
    /// Told when there are none, when the token is cancelled, and when futures were put back.
    changed: Condvar,
}

impl Muster {
    fn lock(&self) -> MutexGuard<'_, usize> {
        lock(&self.unfinished)
    }

    fn tell(&self) {
        // With the lock, so that nobody is between looking and sleeping.
        drop(self.lock());
        self.changed.notify_all();
    }

    fn sleep<'a>(
        &self,
        unfinished: MutexGuard<'a, usize>,
        until: Option<Instant>,
    ) -> MutexGuard<'a, usize> {
        match until {
            None => self
                .changed
                .wait(unfinished)
                .unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let woken = self.changed.wait_timeout(unfinished, left);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }
}

/// A member that has not ended.
struct Unfinished(Arc<Muster>);

impl Unfinished {
    fn new(muster: &Arc<Muster>) -> Self {
        *muster.lock() += 1;
        Self(Arc::clone(muster))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut unfinished = self.0.lock();
        *unfinished -= 1;
        if *unfinished == 0 {
            self.0.changed.notify_all();
        }
    }
}

impl<T, E> Members<T, E> {
    pub(super) fn new(pool: Arc<Pool>, rule: Rule, token: CancelToken) -> Arc<Self> {
        Arc::new(Self {
            pool,
            rule,
            token,
            submitted: AtomicUsize::new(0),
            decisive: OnceLock::new(),
            futures: Mutex::new(Futures {
                all: Vec::new(),
                out: 0,
            }),
            muster: Arc::new(Muster {
                unfinished: Mutex::new(0),
                changed: Condvar::new(),
            }),
        })
    }

    pub(super) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    pub(super) fn token(&self) -> &CancelToken {
        &self.token
    }

    /// How many tasks were submitted.
    pub(super) fn len(&self) -> usize {
        self.submitted.load(Relaxed)
    }

    fn futures(&self) -> MutexGuard<'_, Futures<T, E>> {
        lock(&self.futures)
    }

    /// Submits a task by `submit`, unless the group has no need of it any more.
    pub(super) fn add<W>(
        self: &Arc<Self>,
        work: W,
        site: Site,
        submit: impl FnOnce(Member<W>, Wishes) -> Future<T, E>,
    ) where
        W: Work<Value = T, Error = E, After = ()>,
    {
        let number = self.submitted.fetch_add(1, Relaxed);
        let member = Member {
            work,
            number,
            members: Arc::clone(self),
            unfinished: Unfinished::new(&self.muster),
        };
        let future = if let Some(ending) = self.ending() {
            Future::new(refuse(&self.pool, member, &ending, site))
        } else {
            let wishes = Wishes {
                token: Some(self.token.clone()),
                ..Wishes::default()
            };
            submit(member, wishes)
        };
        let refused = future.done();
        self.futures().all.push((number, future));
        // Who cancelled the others may have missed this one.
        if !refused && self.token.is_cancelled() {
            self.end_queued();
        }
    }

    /// How a task ends that comes too late.
    fn ending(&self) -> Option<Ending> {
        match self.token.node().cause()? {
            Cause::Deadline => Some(Ending::DeadlineExceeded),
            Cause::Requested | Cause::Shutdown => Some(Ending::Cancelled),
        }
    }

    /// A task has ended, and there is no need of the others.
    fn decide(&self, number: usize) {
        if self.decisive.set(number).is_ok() {
            self.stop();
        }
    }

    /// Cancels what is queued, and asks the rest to stop.
    pub(super) fn stop(&self) {
        self.token.cancel();
        self.end_queued();
    }

    /// Ends what is queued, if there is no need of it any more.
    fn end_queued(&self) {
        let Some(ending) = self.ending() else {
            return;
        };
        let mut futures = self.futures();
        let mut taken = mem::take(&mut futures.all);
        futures.out += 1;
        drop(futures);
        for (_, future) in &taken {
            future.end_queued(&ending);
        }
        let mut futures = self.futures();
        futures.all.append(&mut taken);
        futures.out -= 1;
        drop(futures);
        self.muster.tell();
    }

    /// Blocks until all tasks have ended, also those that come meanwhile.
    pub(super) fn wait(&self) {
        // They never end in the child of a fork, and the lock may be held by somebody in the parent.
        if self.pool.is_inherited() {
            return;
        }
        if self.pool.is_own_worker() {
            self.attend();
        }
        let muster = Arc::clone(&self.muster);
        let _wakes = self.token.on_cancel(move || muster.tell());
        let mut stopped = false;
        let mut unfinished = self.muster.lock();
        while *unfinished > 0 {
            if !stopped && self.token.is_cancelled() {
                drop(unfinished);
                stopped = true;
                self.end_queued();
                unfinished = self.muster.lock();
                continue;
            }
            let until = if stopped { None } else { self.token.deadline() };
            unfinished = self.muster.sleep(unfinished, until);
        }
    }

    /// What a worker of the pool does first: it waits for each of the tasks, and so runs those that
    /// have not started.
    fn attend(&self) {
        let mut attended = Vec::new();
        loop {
            let fresh = mem::take(&mut self.futures().all);
            if fresh.is_empty() {
                break;
            }
            wait(
                fresh.iter().map(|(_, future)| future),
                ReturnWhen::AllCompleted,
            );
            attended.extend(fresh);
        }
        self.futures().all.append(&mut attended);
    }

    fn wait_for_those_out(&self) {
        let mut unfinished = self.muster.lock();
        while self.futures().out > 0 {
            unfinished = self.muster.sleep(unfinished, None);
        }
    }

    /// The outcomes of all tasks, which have ended, in the order of the submits; and the decisive one.
    pub(super) fn outcomes(&self) -> (Vec<Outcome<T, E>>, Option<usize>) {
        if !self.pool.is_inherited() {
            self.wait_for_those_out();
        }
        let mut futures = mem::take(&mut self.futures().all);
        futures.sort_unstable_by_key(|(number, _)| *number);
        let outcomes = futures.into_iter().map(|(_, future)| future.result());
        (outcomes.collect(), self.decisive.get().copied())
    }
}

/// A task of a group: its end may decide about the others.
pub(super) struct Member<W: Work> {
    work: W,
    number: usize,
    members: Arc<Members<W::Value, W::Error>>,
    unfinished: Unfinished,
}

impl<W: Work<After = ()>> Work for Member<W> {
    type Value = W::Value;
    type Error = W::Error;
    type After = ();

    fn perform(self, turn: &mut dyn Turn) -> (Outcome<W::Value, W::Error>, ()) {
        let Self {
            work,
            number,
            members,
            unfinished,
        } = self;
        let (outcome, ()) = work.perform(turn);
        let decides = match members.rule {
            Rule::AfterError => outcome.as_ref().is_err_and(|error| !error.is_cancelled()),
            Rule::AfterValue => outcome.is_ok(),
            Rule::Never => false,
        };
        if decides {
            members.decide(number);
        }
        drop(members);
        drop(unfinished);
        (outcome, ())
    }

    fn refuse(self, ending: &Ending) {
        self.work.refuse(ending);
        let decides = !matches!(ending, Ending::Cancelled);
        if decides && self.members.rule == Rule::AfterError {
            self.members.decide(self.number);
        }
    }
}

mod line;

use crate::{
    Future,
    fork::Birth,
    observing::Site,
    pool::Pool,
    queue::Gate,
    submission::{self, Pushed, Wishes, place},
    sync::{AcqRel, Acquire, AtomicUsize, Relaxed, Thread, current, park_until},
    task::{
        Ending, Handle, Turn, Work,
        post::{Pause, Post},
        slot::Outcome,
        work::{Fallible, Plain},
    },
    unwind,
};
use line::Line;
use std::{fmt, marker::PhantomData, panic::Location, sync::Arc};

/// Where tasks that borrow are submitted; see [`ThreadPoolExecutor::scope`].
///
/// [`ThreadPoolExecutor::scope`]: crate::ThreadPoolExecutor::scope
pub struct Scope<'scope, 'env: 'scope> {
    pool: Arc<Pool>,
    tally: Arc<Tally>,
    /// If it was entered on a worker of the pool.
    line: Option<Arc<Line>>,
    // Invariant in both, as for `std::thread::Scope`: neither may be shortened to let a task borrow
    // what dies too soon, nor lengthened.
    lifetimes: PhantomData<(&'scope mut &'scope (), &'env mut &'env ())>,
}

impl<'scope> Scope<'scope, '_> {
    /// As [`ThreadPoolExecutor::submit`](crate::ThreadPoolExecutor::submit), for a task that may
    /// borrow everything that outlives the scope.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let mut counts = [0; 3];
    /// pool.scope(|scope| {
    ///     for (n, count) in counts.iter_mut().enumerate() {
    ///         scope.submit(move || *count = n * n);
    ///     }
    /// });
    /// assert_eq!(counts, [0, 1, 4]);
    /// ```
    #[track_caller]
    pub fn submit<F, T>(&'scope self, task: F) -> Future<T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.submit_work(Plain(task))
    }

    /// As [`ThreadPoolExecutor::try_submit`](crate::ThreadPoolExecutor::try_submit), for a task
    /// that may borrow everything that outlives the scope.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let text = String::from("42");
    /// let number = pool.scope(|scope| scope.try_submit(|| text.parse::<i32>()).result());
    /// assert_eq!(number.unwrap(), 42);
    /// ```
    #[track_caller]
    pub fn try_submit<F, T, E>(&'scope self, task: F) -> Future<T, E>
    where
        F: FnOnce() -> Result<T, E> + Send + 'scope,
        T: Send + 'scope,
        E: Send + 'scope,
    {
        self.submit_work(Fallible(task))
    }

    #[track_caller]
    fn submit_work<W>(&'scope self, work: W) -> Future<W::Value, W::Error>
    where
        W: Work<After = ()> + Send + 'scope,
    {
        if submission::is_plain(&self.pool) {
            Future::new(self.push(Scoped::new(work, &self.tally)).handle)
        } else {
            self.submit_with(work, Wishes::default(), Location::caller())
        }
    }

    /// The same for a task that has more than its closure.
    pub(crate) fn submit_with<W>(
        &'scope self,
        work: W,
        wishes: Wishes,
        site: Site,
    ) -> Future<W::Value, W::Error>
    where
        W: Work<After = ()> + Send + 'scope,
    {
        let work = Scoped::new(work, &self.tally);
        let source = self.pool.queue().source();
        // SAFETY: as for `push`.
        let pending = |work| unsafe { Handle::pending_borrowing(work, source) };
        let push = |work| self.push(work);
        let extras = wishes.dress(&self.pool, site);
        Future::new(place(&self.pool, work, 1, extras, push, pending))
    }

    fn push<W>(&'scope self, work: W) -> Pushed<W::Value, W::Error>
    where
        W: Work<After = Pending> + Send + 'scope,
    {
        let queue = self.pool.queue();
        let Some(line) = &self.line else {
            // SAFETY: `Scope::run` does not return before `Pending`, the work's `After`, is dropped,
            // so what the work borrows outlives it. The value is dropped by the worker before
            // that, or by whoever holds the future, whose type carries the value's lifetime.
            let pushed = unsafe { queue.push_borrowing(work, Gate::UntilClosed) };
            return Pushed::itself(self.pool.accepted(pushed));
        };
        // It would be taken and then ended; to who counts, it is not taken.
        if queue.is_closed() {
            return Pushed::itself(self.pool.accepted(Err(work)));
        }
        // SAFETY: as above.
        let (task, handle) = unsafe { Handle::pending_borrowing(work, queue.source()) };
        Pushed {
            handle,
            runner: line.submit(&self.pool, task),
        }
    }
}

impl<'env> Scope<'_, 'env> {
    pub(crate) fn run<F, R>(pool: &Arc<Pool>, tally: &Arc<Tally>, f: F) -> R
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
    {
        let post = Post::at(pool.queue().source());
        let scope = Scope {
            pool: Arc::clone(pool),
            tally: Arc::clone(tally),
            line: post.is_some().then(|| Line::new(tally.owner.clone())),
            lifetimes: PhantomData,
        };
        let result = unwind::catch(|| f(&scope));
        while !tally.is_over() {
            if let (Some(post), Some(line)) = (&post, &scope.line) {
                line.attend(post);
            }
            let _paused = post.as_ref().and_then(|post| post.pause(Pause::Asleep));
            tally.sleep();
        }
        if let Some(line) = &scope.line {
            pool.queue().source().bury(line.close());
        }
        match result {
            Ok(value) => value,
            Err(panic) => panic.resume(),
        }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("pending", &self.tally.pending.load(Relaxed))
            .finish_non_exhaustive()
    }
}

/// How many tasks of a scope have not ended, and who waits for them.
pub(crate) struct Tally {
    pending: AtomicUsize,
    owner: Thread,
    birth: Birth,
}

impl Tally {
    /// For the calling thread.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            pending: AtomicUsize::new(0),
            owner: current(),
            birth: Birth::now(),
        })
    }

    /// Also in the child of a fork, where none of them runs.
    fn is_over(&self) -> bool {
        self.pending.load(Acquire) == 0 || self.birth.is_before_fork()
    }

    /// Returns when something has changed, or for no reason.
    fn sleep(&self) {
        if !self.is_over() {
            park_until(None);
        }
    }
}

/// One task of a scope that has not ended.
struct Pending(Arc<Tally>);

impl Pending {
    fn new(tally: &Arc<Tally>) -> Self {
        tally.pending.fetch_add(1, Relaxed);
        Self(Arc::clone(tally))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.0.pending.fetch_sub(1, AcqRel) == 1 {
            self.0.owner.unpark();
        }
    }
}

struct Scoped<W> {
    work: W,
    pending: Pending,
}

impl<W> Scoped<W> {
    fn new(work: W, tally: &Arc<Tally>) -> Self {
        Self {
            work,
            pending: Pending::new(tally),
        }
    }
}

impl<W: Work<After = ()>> Work for Scoped<W> {
    type Value = W::Value;
    type Error = W::Error;
    type After = Pending;

    fn perform(self, turn: &mut dyn Turn) -> (Outcome<W::Value, W::Error>, Pending) {
        let (outcome, ()) = self.work.perform(turn);
        (outcome, self.pending)
    }

    fn refuse(self, ending: &Ending) -> Pending {
        self.work.refuse(ending);
        self.pending
    }
}

//! The caller's handle of a task, [`Future`], and its form for several readers.

mod kept;
mod shared;
mod then;

pub use shared::{SharedAwait, SharedFuture};

use crate::{
    error::{ResultTimeoutError, TaskError, TimedOut},
    task::{Ending, Handle, handle::Peek, slot::SlotRef},
    time::Limit,
};
use std::{
    convert::Infallible,
    fmt,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// The outcome of a task that was submitted, now or later.
///
/// It is one handle: [`result`](Self::result) moves the value out. For several readers there is
/// [`shared`](Self::shared). Dropping a future neither cancels the task nor waits for it.
///
/// `.await` works on any async runtime and gives `Result<T, TaskError<E>>`; so do `select!` and
/// `join_all`, since this is also a [`std::future::Future`]. Dropping an awaited future does not
/// cancel the task either.
///
/// Once it has been polled to its end there is nothing left in it: [`done`](Self::done) is true, and
/// the methods that need the outcome panic.
///
/// `Debug` shows what Python's `repr` would: `<Future at 0x7f… state=finished returned i32>`.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let future = pool.submit(|| "done");
/// assert_eq!(future.result()?, "done");
/// # Ok::<(), concurrent_futures::TaskError>(())
/// ```
pub struct Future<T, E = Infallible> {
    /// Gone once `.await` has taken the outcome.
    handle: Option<Handle<T, E>>,
}

impl<T, E> Future<T, E> {
    pub(crate) fn new(handle: Handle<T, E>) -> Self {
        Self {
            handle: Some(handle),
        }
    }

    fn handle(&self) -> &Handle<T, E> {
        self.handle.as_ref().expect(TAKEN)
    }

    fn into_handle(self) -> Handle<T, E> {
        self.handle.expect(TAKEN)
    }

    /// The value of the task, waiting for it if need be.
    ///
    /// Blocks until the task is done and its callbacks have run. In Python this is
    /// `Future.result()`; it raises there what is an `Err` here.
    ///
    /// A worker of the same pool that calls this does not wait for another to take the task: if it
    /// has not started, this call runs it, in place. See [waiting](crate::docs::waiting).
    ///
    /// # Errors
    ///
    /// [`TaskError`] says whether the task failed, panicked, was cancelled, or was not run by a pool
    /// that is shut down or broken; or that the wait would never have ended.
    ///
    /// # Panics
    ///
    /// If the outcome was already taken by polling this future to its end.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// assert_eq!(pool.submit(|| 1 + 1).result().unwrap(), 2);
    /// ```
    pub fn result(self) -> Result<T, TaskError<E>> {
        self.into_handle().take()
    }

    /// As [`result`](Self::result), waiting at most so long. Zero looks once, [`Duration::MAX`]
    /// waits for ever.
    ///
    /// # Errors
    ///
    /// If the time is over first, the error gives the future back, and the task goes on. A task
    /// that fails with a time-out of its own is a failed task, never mistaken for this.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.submit(|| 5);
    /// assert_eq!(future.result_timeout(Duration::from_secs(60))?, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn result_timeout(self, timeout: Duration) -> Result<T, ResultTimeoutError<T, E>> {
        match self.result_within(Limit::after(timeout)) {
            Ok(outcome) => outcome.map_err(ResultTimeoutError::Task),
            Err(future) => Err(ResultTimeoutError::TimedOut(future)),
        }
    }

    /// The outcome, or the future again if the time is over first.
    pub(crate) fn result_within(self, limit: Limit) -> Result<Result<T, TaskError<E>>, Self> {
        match self.handle().wait_settled(limit) {
            Ok(true) => Ok(self.result()),
            Ok(false) => Err(self),
            Err(deadlock) => Ok(Err(TaskError::Deadlock(deadlock))),
        }
    }

    /// Why the task gave no value, or `None` if it gave one. The value stays in the future.
    ///
    /// Blocks as [`result`](Self::result) does. Unlike in Python, where asking a cancelled future
    /// raises, cancellation is an answer here: `Some(TaskError::Cancelled)`.
    ///
    /// # Panics
    ///
    /// If the wait would never end, with the text of the [`Deadlock`](crate::Deadlock); and if the
    /// outcome was already taken by polling this future to its end.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.try_submit(|| "x".parse::<i32>());
    /// assert_eq!(future.exception().unwrap().to_string(), "invalid digit found in string");
    /// assert!(pool.submit(|| 1).exception().is_none());
    /// ```
    pub fn exception(&self) -> Option<&TaskError<E>> {
        self.peek_within(Limit::Forever)?.err()
    }

    /// As [`exception`](Self::exception), waiting at most so long.
    ///
    /// # Errors
    ///
    /// If the time is over first.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.submit(|| 5);
    /// assert!(future.exception_timeout(Duration::from_secs(60))?.is_none());
    /// # Ok::<(), concurrent_futures::TimedOut>(())
    /// ```
    pub fn exception_timeout(&self, timeout: Duration) -> Result<Option<&TaskError<E>>, TimedOut> {
        match self.peek_within(Limit::after(timeout)) {
            Some(outcome) => Ok(outcome.err()),
            None => Err(TimedOut),
        }
    }

    fn peek_within(&self, limit: Limit) -> Option<Peek<'_, T, E>> {
        let outcome = self.handle().peek_within(limit);
        outcome.unwrap_or_else(|deadlock| panic!("{deadlock}"))
    }

    /// Cancels the task if it has not started.
    ///
    /// True if the task will never run, also if it was cancelled before; false if it runs or has
    /// run: to ask a running task to stop, see [`request_cancel`](Self::request_cancel). When this call is the one that cancels,
    /// the closure is dropped, waiters wake, and callbacks run on this thread before it returns; a
    /// second call that comes meanwhile returns at once. Callbacks that cancel other
    /// futures nest on the stack; for long chains use [`then`](Self::then).
    ///
    /// Does not wait for the pool. It costs a few steps, however many tasks are queued; now and then
    /// one call clears away what thousands of cancelled tasks have left in the queue, and takes a few
    /// steps for each of those.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::sync::mpsc;
    /// let pool = ThreadPoolExecutor::builder().max_workers(1).build()?;
    /// let (release, gate) = mpsc::channel::<()>();
    /// let busy = pool.submit(move || drop(gate.recv()));
    /// let queued = pool.submit(|| 1);
    /// assert!(queued.cancel());
    /// assert!(queued.cancelled() && queued.done());
    /// # drop(release);
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn cancel(&self) -> bool {
        self.handle.as_ref().is_some_and(Handle::cancel)
    }

    /// Cancels the task if it has not started, as [`cancel`](Self::cancel) does; if it runs, asks it
    /// to stop.
    ///
    /// A running task goes on until it asks by [`check_cancelled`](crate::check_cancelled), or it
    /// sleeps on its [`CancelToken::current`](crate::CancelToken::current), which wakes at once; what it then
    /// returns is its outcome. A task that never asks is not stopped. The tasks that it has submitted
    /// are not asked: to reach those, too, give the task a token.
    ///
    /// True if the task was cancelled or asked, now or before; false if it is done otherwise. Does
    /// not wait for a running task.
    ///
    /// ```
    /// # use concurrent_futures::{Cancelled, ThreadPoolExecutor, check_cancelled};
    /// let pool = ThreadPoolExecutor::new();
    /// let endless = pool.try_submit(|| -> Result<(), Cancelled> {
    ///     loop {
    ///         check_cancelled()?;
    ///     }
    /// });
    /// assert!(endless.request_cancel());
    /// assert!(endless.result().is_err());
    /// ```
    pub fn request_cancel(&self) -> bool {
        self.handle.as_ref().is_some_and(Handle::request_cancel)
    }

    /// Whether the task was cancelled.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # let pool = ThreadPoolExecutor::new();
    /// assert!(!pool.submit(|| 1).cancelled());
    /// ```
    pub fn cancelled(&self) -> bool {
        self.handle
            .as_ref()
            .is_some_and(|handle| handle.seen().is_cancelled())
    }

    /// Whether the task is being run now (or, for a moment, being failed by its pool).
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # let pool = ThreadPoolExecutor::new();
    /// let future = pool.submit(|| 1);
    /// future.exception();
    /// assert!(!future.running());
    /// ```
    pub fn running(&self) -> bool {
        self.handle
            .as_ref()
            .is_some_and(|handle| handle.seen().is_running())
    }

    /// Whether the task has finished, in whatever way, or was cancelled.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # let pool = ThreadPoolExecutor::new();
    /// let future = pool.submit(|| 1);
    /// future.exception();
    /// assert!(future.done());
    /// ```
    pub fn done(&self) -> bool {
        self.handle
            .as_ref()
            .is_none_or(|handle| handle.seen().is_done())
    }

    /// Calls `callback` once with the outcome when the task is done.
    ///
    /// It runs on the thread that ends the task, normally its worker, else the one that cancels it
    /// or shuts the pool down; if the task is done already, on this thread, before this returns.
    /// Callbacks run in the order in which they were added, with no lock held. One that is added
    /// while others are running runs after them, on their thread. The outcome is lent; `result()`
    /// waits until the callbacks are through, and panics in one that has got hold of its own future.
    ///
    /// A panic of the callback is logged, through the `log` crate, and goes no further.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::sync::mpsc;
    /// let pool = ThreadPoolExecutor::new();
    /// let (tell, told) = mpsc::channel();
    /// let future = pool.submit(|| 42);
    /// future.add_done_callback(move |outcome| tell.send(*outcome.unwrap()).unwrap());
    /// assert_eq!(told.recv()?, 42);
    /// # Ok::<(), mpsc::RecvError>(())
    /// ```
    pub fn add_done_callback<F>(&self, callback: F)
    where
        F: FnOnce(Result<&T, &TaskError<E>>) + Send + 'static,
    {
        self.handle().on_done(callback);
    }

    /// Turns this into a handle for several readers, who borrow the outcome.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let answer = pool.submit(|| String::from("forty-two")).shared();
    /// let again = answer.clone();
    /// assert_eq!(answer.result().unwrap(), again.result().unwrap());
    /// ```
    pub fn shared(self) -> SharedFuture<T, E> {
        SharedFuture::new(self)
    }

    /// A follow-up: runs `f` with the value, as a task of the same pool, once this task has given
    /// it. If this task gives none, the new future ends with the same error, and `f` is dropped.
    ///
    /// The follow-up counts as accepted from now on, so it runs even if the pool is shut down before
    /// this task ends. It can be cancelled like any task, which leaves this one alone. A chain of
    /// any length uses no stack.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let length = pool.submit(|| String::from("page")).then(|page| page.len());
    /// assert_eq!(length.result().unwrap(), 4);
    /// ```
    #[track_caller]
    pub fn then<F, U>(self, f: F) -> Future<U, E>
    where
        F: FnOnce(T) -> U + Send + 'static,
        U: Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.try_then(move |value| Ok(f(value)))
    }

    /// As [`then`](Self::then), for a follow-up that can fail, with the same error type.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let number = pool
    ///     .try_submit(|| Ok(String::from("42")))
    ///     .try_then(|text| text.parse::<i32>());
    /// assert_eq!(number.result().unwrap(), 42);
    /// ```
    #[track_caller]
    pub fn try_then<F, U>(self, f: F) -> Future<U, E>
    where
        F: FnOnce(T) -> Result<U, E> + Send + 'static,
        U: Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        Future::new(then::follow(self.into_handle(), f, Location::caller()))
    }

    /// Identifies the future as long as it lives: the key for a map from future to input, where
    /// Python uses the future itself.
    ///
    /// ```
    /// # use concurrent_futures::{ThreadPoolExecutor, as_completed};
    /// # use std::collections::HashMap;
    /// let pool = ThreadPoolExecutor::new();
    /// let mut inputs = HashMap::new();
    /// let futures: Vec<_> = ["a", "bb", "ccc"]
    ///     .map(|word| {
    ///         let future = pool.submit(move || word.len());
    ///         inputs.insert(future.id(), word);
    ///         future
    ///     })
    ///     .into();
    /// for future in as_completed(futures) {
    ///     let word = inputs[&future.id()];
    ///     assert_eq!(future.result().unwrap(), word.len());
    /// }
    /// ```
    pub fn id(&self) -> FutureId {
        FutureId(self.handle().id())
    }

    /// Ends the task so, if it has not started.
    pub(crate) fn end_queued(&self, ending: &Ending) {
        if let Some(handle) = &self.handle {
            handle.end_queued(ending);
        }
    }

    /// The slot to wait for; none if the outcome was taken.
    pub(crate) fn slot(&self) -> Option<SlotRef> {
        self.handle.as_ref().map(Handle::slot)
    }
}

const TAKEN: &str = "the outcome of this future was already taken by `.await`";

impl<T, E> std::future::Future for Future<T, E> {
    type Output = Result<T, TaskError<E>>;

    /// # Panics
    ///
    /// If polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let handle = self.handle.as_mut().expect(TAKEN);
        match handle.poll_settled(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(self.handle.take().expect(TAKEN).take()),
        }
    }
}

// Nothing in a future is pinned: the outcome lies in the slot.
impl<T, E> Unpin for Future<T, E> {}

impl<T, E> fmt::Debug for Future<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.handle {
            Some(handle) => handle.fmt(f),
            None => f.write_str("<Future state=taken>"),
        }
    }
}

/// Which future; see [`Future::id`]. Two futures that live at the same time differ.
///
/// ```
/// # use concurrent_futures::ThreadPoolExecutor;
/// let pool = ThreadPoolExecutor::new();
/// let (a, b) = (pool.submit(|| 1), pool.submit(|| 2));
/// assert_ne!(a.id(), b.id());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FutureId(usize);

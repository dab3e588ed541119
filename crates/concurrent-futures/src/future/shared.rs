use super::{Future, FutureId, kept::Kept};
use crate::{
    error::{Deadlock, TaskError, TimedOut},
    task::{
        awaiting::{self, Key},
        handle::Peek,
        slot::SlotRef,
        waiters::until_done,
    },
    time::Limit,
};
use std::{
    convert::Infallible,
    fmt,
    future::IntoFuture,
    ops::Deref,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// A [`Future`] for several readers. A clone is another handle to the same outcome.
///
/// Readers borrow the outcome, so it stays until the last handle goes.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let page = pool.submit(|| vec![1_u8, 2, 3]).shared();
/// let lengths: Vec<_> = (0..4)
///     .map(|_| {
///         let page = page.clone();
///         std::thread::spawn(move || page.result().unwrap().len())
///     })
///     .collect();
/// assert!(lengths.into_iter().all(|length| length.join().unwrap() == 3));
/// ```
pub struct SharedFuture<T, E = Infallible> {
    future: Arc<Owned<T, E>>,
}

struct Owned<T, E> {
    future: Future<T, E>,
    /// What waits have ended with that would never have ended, for readers who borrow it.
    deadlocks: Kept<TaskError<E>>,
}

impl<T, E> Deref for Owned<T, E> {
    type Target = Future<T, E>;

    fn deref(&self) -> &Self::Target {
        &self.future
    }
}

impl<T, E> SharedFuture<T, E> {
    pub(super) fn new(future: Future<T, E>) -> Self {
        Self {
            future: Arc::new(Owned {
                future,
                deadlocks: Kept::new(),
            }),
        }
    }

    /// As [`Future::cancel`], for all handles.
    pub fn cancel(&self) -> bool {
        self.future.cancel()
    }

    /// As [`Future::request_cancel`], for all handles.
    pub fn request_cancel(&self) -> bool {
        self.future.request_cancel()
    }

    /// As [`Future::cancelled`].
    pub fn cancelled(&self) -> bool {
        self.future.cancelled()
    }

    /// As [`Future::running`].
    pub fn running(&self) -> bool {
        self.future.running()
    }

    /// As [`Future::done`].
    pub fn done(&self) -> bool {
        self.future.done()
    }

    /// As [`Future::id`]; all handles have the same.
    pub fn id(&self) -> FutureId {
        self.future.id()
    }

    pub(crate) fn slot(&self) -> Option<SlotRef> {
        self.future.slot()
    }
}

impl<T: Send + Sync, E: Send + Sync> SharedFuture<T, E> {
    /// The value of the task, waiting for it if need be, as [`Future::result`].
    ///
    /// Blocks until the task is done. Callbacks may still be running then; one may ask for the
    /// result itself.
    ///
    /// # Errors
    ///
    /// As for [`Future::result`].
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let answer = pool.submit(|| 42).shared();
    /// assert_eq!(answer.result().unwrap(), &42);
    /// assert_eq!(answer.result().unwrap(), &42);
    /// ```
    pub fn result(&self) -> Result<&T, &TaskError<E>> {
        let outcome = self.result_within(Limit::Forever);
        outcome.expect("waited for without a limit")
    }

    /// As [`result`](Self::result), waiting at most so long. Zero looks once.
    ///
    /// # Errors
    ///
    /// The outer one if the time is over first.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let answer = pool.submit(|| 42).shared();
    /// assert_eq!(answer.result_timeout(Duration::MAX)?.unwrap(), &42);
    /// # Ok::<(), concurrent_futures::TimedOut>(())
    /// ```
    pub fn result_timeout(&self, timeout: Duration) -> Result<Result<&T, &TaskError<E>>, TimedOut> {
        self.result_within(Limit::after(timeout)).ok_or(TimedOut)
    }

    fn result_within(&self, limit: Limit) -> Option<Peek<'_, T, E>> {
        let handle = self.future.handle();
        match handle.wait_done(limit) {
            Ok(_) => handle.peek_done(),
            Err(deadlock) => Some(Err(self
                .future
                .deadlocks
                .keep(TaskError::Deadlock(deadlock)))),
        }
    }

    /// As [`Future::exception`].
    pub fn exception(&self) -> Option<&TaskError<E>> {
        self.result().err()
    }

    /// As [`Future::exception_timeout`].
    ///
    /// # Errors
    ///
    /// If the time is over first.
    pub fn exception_timeout(&self, timeout: Duration) -> Result<Option<&TaskError<E>>, TimedOut> {
        Ok(self.result_timeout(timeout)?.err())
    }

    /// As [`Future::add_done_callback`].
    pub fn add_done_callback<F>(&self, callback: F)
    where
        F: FnOnce(Result<&T, &TaskError<E>>) + Send + 'static,
    {
        self.future.add_done_callback(callback);
    }
}

impl<T, E> Clone for SharedFuture<T, E> {
    fn clone(&self) -> Self {
        Self {
            future: Arc::clone(&self.future),
        }
    }
}

impl<T, E> fmt::Debug for SharedFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self.future).fmt(f)
    }
}

impl<'a, T: Send + Sync, E: Send + Sync> IntoFuture for &'a SharedFuture<T, E> {
    type Output = Result<&'a T, &'a TaskError<E>>;
    type IntoFuture = SharedAwait<'a, T, E>;

    fn into_future(self) -> SharedAwait<'a, T, E> {
        SharedAwait {
            shared: self,
            key: Key::new(),
        }
    }
}

/// What `(&shared).await` awaits: the outcome of a [`SharedFuture`], borrowed.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct SharedAwait<'a, T, E> {
    shared: &'a SharedFuture<T, E>,
    key: Key,
}

impl<'a, T: Send + Sync, E: Send + Sync> std::future::Future for SharedAwait<'a, T, E> {
    type Output = Result<&'a T, &'a TaskError<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let future = &this.shared.future;
        let handle = future.handle();
        if handle.is_stranded(until_done) {
            let error = TaskError::Deadlock(Deadlock::forked());
            return Poll::Ready(Err(future.deadlocks.keep(error)));
        }
        match awaiting::poll(&handle.slot(), this.key, until_done, context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(handle.peek_done().expect("polled to its end")),
        }
    }
}

impl<T, E> Drop for SharedAwait<'_, T, E> {
    fn drop(&mut self) {
        if let Some(slot) = self.shared.slot() {
            awaiting::forget(&slot, self.key);
        }
    }
}

impl<T, E> fmt::Debug for SharedAwait<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

//! Futures that are completed from outside.

use crate::{
    Future, ThreadPoolExecutor,
    error::TaskError,
    task::promised::{self, Holder},
};
use std::{convert::Infallible, fmt, marker::PhantomData};

/// The other end of a [`Future`] that no pool completes: a reply from a network, a foreign callback, an
/// event.
///
/// Its future is like any other: [`wait`](crate::wait) and [`as_completed`](crate::as_completed) take it
/// together with futures of pools, callbacks and `.await` work, and so do [`then`](Future::then) and
/// [`cancel`](Future::cancel).
///
/// It is completed once, by [`set_result`](Self::set_result), [`set_exception`](Self::set_exception) or
/// [`complete`](Self::complete), on the thread that calls it. Before these return, all who wait have been
/// woken and all callbacks have run, on that thread. Dropped without, it cancels its future, so nobody
/// waits for ever.
///
/// A future that is pending may be cancelled by its owner, as one of a pool may. Say by
/// [`set_running_or_notify_cancel`](Self::set_running_or_notify_cancel) that work has begun, or find out at
/// the end that nobody wants it any more. Where the caller's side cannot know whether the work has begun,
/// because it is done on another machine, [`PromiseBuilder::revoke`] decides instead.
///
/// A worker of a pool that waits for a promise sleeps as for any foreign event: nobody takes its place,
/// unless the wait has a limit in time or is inside [`blocking`](crate::blocking).
///
/// ```
/// use concurrent_futures::Promise;
/// use std::thread;
///
/// let (promise, future) = Promise::<u32>::new();
/// thread::spawn(move || promise.set_result(42));
/// assert_eq!(future.result()?, 42);
/// # Ok::<(), concurrent_futures::TaskError>(())
/// ```
pub struct Promise<T, E = Infallible> {
    holder: Holder<T, E>,
}

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// A promise and its future. It costs about 1 KiB; with a [pool](PromiseBuilder::follow_ups_on),
    /// which has most of that already, a quarter of it.
    pub fn new() -> (Self, Future<T, E>) {
        PromiseBuilder::new().build()
    }

    /// As [`new`](Self::new), with more to be said.
    ///
    /// ```
    /// use concurrent_futures::{Promise, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new();
    /// let (promise, future) = Promise::<i32>::builder().follow_ups_on(&pool).build();
    /// let doubled = future.then(|n| 2 * n);
    /// promise.set_result(21).unwrap();
    /// assert_eq!(doubled.result().unwrap(), 42);
    /// ```
    pub fn builder<'a>() -> PromiseBuilder<'a, T, E> {
        PromiseBuilder::new()
    }
}

impl<T, E> Promise<T, E> {
    /// Says that the work has begun: [`running`](Future::running) is true from now on, and the future cannot
    /// be cancelled any more. False if it has been cancelled; then nobody wants the result. May be called
    /// again, and says the same.
    ///
    /// ```
    /// # use concurrent_futures::Promise;
    /// let (promise, future) = Promise::<i32>::new();
    /// assert!(promise.set_running_or_notify_cancel());
    /// assert!(future.running() && !future.cancel());
    /// ```
    pub fn set_running_or_notify_cancel(&self) -> bool {
        self.holder.start()
    }

    /// Whether the future has been cancelled.
    ///
    /// ```
    /// # use concurrent_futures::Promise;
    /// let (promise, future) = Promise::<i32>::new();
    /// assert!(future.cancel() && promise.is_cancelled());
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.holder.is_over()
    }

    /// Completes the future with a value.
    ///
    /// # Errors
    ///
    /// The value, if the future has been cancelled.
    ///
    /// ```
    /// # use concurrent_futures::Promise;
    /// let (promise, future) = Promise::<&str>::new();
    /// future.cancel();
    /// assert_eq!(promise.set_result("too late"), Err("too late"));
    /// ```
    pub fn set_result(self, value: T) -> Result<(), T> {
        self.holder
            .finish(Ok(value))
            .map_err(|outcome| match outcome {
                Ok(value) => value,
                Err(_) => unreachable!("it was given a value"),
            })
    }

    /// Completes the future with an error of its own kind.
    ///
    /// # Errors
    ///
    /// The error, if the future has been cancelled.
    ///
    /// ```
    /// # use concurrent_futures::Promise;
    /// let (promise, future) = Promise::<i32, String>::new();
    /// promise.set_exception("line is dead".to_owned()).unwrap();
    /// assert_eq!(future.result().unwrap_err().to_string(), "line is dead");
    /// ```
    pub fn set_exception(self, error: E) -> Result<(), E> {
        let given = self.holder.finish(Err(TaskError::Failed(error)));
        given.map_err(|outcome| match outcome {
            Err(TaskError::Failed(error)) => error,
            _ => unreachable!("it was given an error"),
        })
    }

    /// Completes the future with an outcome of any kind; [`TaskError::Cancelled`] cancels it.
    ///
    /// # Errors
    ///
    /// The outcome, if the future has been cancelled.
    ///
    /// ```
    /// # use concurrent_futures::{Panic, Promise, TaskError};
    /// let (promise, future) = Promise::<i32>::new();
    /// let panic = Panic::from_message("disk on fire");
    /// promise.complete(Err(TaskError::Panicked(panic))).unwrap();
    /// assert!(future.result().unwrap_err().is_panic());
    /// ```
    pub fn complete(self, outcome: Result<T, TaskError<E>>) -> Result<(), Result<T, TaskError<E>>> {
        self.holder.finish(outcome)
    }
}

impl<T, E> fmt::Debug for Promise<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

/// How a promise is made; from [`Promise::builder`].
#[must_use]
pub struct PromiseBuilder<'a, T, E = Infallible> {
    pool: Option<&'a ThreadPoolExecutor>,
    revoke: Option<Box<dyn Fn() + Send + Sync>>,
    types: PhantomData<fn(T, E)>,
}

impl<'a, T, E> PromiseBuilder<'a, T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    fn new() -> Self {
        Self {
            pool: None,
            revoke: None,
            types: PhantomData,
        }
    }

    /// Tasks that follow the future by [`then`](Future::then) are tasks of this pool. Without a pool they
    /// run on the thread that completes the promise, or, if it is complete already, on the one that calls
    /// `then`.
    ///
    /// The promise does not keep the pool alive. If it is gone, follow-ups fail as rejected.
    ///
    /// ```
    /// # use concurrent_futures::{Promise, ThreadPoolExecutor};
    /// # use std::thread;
    /// let pool = ThreadPoolExecutor::builder().thread_name_prefix("after").build()?;
    /// let (promise, future) = Promise::<i32>::builder().follow_ups_on(&pool).build();
    /// let place = future.then(|_| thread::current().name().map(str::to_owned));
    /// promise.set_result(1).unwrap();
    /// assert_eq!(place.result().unwrap().as_deref(), Some("after_0"));
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn follow_ups_on(self, pool: &'a ThreadPoolExecutor) -> Self {
        Self {
            pool: Some(pool),
            ..self
        }
    }

    /// Whether the work has begun is decided elsewhere: a [`cancel`](Future::cancel) does not end the
    /// future by itself, but calls this, on the thread that cancels and with no lock held.
    ///
    /// If it finds that the work will never be done, it has the promise completed with
    /// [`TaskError::Cancelled`] before it returns. Then `cancel` is true, and in no other case. It may block,
    /// for as long as `cancel` may; it may be called by several threads at once, and again after it was in
    /// vain. It is not called any more once the future is done, and dropped then. A panic in it is logged,
    /// and nothing was cancelled.
    ///
    /// ```
    /// use concurrent_futures::{Promise, TaskError};
    /// use std::sync::{Arc, Mutex};
    ///
    /// let place = Arc::new(Mutex::new(None::<Promise<i32>>));
    /// let asked = Arc::clone(&place);
    /// let (promise, future) = Promise::<i32>::builder()
    ///     .revoke(move || {
    ///         // In earnest: ask the other side first.
    ///         let promise = asked.lock().unwrap().take();
    ///         if let Some(promise) = promise {
    ///             promise.complete(Err(TaskError::Cancelled)).unwrap();
    ///         }
    ///     })
    ///     .build();
    /// *place.lock().unwrap() = Some(promise);
    /// assert!(future.cancel());
    /// ```
    pub fn revoke(self, revoke: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            revoke: Some(Box::new(revoke)),
            ..self
        }
    }

    /// The promise and its future.
    ///
    /// ```
    /// # use concurrent_futures::Promise;
    /// let (promise, future) = Promise::<&str>::builder().build();
    /// promise.set_result("ready").unwrap();
    /// assert!(future.done());
    /// ```
    pub fn build(self) -> (Promise<T, E>, Future<T, E>) {
        let alone;
        let source = if let Some(executor) = self.pool {
            executor.pool().promises()
        } else {
            alone = promised::source();
            &alone
        };
        let (holder, handle) = promised::promise(source, self.revoke);
        (Promise { holder }, Future::new(handle))
    }
}

impl<T, E> fmt::Debug for PromiseBuilder<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromiseBuilder")
            .field("pool", &self.pool)
            .field("revoke", &self.revoke.is_some())
            .finish()
    }
}

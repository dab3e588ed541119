//! Asking work to stop: [`CancelToken`].
//!
//! - [`node`]: the tree of tokens, and its law.
//! - [`ambient`]: the token of the task at hand, without a parameter.

pub(crate) mod ambient;
pub(crate) mod node;

use crate::{
    error::{Cancelled, Cause},
    time::{Limit, deadline_from},
    unwind::{Contained, catch, report},
};
use node::Node;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// A request to stop, which work can ask for and sleep on.
///
/// A handle: clones are the same token. It is cancelled once and for ever, by [`cancel`](Self::cancel)
/// or because its deadline has passed. Nothing is interrupted by that: work stops where it asks, by
/// [`check`](Self::check), or where it sleeps, by [`sleep`](Self::sleep).
///
/// A [`child`](Self::child) is cancelled with its parent, and can be cancelled without it.
///
/// A task is given a token by [`TaskBuilder::token`](crate::TaskBuilder::token). The tasks that it
/// submits inherit it; and what it calls can ask without being handed the token, by
/// [`check_cancelled`](crate::check_cancelled) and [`current`](Self::current).
///
/// Asking costs one load, and a look at the clock if there is a deadline.
///
/// ```
/// use concurrent_futures::{CancelToken, Cancelled, ThreadPoolExecutor};
/// use std::time::Duration;
///
/// let pool = ThreadPoolExecutor::new();
/// let token = CancelToken::new();
/// let poll = {
///     let token = token.clone();
///     pool.try_submit(move || -> Result<(), Cancelled> {
///         loop {
///             // … look whether there is something to do …
///             token.sleep(Duration::from_secs(3600))?;
///         }
///     })
/// };
/// token.cancel(); // wakes it
/// assert!(poll.result().is_err());
/// ```
#[derive(Clone)]
pub struct CancelToken {
    node: Arc<Node>,
}

impl CancelToken {
    /// A token that is cancelled by nobody but its holders.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// let token = CancelToken::new();
    /// assert!(!token.is_cancelled());
    /// ```
    pub fn new() -> Self {
        Self::of(Node::root())
    }

    pub(crate) fn of(node: Arc<Node>) -> Self {
        Self { node }
    }

    /// One that is cancelled with `parent`, if there is one, and at the deadline, if there is one.
    pub(crate) fn below(parent: Option<&Self>, deadline: Option<Instant>) -> Self {
        let parents: Vec<_> = parent.map(Self::node).into_iter().collect();
        Self::of(Node::below(&parents, deadline))
    }

    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// A token that is cancelled with this one, but not the other way round.
    ///
    /// A tree of any depth and breadth is cancelled by a loop, which costs a step for each living token.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// let service = CancelToken::new();
    /// let (one, other) = (service.child(), service.child());
    /// one.cancel();
    /// assert!(one.is_cancelled() && !other.is_cancelled() && !service.is_cancelled());
    /// service.cancel();
    /// assert!(other.is_cancelled());
    /// ```
    #[must_use = "it is the new token"]
    pub fn child(&self) -> Self {
        Self::below(Some(self), None)
    }

    /// A token that is cancelled when any of these is. Without any, it is a new one.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// let (client_left, server_stops) = (CancelToken::new(), CancelToken::new());
    /// let request = CancelToken::any([&client_left, &server_stops]);
    /// server_stops.cancel();
    /// assert!(request.is_cancelled() && !client_left.is_cancelled());
    /// ```
    pub fn any<'a>(tokens: impl IntoIterator<Item = &'a Self>) -> Self {
        let nodes: Vec<_> = tokens.into_iter().map(Self::node).collect();
        Self::of(Node::below(&nodes, None))
    }

    /// A child with a deadline: it counts as cancelled from then on.
    ///
    /// No thread watches the clock for it. An earlier deadline of a parent stays in force.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// # use std::time::{Duration, Instant};
    /// let soon = Instant::now() + Duration::from_secs(60);
    /// let token = CancelToken::new().with_deadline(soon);
    /// let child = token.with_deadline(soon + Duration::from_secs(60));
    /// assert_eq!(child.deadline(), Some(soon));
    /// assert!(!child.is_cancelled());
    /// ```
    #[must_use = "it is the new token"]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Self::below(Some(self), Some(deadline))
    }

    /// As [`with_deadline`](Self::with_deadline), so long from now. [`Duration::MAX`] is no deadline.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// # use std::time::Duration;
    /// let token = CancelToken::new().with_timeout(Duration::ZERO);
    /// assert!(token.is_cancelled());
    /// ```
    #[must_use = "it is the new token"]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self::below(Some(self), deadline_from(Instant::now(), timeout))
    }

    /// The token of the task that the calling thread runs.
    ///
    /// It is cancelled with the token that the task was given, if it was given one; by
    /// [`Future::request_cancel`](crate::Future::request_cancel); and by
    /// [`Shutdown::cancel_running`](crate::Shutdown::cancel_running). To cancel it concerns only who
    /// holds it or its clones, and this task. For an item of a map it is that of the map.
    ///
    /// Outside of any task it is that of [`enter`](Self::enter), else a new one.
    ///
    /// The first call in a task costs an allocation and a lock of the pool, the next ones a count.
    /// Only to ask, [`check_cancelled`](crate::check_cancelled) is cheaper.
    ///
    /// ```
    /// # use concurrent_futures::{CancelToken, ThreadPoolExecutor};
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let future = pool.submit(|| CancelToken::current().sleep(Duration::from_secs(3600)));
    /// while !future.running() {}
    /// future.request_cancel(); // wakes it
    /// assert!(future.result().unwrap().is_err());
    /// ```
    pub fn current() -> Self {
        ambient::current()
    }

    /// Asks all who hold this token, or one below it, to stop. Whether this call was the first.
    ///
    /// Wakes who sleeps on them, then calls the callbacks of [`on_cancel`](Self::on_cancel). Does not wait for
    /// anybody to stop. The tasks that were given such a token and are still queued will not start;
    /// they end when their turn comes. To have them end at once, cancel their futures, or use a
    /// [`TaskGroup`](crate::TaskGroup).
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// let token = CancelToken::new();
    /// assert!(token.cancel());
    /// assert!(!token.cancel());
    /// ```
    pub fn cancel(&self) -> bool {
        self.node.cancel(Cause::Requested)
    }

    /// Whether it was cancelled, or its deadline has passed.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// let token = CancelToken::new();
    /// token.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.node.cause().is_some()
    }

    /// The same as a `Result`, for a `?` between two pieces of work.
    ///
    /// # Errors
    ///
    /// If the token is cancelled; the error says why.
    ///
    /// ```
    /// # use concurrent_futures::{CancelToken, Cancelled};
    /// fn sum(numbers: &[u64], token: &CancelToken) -> Result<u64, Cancelled> {
    ///     let mut sum = 0;
    ///     for chunk in numbers.chunks(1000) {
    ///         token.check()?;
    ///         sum += chunk.iter().sum::<u64>();
    ///     }
    ///     Ok(sum)
    /// }
    /// assert_eq!(sum(&[1, 2, 3], &CancelToken::new()), Ok(6));
    /// ```
    pub fn check(&self) -> Result<(), Cancelled> {
        match self.node.cause() {
            None => Ok(()),
            Some(cause) => Err(cause.into()),
        }
    }

    /// When it will count as cancelled, if nobody cancels it before: the earliest deadline of its
    /// own and of those above it.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// assert_eq!(CancelToken::new().deadline(), None);
    /// ```
    pub fn deadline(&self) -> Option<Instant> {
        self.node.deadline()
    }

    /// Sleeps so long, or until the token is cancelled: then it wakes at once. Zero only looks.
    ///
    /// Blocks the thread; on a worker, that worker.
    ///
    /// # Errors
    ///
    /// If the token is cancelled, before or meanwhile.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// # use std::{thread, time::Duration};
    /// let token = CancelToken::new();
    /// thread::scope(|scope| {
    ///     let sleeper = scope.spawn(|| token.sleep(Duration::from_secs(3600)));
    ///     token.cancel();
    ///     assert!(sleeper.join().unwrap().is_err());
    /// });
    /// ```
    pub fn sleep(&self, duration: Duration) -> Result<(), Cancelled> {
        match self.node.wait(Limit::after(duration)) {
            None => Ok(()),
            Some(cause) => Err(cause.into()),
        }
    }

    /// Blocks until the token is cancelled, and says why.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// # use std::time::Duration;
    /// let token = CancelToken::new().with_timeout(Duration::from_millis(1));
    /// assert!(token.wait().is_deadline());
    /// ```
    pub fn wait(&self) -> Cancelled {
        loop {
            if let Some(cause) = self.node.wait(Limit::Forever) {
                return cause.into();
            }
        }
    }

    /// Calls `callback` once when somebody cancels the token or one above it: to close a socket that a
    /// task is blocked on, for instance. If that has happened already, on this thread, before this
    /// returns.
    ///
    /// It runs on the thread that cancels, with no lock held, when all tokens below count as
    /// cancelled already; a panic is logged and goes no further. Nobody calls it because a deadline
    /// passes, since nobody watches the clock.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// # use std::sync::mpsc;
    /// let token = CancelToken::new();
    /// let (tell, told) = mpsc::channel();
    /// let _guard = token.on_cancel(move || tell.send("closed").unwrap());
    /// token.cancel();
    /// assert_eq!(told.recv(), Ok("closed"));
    /// ```
    #[must_use = "dropping the guard takes the callback back"]
    pub fn on_cancel(&self, callback: impl FnOnce() + Send + 'static) -> OnCancel {
        let callback = Contained::new("a callback of a token", callback);
        let key = match self.node.call(Box::new(|| callback.into_inner()())) {
            Ok(key) => Some(key),
            Err(callback) => {
                if let Err(panic) = catch(callback) {
                    report(
                        log::Level::Error,
                        format_args!("a callback of a token panicked: {panic}"),
                    );
                }
                None
            }
        };
        OnCancel {
            node: Arc::clone(&self.node),
            key,
        }
    }

    /// Runs `f` with this token as the ambient one: that of [`current`](Self::current) and
    /// [`check_cancelled`](crate::check_cancelled), which the tasks that `f` submits inherit.
    ///
    /// ```
    /// # use concurrent_futures::{CancelToken, check_cancelled};
    /// let token = CancelToken::new();
    /// token.cancel();
    /// assert!(token.enter(|| check_cancelled()).is_err());
    /// assert!(check_cancelled().is_ok());
    /// ```
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        ambient::enter(self, f)
    }
}

impl Default for CancelToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("cancelled", &self.node.cause())
            .field("deadline", &self.node.deadline())
            .finish()
    }
}

/// A callback on a token; see [`CancelToken::on_cancel`]. Dropped, it takes the callback back, if
/// that has not been called. It does not wait for one that is just being called elsewhere.
#[must_use = "dropping it takes the callback back"]
pub struct OnCancel {
    node: Arc<Node>,
    key: Option<u64>,
}

impl OnCancel {
    /// Leaves the callback with the token for as long as that lives.
    ///
    /// ```
    /// # use concurrent_futures::CancelToken;
    /// # use std::sync::mpsc;
    /// let token = CancelToken::new();
    /// let (tell, told) = mpsc::channel();
    /// token.on_cancel(move || tell.send(()).unwrap()).keep();
    /// token.cancel();
    /// assert!(told.recv().is_ok());
    /// ```
    pub fn keep(mut self) {
        self.key = None;
    }
}

impl Drop for OnCancel {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            drop(self.node.forget(key));
        }
    }
}

impl fmt::Debug for OnCancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnCancel").finish_non_exhaustive()
    }
}

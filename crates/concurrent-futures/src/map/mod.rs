//! `map`: one function over many inputs.
//!
//! # The law
//!
//! Each item is a task, as if it had been submitted by itself at the moment it was read:
//!
//! - Items start in input order, one after the other, however many workers take them: an item
//!   starts only when all before it have started. So an item may wait for any earlier one, and
//!   `max_workers` items that come one after the other may wait for each other, anywhere.
//! - What was submitted before an item was read starts before that item, what is submitted after
//!   it starts after it. An item may start while later ones are still being read.
//! - A worker of the pool that iterates, and needs an item that nobody has started, runs it itself.
//! - An item's input is gone before its outcome can be seen, and the function before the last one
//!   can. An outcome can be seen before the worker starts its next item.
//! - Items that have not started end as queued tasks do when the pool is shut down, breaks, or has
//!   no thread, and at once when the iteration ends.
//!
//! # How it works
//!
//! - [`feed`] reads the input into *batches* of up to a thousand items. For each batch it puts
//!   *runners* into the queue, as many as there are items, but not more than there may be workers.
//!   A runner is a task that runs items of its batch, one after the other, until none is left to be
//!   started.
//! - [`claims`]: one word per batch says how many items have been taken; a runner takes the next
//!   one by moving it on.
//! - A batch stands in the queue where its runners stand, so nobody else's task may stand between
//!   its items. When anybody else has pushed one, the next item begins a new batch.
//! - [`cells`]: input and outcome lie in the same place.
//! - [`clerk`]: counts items.
//! - [`batch`]: the runner's loop, and the ways an item ends.
//!
//! Where each item takes room of its own in a bounded queue ([`tasks`]), where the input is read as the
//! results are taken ([`buffered`]), and where results are taken as they come ([`unordered`]), each
//! item is a task in a slot of its own; [`intake`] submits them.
//!
//! Why the order holds: a batch has at least as many runners, in the queue or at work, as it has
//! unfinished items, or `max_workers`. When a worker takes what stands behind the batch in the
//! queue, all its runners have been taken, each by another worker. So they are fewer than
//! `max_workers`, hence at least one for each unfinished item: for each item that has not started
//! there is a runner that runs none, and is just about to take one.
//!
//! # Why not in chunks?
//!
//! A worker that takes several short items in one step saves a cache miss for each. But then an
//! item may start while an earlier one has not, and waits behind the item that its worker runs. If
//! all workers come to wait then, for items that are taken and not started, none ever goes on;
//! with one item at a time, the same program ends. Nobody can tell short items from waiting ones
//! before they have run, and what has started to wait cannot be asked to give back what it has
//! taken.

pub(crate) mod batch;
mod buffered;
#[allow(unsafe_code)] // keeps input and outcome in one place
pub(crate) mod cells;
pub(crate) mod claims;
mod clerk;
mod feed;
mod intake;
mod tasks;
mod unordered;
mod verbs;

pub use buffered::MapBuffered;
pub use unordered::{BufferedUnordered, MapUnordered};

use crate::{
    Future,
    error::{Deadlock, MapError, TaskError},
    observing::Site,
    pool::Pool,
    sync::spin_until,
    task::{post::Post, reclaim::Item},
    time::{Limit, deadline_from},
};
use cells::{Outcome, Reader};
use feed::Feed;
use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    iter::FusedIterator,
    marker::PhantomData,
    sync::Arc,
    time::{Duration, Instant},
};

/// The outcomes of a batch, for its reader.
pub(crate) trait Outcomes<R, E>: Send + Sync {
    fn is_ready(&self, reader: &Reader) -> bool;

    /// The next one, if it is there.
    fn take(&self, reader: &mut Reader) -> Option<Outcome<R, E>>;

    /// Whether the caller is a worker of the pool.
    fn is_own_workers(&self) -> bool;

    /// The item that the next one is of, if nobody has taken it.
    fn unstarted(self: Arc<Self>, reader: &Reader) -> Option<Item>;

    /// Sleeps until the next one is there, or the time is over.
    fn sleep(&self, reader: &Reader, limit: Limit);

    /// Whether the workers are in another process.
    fn is_inherited(&self) -> bool;

    /// Ends the items that have not started.
    fn cancel(&self);

    /// Drops the outcomes that are there; those that come later are dropped by their workers.
    fn abandon(&self, reader: &mut Reader);
}

/// One batch of the iteration.
struct Piece<R, E> {
    batch: Arc<dyn Outcomes<R, E>>,
    reader: Reader,
}

impl<R, E> Piece<R, E> {
    fn wait(&mut self, limit: Limit) -> Option<Outcome<R, E>> {
        if limit.is_over() {
            return None;
        }
        let post = Post::current().filter(|_| self.batch.is_own_workers());
        let item = match (&post, limit) {
            (Some(_), Limit::Forever) => Arc::clone(&self.batch).unstarted(&self.reader),
            _ => None,
        };
        if let (Some(post), Some(item)) = (&post, item) {
            post.run_item(item);
        }
        if !spin_until(|| self.batch.is_ready(&self.reader)) {
            if self.batch.is_inherited() {
                return Some(Err(TaskError::Deadlock(Deadlock::forked())));
            }
            let _paused = post.and_then(|post| post.pause_within(limit));
            self.batch.sleep(&self.reader, limit);
        }
        self.batch.take(&mut self.reader)
    }
}

/// The results of [`map`](crate::ThreadPoolExecutor::map), in input order.
///
/// Each item is a `Result`, so `collect::<Result<Vec<_>, _>>()?` gives all values or the first
/// error. After an error the iteration is over and the rest is cancelled. Dropping an iteration
/// that has begun cancels the rest; dropping one that has not begun cancels nothing, so
/// `pool.map(files, save);` runs all.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// for (n, square) in pool.map(0..10, |n| n * n).enumerate() {
///     assert_eq!(square.unwrap(), n * n);
/// }
/// ```
pub struct Map<R, E = Infallible> {
    /// None of them is read to its end.
    pieces: VecDeque<Piece<R, E>>,
    /// On a pool with a bound, in place of pieces.
    tasks: VecDeque<Future<R, E>>,
    left: usize,
    index: usize,
    called: Instant,
    limit: Limit,
    outcomes: PhantomData<Outcome<R, E>>,
}

impl<R, E> Map<R, E> {
    pub(crate) fn of<I, F>(pool: &Arc<Pool>, inputs: I, f: F, site: Site) -> Self
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> Result<R, E> + Send + Sync + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        // What a broken pool refuses counts as rejected; an item in a batch was taken, and has failed.
        if pool.dresses_items() || pool.is_broken() || pool.is_inherited() {
            return Self::of_tasks(pool, inputs, f, site);
        }
        let mut feed = Feed::new(pool, f);
        for input in inputs {
            feed.push(input);
        }
        feed.finish()
    }

    fn new() -> Self {
        Self {
            pieces: VecDeque::new(),
            tasks: VecDeque::new(),
            left: 0,
            index: 0,
            called: Instant::now(),
            limit: Limit::Forever,
            outcomes: PhantomData,
        }
    }

    fn add(&mut self, piece: Piece<R, E>) {
        self.left += piece.reader.left();
        self.pieces.push_back(piece);
    }

    /// A bound for the whole iteration, counted from the call of `map`. A result that is ready is
    /// given even after it; one that is not is the error, and ends the iteration.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::{sync::mpsc, time::Duration};
    /// let pool = ThreadPoolExecutor::new();
    /// let (release, gate) = mpsc::channel::<()>();
    /// let mut results = pool
    ///     .map([gate], |gate| drop(gate.recv()))
    ///     .timeout(Duration::from_millis(1));
    /// assert!(results.next().unwrap().unwrap_err().is_timeout());
    /// assert!(results.next().is_none());
    /// # drop(release);
    /// ```
    #[must_use = "it is the iterator with the bound"]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limit = Limit::at(deadline_from(self.called, timeout));
        self
    }

    fn cancel_rest(&mut self) {
        for piece in &self.pieces {
            piece.batch.cancel();
        }
        for task in &self.tasks {
            task.cancel();
        }
        self.abandon();
    }

    fn abandon(&mut self) {
        self.left = 0;
        for mut piece in self.pieces.drain(..) {
            piece.batch.abandon(&mut piece.reader);
        }
        self.tasks.clear();
    }

    #[cold]
    fn end(&mut self, error: MapError<E>) -> MapError<E> {
        self.cancel_rest();
        error
    }
}

impl<R, E> Iterator for Map<R, E> {
    type Item = Result<R, MapError<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(piece) = self.pieces.front_mut() else {
            return self.next_task();
        };
        let index = self.index;
        self.index += 1;
        let ready = piece.batch.take(&mut piece.reader);
        let Some(outcome) = ready.or_else(|| piece.wait(self.limit)) else {
            return Some(Err(self.end(MapError::timed_out(index))));
        };
        self.left -= 1;
        if piece.reader.left() == 0 {
            self.pieces.pop_front();
        }
        Some(outcome.map_err(|error| self.end(MapError::task(index, error))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<R, E> ExactSizeIterator for Map<R, E> {}

impl<R, E> FusedIterator for Map<R, E> {}

impl<R, E> Drop for Map<R, E> {
    fn drop(&mut self) {
        if self.index > 0 {
            self.cancel_rest();
        } else {
            self.abandon();
        }
    }
}

impl<R, E> fmt::Debug for Map<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("index", &self.index)
            .field("remaining", &self.left)
            .finish_non_exhaustive()
    }
}

use super::intake::Intake;
use crate::{
    Future,
    error::MapError,
    task::ready::Ready,
    time::{Limit, deadline_from},
};
use std::{
    convert::Infallible,
    fmt,
    iter::FusedIterator,
    time::{Duration, Instant},
};

/// Tasks of items, whose results are taken as they come.
pub(super) struct Results<R, E> {
    /// Each with its index.
    ready: Ready<(usize, Future<R, E>)>,
    /// The index of the first of them all.
    first: usize,
    called: Instant,
    limit: Limit,
    begun: bool,
}

impl<R, E> Results<R, E> {
    pub(super) fn from(first: usize, called: Instant, limit: Limit) -> Self {
        Self {
            ready: Ready::with_capacity(0),
            first,
            called,
            limit,
            begun: false,
        }
    }

    pub(super) fn add(&mut self, future: Future<R, E>) {
        let index = self.first + self.ready.added();
        self.ready.watch((index, future));
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.limit = Limit::at(deadline_from(self.called, timeout));
    }

    fn len(&self) -> usize {
        self.ready.len()
    }

    /// The next one that is there. `Err` if the time is over first.
    fn next(&mut self) -> Option<Result<R, MapError<E>>> {
        self.begun = true;
        if self.ready.len() == 0 {
            return None;
        }
        Some(match self.ready.next(self.limit) {
            Some((index, future)) => future
                .result()
                .map_err(|error| MapError::task(index, error)),
            None => Err(MapError::timed_out(self.cancel_rest())),
        })
    }

    /// Cancels what was not given out. Gives the index of the first of them.
    fn cancel_rest(&mut self) -> usize {
        let ready = std::mem::replace(&mut self.ready, Ready::with_capacity(0));
        let rest = ready.into_watched();
        for (_, future) in &rest {
            future.cancel();
        }
        rest.first().map_or(0, |(index, _)| *index)
    }
}

/// The results of [`map_unordered`](crate::ThreadPoolExecutor::map_unordered), as they come.
///
/// Each item is a `Result`, and unlike in [`Map`](crate::Map) an error does not end the iteration:
/// it stands for its own item, whose [index](MapError::index) it names. As with `Map`, dropping an
/// iteration that has begun cancels the rest; dropping one that has not begun cancels nothing.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let words = ["1", "two", "3"];
/// let mut sum = 0;
/// for number in pool.try_map_unordered(words, str::parse::<i32>) {
///     match number {
///         Ok(number) => sum += number,
///         Err(error) => println!("{}: {error}", words[error.index()]),
///     }
/// }
/// assert_eq!(sum, 4);
/// ```
pub struct MapUnordered<R, E = Infallible> {
    results: Results<R, E>,
}

impl<R, E> MapUnordered<R, E> {
    pub(super) fn new(futures: impl Iterator<Item = Future<R, E>>) -> Self {
        let mut results = Results::from(0, Instant::now(), Limit::Forever);
        futures.for_each(|future| results.add(future));
        Self { results }
    }

    /// A bound for the whole iteration, counted from the call of `map_unordered`. What is ready is
    /// given even after it; then follows one error, with the index of the first item that was not,
    /// and the end. The rest is cancelled.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::{sync::mpsc, time::Duration};
    /// let pool = ThreadPoolExecutor::new();
    /// let (release, gate) = mpsc::channel::<()>();
    /// let mut results = pool
    ///     .map_unordered([gate], |gate| drop(gate.recv()))
    ///     .timeout(Duration::from_millis(1));
    /// assert!(results.next().unwrap().unwrap_err().is_timeout());
    /// assert!(results.next().is_none());
    /// # drop(release);
    /// ```
    #[must_use = "it is the iterator with the bound"]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.results.set_timeout(timeout);
        self
    }
}

impl<R, E> Iterator for MapUnordered<R, E> {
    type Item = Result<R, MapError<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.results.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.results.len();
        (left.min(1), Some(left))
    }
}

impl<R, E> FusedIterator for MapUnordered<R, E> {}

impl<R, E> Drop for MapUnordered<R, E> {
    fn drop(&mut self) {
        if self.results.begun {
            self.results.cancel_rest();
        }
    }
}

impl<R, E> fmt::Debug for MapUnordered<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapUnordered")
            .field("remaining", &self.results.len())
            .finish_non_exhaustive()
    }
}

/// The results of [`MapBuffered::unordered`](crate::MapBuffered::unordered), as they come.
///
/// Errors do not end it, as with [`MapUnordered`]. When the pool is shut down meanwhile, the next
/// items are errors that say so, and then no more is read. Dropping it cancels the rest.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let numbers = pool.map_buffered(4, 0_u32.., |n| n * n).unordered();
/// assert_eq!(numbers.take(100).filter(Result::is_ok).count(), 100);
/// ```
#[must_use = "dropping it cancels what has been read"]
pub struct BufferedUnordered<I: Iterator, R, E = Infallible> {
    buffer: usize,
    results: Results<R, E>,
    intake: Intake<I, R, E>,
}

impl<I: Iterator, R, E> BufferedUnordered<I, R, E> {
    pub(super) fn new(buffer: usize, intake: Intake<I, R, E>, results: Results<R, E>) -> Self {
        Self {
            buffer,
            results,
            intake,
        }
    }

    /// A bound for the whole iteration, counted from the call of `map_buffered`; see
    /// [`MapUnordered::timeout`].
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::time::Duration;
    /// let pool = ThreadPoolExecutor::new();
    /// let words = ["a", "bb"];
    /// let lengths = pool.map_buffered(4, words, str::len).unordered();
    /// assert_eq!(lengths.timeout(Duration::from_secs(60)).count(), 2);
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.results.set_timeout(timeout);
        self
    }
}

impl<I: Iterator, R, E> Iterator for BufferedUnordered<I, R, E> {
    type Item = Result<R, MapError<E>>;

    /// # Panics
    ///
    /// If the input does. Then it has ended; what was read before is still given out.
    fn next(&mut self) -> Option<Self::Item> {
        while self.results.len() < self.buffer {
            match self.intake.next() {
                Some(future) => self.results.add(future),
                None => break,
            }
        }
        let next = self.results.next();
        if let Some(Err(error)) = &next {
            if error.is_timeout() {
                self.intake.close();
            }
        }
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (_, most) = self.intake.size_hint();
        let read = self.results.len();
        (read.min(1), most.and_then(|most| most.checked_add(read)))
    }
}

impl<I: Iterator, R, E> FusedIterator for BufferedUnordered<I, R, E> {}

impl<I: Iterator, R, E> Drop for BufferedUnordered<I, R, E> {
    fn drop(&mut self) {
        self.intake.close();
        self.results.cancel_rest();
    }
}

impl<I: Iterator, R, E> fmt::Debug for BufferedUnordered<I, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedUnordered")
            .field("read", &self.results.len())
            .field("input", &self.intake)
            .finish_non_exhaustive()
    }
}

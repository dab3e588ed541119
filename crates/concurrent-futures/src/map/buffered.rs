use super::{
    intake::Intake,
    unordered::{BufferedUnordered, Results},
};
use crate::{
    Future,
    error::MapError,
    time::{Limit, deadline_from},
};
use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    iter::FusedIterator,
    time::{Duration, Instant},
};

/// The results of [`map_buffered`](crate::ThreadPoolExecutor::map_buffered), in input order.
///
/// It reads its input as it goes. As with [`Map`](crate::Map), each item is a `Result`, and after an
/// error the iteration is over and the rest is cancelled. Dropping it cancels the rest, too.
///
/// It keeps its pool open: it counts as a handle of it until the input has been read to its end.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let mut squares = pool.map_buffered(8, 1_u64.., |n| n * n);
/// assert_eq!(squares.find_map(|n| n.ok().filter(|n| *n > 1000)), Some(1024));
/// ```
#[must_use = "dropping it cancels what has been read"]
pub struct MapBuffered<I: Iterator, R, E = Infallible> {
    /// Read and not given out, in input order.
    pending: VecDeque<Future<R, E>>,
    buffer: usize,
    index: usize,
    called: Instant,
    limit: Limit,
    intake: Intake<I, R, E>,
}

impl<I: Iterator, R, E> MapBuffered<I, R, E> {
    pub(super) fn new(buffer: usize, intake: Intake<I, R, E>) -> Self {
        let mut map = Self {
            pending: VecDeque::new(),
            buffer: buffer.max(1),
            index: 0,
            called: Instant::now(),
            limit: Limit::Forever,
            intake,
        };
        map.fill();
        map
    }

    fn fill(&mut self) {
        while self.pending.len() < self.buffer {
            match self.intake.next() {
                Some(future) => self.pending.push_back(future),
                None => return,
            }
        }
    }

    /// A bound for the whole iteration, counted from the call of `map_buffered`. A result that is
    /// ready is given even after it; one that is not is the error, and ends the iteration.
    ///
    /// It bounds the waiting for results. Reading an input and waiting for room in a bounded queue
    /// take the time that they take.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// # use std::{sync::mpsc, time::Duration};
    /// let pool = ThreadPoolExecutor::new();
    /// let (release, gate) = mpsc::channel::<()>();
    /// let mut results = pool
    ///     .map_buffered(2, [gate], |gate| drop(gate.recv()))
    ///     .timeout(Duration::from_millis(1));
    /// assert!(results.next().unwrap().unwrap_err().is_timeout());
    /// # drop(release);
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limit = Limit::at(deadline_from(self.called, timeout));
        self
    }

    /// Gives the results that are left as they come, each with room for the next input; see [`BufferedUnordered`].
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let lengths = pool.map_buffered(4, ["a", "bb", "ccc"], str::len).unordered();
    /// let mut lengths: Vec<usize> = lengths.collect::<Result<_, _>>()?;
    /// lengths.sort();
    /// assert_eq!(lengths, [1, 2, 3]);
    /// # Ok::<(), concurrent_futures::MapError>(())
    /// ```
    pub fn unordered(mut self) -> BufferedUnordered<I, R, E> {
        let mut results = Results::from(self.index, self.called, self.limit);
        for future in self.pending.drain(..) {
            results.add(future);
        }
        let intake = std::mem::replace(&mut self.intake, Intake::ended());
        BufferedUnordered::new(self.buffer, intake, results)
    }

    fn cancel_rest(&mut self) {
        self.intake.close();
        for future in self.pending.drain(..) {
            future.cancel();
        }
    }

    #[cold]
    fn end(&mut self, error: MapError<E>) -> MapError<E> {
        self.cancel_rest();
        error
    }
}

impl<I: Iterator, R, E> Iterator for MapBuffered<I, R, E> {
    type Item = Result<R, MapError<E>>;

    /// # Panics
    ///
    /// If the input does. Then it has ended; what was read before is still given out.
    fn next(&mut self) -> Option<Self::Item> {
        self.fill();
        let future = self.pending.pop_front()?;
        let index = self.index;
        self.index += 1;
        Some(match future.result_within(self.limit) {
            Ok(outcome) => outcome.map_err(|error| self.end(MapError::task(index, error))),
            Err(late) => {
                late.cancel();
                Err(self.end(MapError::timed_out(index)))
            }
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (_, most) = self.intake.size_hint();
        let read = self.pending.len();
        (read.min(1), most.and_then(|most| most.checked_add(read)))
    }
}

impl<I: Iterator, R, E> FusedIterator for MapBuffered<I, R, E> {}

impl<I: Iterator, R, E> Drop for MapBuffered<I, R, E> {
    fn drop(&mut self) {
        self.cancel_rest();
    }
}

impl<I: Iterator, R, E> fmt::Debug for MapBuffered<I, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapBuffered")
            .field("index", &self.index)
            .field("read", &self.pending.len())
            .field("input", &self.intake)
            .finish_non_exhaustive()
    }
}

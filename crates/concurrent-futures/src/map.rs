use crate::{
    Future,
    error::MapError,
    time::{Limit, deadline_from},
};
use std::{
    convert::Infallible,
    fmt,
    iter::FusedIterator,
    time::{Duration, Instant},
    vec,
};

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
    futures: vec::IntoIter<Future<R, E>>,
    index: usize,
    called: Instant,
    limit: Limit,
}

impl<R, E> Map<R, E> {
    pub(crate) fn of<I: IntoIterator>(
        inputs: I,
        submit: impl FnMut(I::Item) -> Future<R, E>,
    ) -> Self {
        let called = Instant::now();
        Self {
            futures: inputs
                .into_iter()
                .map(submit)
                .collect::<Vec<_>>()
                .into_iter(),
            index: 0,
            called,
            limit: Limit::Forever,
        }
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
        for future in &mut self.futures {
            future.cancel();
        }
    }
}

impl<R, E> Iterator for Map<R, E> {
    type Item = Result<R, MapError<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        let future = self.futures.next()?;
        let index = self.index;
        self.index += 1;
        let result = match future.result_within(self.limit) {
            Ok(outcome) => outcome.map_err(|error| MapError::task(index, error)),
            Err(late) => {
                late.cancel();
                Err(MapError::timed_out(index))
            }
        };
        if result.is_err() {
            self.cancel_rest();
        }
        Some(result)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.futures.size_hint()
    }
}

impl<R, E> ExactSizeIterator for Map<R, E> {}

impl<R, E> FusedIterator for Map<R, E> {}

impl<R, E> Drop for Map<R, E> {
    fn drop(&mut self) {
        if self.index > 0 {
            self.cancel_rest();
        }
    }
}

impl<R, E> fmt::Debug for Map<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("index", &self.index)
            .field("remaining", &self.futures.len())
            .finish_non_exhaustive()
    }
}

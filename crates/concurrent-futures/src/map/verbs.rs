//! The front door's further ways to map.

use super::{
    MapBuffered, MapUnordered,
    intake::{Intake, Starter},
};
use crate::ThreadPoolExecutor;
use std::panic::Location;

impl ThreadPoolExecutor {
    /// Runs `f` on each input, reading the input as it goes, and gives the results in input order:
    /// [`map`](Self::map) for inputs that are endless, or too many to be in memory at once.
    ///
    /// At most `buffer` inputs have been read at any time whose results have not been given out; 0
    /// counts as 1. The first of them are read, and their tasks submitted, before this returns; each
    /// step of the iteration reads on first. A good number is a few times that of the workers: if
    /// it is small, workers wait for the iteration.
    ///
    /// The input is read on the iterating thread, so reading blocks the iteration for as long as it
    /// takes. If it panics, so does the step that reads. On a pool that is shut down, the next item
    /// is the error that says so.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let lines = (1..).map(|n| format!("line {n}"));
    /// let lengths: Vec<usize> = pool
    ///     .map_buffered(16, lines, |line| line.len())
    ///     .take(1000)
    ///     .collect::<Result<_, _>>()?;
    /// assert_eq!(lengths[999], "line 1000".len());
    /// # Ok::<(), concurrent_futures::MapError>(())
    /// ```
    #[track_caller]
    pub fn map_buffered<I, F, R>(
        &self,
        buffer: usize,
        inputs: I,
        f: F,
    ) -> MapBuffered<I::IntoIter, R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        self.try_map_buffered(buffer, inputs, move |input| Ok(f(input)))
    }

    /// As [`map_buffered`](Self::map_buffered), for a function that can fail.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let words = "1 2 three 4".split(' ');
    /// let numbers: Vec<_> = pool.try_map_buffered(2, words, str::parse::<i32>).collect();
    /// assert_eq!(numbers.len(), 3);
    /// assert_eq!(numbers[2].as_ref().unwrap_err().index(), 2);
    /// ```
    #[track_caller]
    pub fn try_map_buffered<I, F, R, E>(
        &self,
        buffer: usize,
        inputs: I,
        f: F,
    ) -> MapBuffered<I::IntoIter, R, E>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> Result<R, E> + Send + Sync + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        MapBuffered::new(
            buffer,
            Intake::new(self, inputs.into_iter(), f, Location::caller()),
        )
    }

    /// Runs `f` on each input and gives the results as they come, whatever the order of the inputs.
    ///
    /// Eager, as [`map`](Self::map): all inputs are read and their tasks submitted before this
    /// returns. An error does not end the iteration. To read the input as it goes, use
    /// [`map_buffered`](Self::map_buffered) and [`unordered`](MapBuffered::unordered).
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let squares = pool.map_unordered([1, 2, 3], |n| n * n);
    /// let sum: i32 = squares.sum::<Result<_, _>>()?;
    /// assert_eq!(sum, 14);
    /// # Ok::<(), concurrent_futures::MapError>(())
    /// ```
    #[track_caller]
    pub fn map_unordered<I, F, R>(&self, inputs: I, f: F) -> MapUnordered<R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        self.try_map_unordered(inputs, move |input| Ok(f(input)))
    }

    /// As [`map_unordered`](Self::map_unordered), for a function that can fail.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let numbers = pool.try_map_unordered(["1", "two", "3"], str::parse::<i32>);
    /// assert_eq!(numbers.filter_map(Result::ok).sum::<i32>(), 4);
    /// ```
    #[track_caller]
    pub fn try_map_unordered<I, F, R, E>(&self, inputs: I, f: F) -> MapUnordered<R, E>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> Result<R, E> + Send + Sync + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let starter = Starter::new(f, Location::caller());
        let start = |input| starter.start(self.pool(), input);
        MapUnordered::new(inputs.into_iter().map(start))
    }
}

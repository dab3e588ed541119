use super::Waitable;
use crate::{error::AsCompletedError, task::ready::Ready, time::Limit};
use std::{fmt, time::Duration};

/// Gives futures one by one as they get done: those that are done already first, the others in the
/// order of their completion.
///
/// Takes what [`wait`](crate::wait) takes; `as_completed(pairs)` gives the pairs, so an input can
/// travel with its future. Iterating blocks; on a worker it runs members of its own pool that have not
/// started, one for each that it lacks, see [waiting](crate::docs::waiting). The iterator knows its length, so progress bars just
/// work, and can be [given more](AsCompleted::push) on the way. Dropping it cancels nothing. All
/// futures given at first cost one allocation together, and a completion costs one step, however
/// many are still out.
///
/// ```
/// use concurrent_futures::{ThreadPoolExecutor, as_completed};
///
/// let pool = ThreadPoolExecutor::new();
/// let lengths = ["a", "bb", "ccc"].map(|word| (word, pool.submit(|| word.len())));
/// for (word, length) in as_completed(lengths) {
///     println!("{word}: {}", length.result()?);
/// }
/// # Ok::<(), concurrent_futures::TaskError>(())
/// ```
pub fn as_completed<I>(futures: I) -> AsCompleted<I::Item>
where
    I: IntoIterator,
    I::Item: Waitable,
{
    AsCompleted {
        ready: Ready::of(futures.into_iter()),
    }
}

/// The iterator of [`as_completed`].
pub struct AsCompleted<W: Waitable> {
    ready: Ready<W>,
}

impl<W: Waitable> AsCompleted<W> {
    /// One more future to wait for, for instance a follow-up of one that was given out.
    ///
    /// ```
    /// # use concurrent_futures::{ThreadPoolExecutor, as_completed};
    /// let pool = ThreadPoolExecutor::new();
    /// let mut numbers = as_completed([pool.submit(|| 3)]);
    /// let mut sum = 0;
    /// while let Some(future) = numbers.next() {
    ///     let n = future.result()?;
    ///     sum += n;
    ///     if n > 1 {
    ///         numbers.push(pool.submit(move || n - 1));
    ///     }
    /// }
    /// assert_eq!(sum, 6);
    /// # Ok::<(), concurrent_futures::TaskError>(())
    /// ```
    pub fn push(&mut self, future: W) {
        self.ready.watch(future);
    }

    /// A bound for the whole iteration from now on. Items are `Result`s then; see
    /// [`AsCompletedTimeout`].
    pub fn timeout(self, timeout: Duration) -> AsCompletedTimeout<W> {
        AsCompletedTimeout {
            limit: Limit::after(timeout),
            inner: self,
            over: false,
        }
    }

    /// Ends the iteration: the futures that were not given out, in the order they were added.
    pub fn into_pending(self) -> Vec<W> {
        self.ready.into_watched()
    }
}

impl<W: Waitable> Iterator for AsCompleted<W> {
    type Item = W;

    fn next(&mut self) -> Option<W> {
        self.ready.next(Limit::Forever)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ready.len(), Some(self.ready.len()))
    }
}

impl<W: Waitable> ExactSizeIterator for AsCompleted<W> {}

impl<W: Waitable> fmt::Debug for AsCompleted<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("remaining", &self.ready.len())
            .finish_non_exhaustive()
    }
}

/// [`AsCompleted`] with a time limit: gives `Ok(future)` for each that gets done in time, and for
/// each that is done already even after it; then one `Err` with the counts, then nothing.
///
/// ```
/// use concurrent_futures::{ThreadPoolExecutor, as_completed};
/// use std::time::Duration;
///
/// let pool = ThreadPoolExecutor::new();
/// let futures = (0..3).map(|n| pool.submit(move || n));
/// for future in as_completed(futures).timeout(Duration::from_secs(60)) {
///     println!("{}", future?.result()?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsCompletedTimeout<W: Waitable> {
    inner: AsCompleted<W>,
    limit: Limit,
    over: bool,
}

impl<W: Waitable> AsCompletedTimeout<W> {
    /// As [`AsCompleted::push`]; the time limit stays.
    pub fn push(&mut self, future: W) {
        self.inner.push(future);
    }

    /// As [`AsCompleted::into_pending`], for instance to cancel what did not come in time.
    pub fn into_pending(self) -> Vec<W> {
        self.inner.into_pending()
    }
}

impl<W: Waitable> Iterator for AsCompletedTimeout<W> {
    type Item = Result<W, AsCompletedError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over || self.inner.len() == 0 {
            return None;
        }
        Some(self.inner.ready.next(self.limit).ok_or_else(|| {
            self.over = true;
            AsCompletedError {
                unfinished: self.inner.len(),
                total: self.inner.ready.added(),
            }
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.over {
            return (0, Some(0));
        }
        let left = self.inner.len();
        (left.min(1), Some(left))
    }
}

impl<W: Waitable> fmt::Debug for AsCompletedTimeout<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompletedTimeout")
            .field("remaining", &self.inner.len())
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

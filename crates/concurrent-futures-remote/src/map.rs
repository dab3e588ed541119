use crate::{Executor, Task};
use concurrent_futures::{Future, TaskError, remote::CallError};
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::VecDeque, fmt, panic::Location};

/// The results of a task for each of many inputs, in the order of the inputs; from [`Executor::map`].
///
/// A thousand calls are under way at a time, or as many as [`buffer_size`](Self::buffer_size) says; inputs are
/// read as results are taken, the first of them when the first result is asked for. After a result that is
/// an error the others still come. Dropped early, it cancels those calls that have not begun, and waits for the
/// answer of the backend for each.
pub struct Map<Args, Output, I> {
    executor: Executor,
    task: Task<Args, Output>,
    inputs: I,
    under_way: VecDeque<Future<Output, CallError>>,
    buffer_size: usize,
    location: &'static Location<'static>,
}

impl<Args, Output, I> Map<Args, Output, I> {
    pub(crate) fn new(
        executor: Executor,
        task: &'static str,
        inputs: I,
        location: &'static Location<'static>,
    ) -> Self {
        Self {
            executor,
            task: Task::new(task),
            inputs,
            under_way: VecDeque::new(),
            buffer_size: 1000,
            location,
        }
    }

    /// How many calls are under way at a time, at least 1.
    ///
    /// ```
    /// # use concurrent_futures_remote::{Executor, Registry, Task};
    /// # static DOUBLE: Task<u64, u64> = Task::new("double@1");
    /// # let executor = Executor::local_with(2, Registry::new().add(&DOUBLE, |n| 2 * n));
    /// let endless = executor.map(&DOUBLE, 0..).buffer_size(4);
    /// assert_eq!(endless.take(3).map(Result::unwrap).collect::<Vec<_>>(), [0, 2, 4]);
    /// ```
    #[must_use]
    pub fn buffer_size(mut self, calls: usize) -> Self {
        self.buffer_size = calls.max(1);
        self
    }
}

impl<Args, Output, I> Iterator for Map<Args, Output, I>
where
    Args: Serialize,
    Output: DeserializeOwned + Send + 'static,
    I: Iterator<Item = Args>,
{
    type Item = Result<Output, TaskError<CallError>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.under_way.len() < self.buffer_size {
            let Some(input) = self.inputs.next() else {
                break;
            };
            let call = self.executor.call(&self.task, input).at(self.location);
            self.under_way.push_back(call.submit());
        }
        self.under_way.pop_front().map(Future::result)
    }
}

impl<Args, Output, I> Drop for Map<Args, Output, I> {
    fn drop(&mut self) {
        // The last first, since the first may be about to begin.
        for future in self.under_way.drain(..).rev() {
            future.cancel();
        }
    }
}

impl<Args, Output, I> fmt::Debug for Map<Args, Output, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("task", &self.task)
            .field("under_way", &self.under_way.len())
            .finish_non_exhaustive()
    }
}

//! Waiting for many futures, of one pool or of several.

mod as_completed;
mod waitable;

pub use as_completed::{AsCompleted, AsCompletedTimeout, as_completed};
pub use waitable::Waitable;

use crate::{
    task::countdown::{Countdown, wait_for_many},
    time::Limit,
};
use std::time::Duration;
use waitable::is_done;

/// When [`wait`] returns. The names are those of Python's constants.
///
/// ```
/// use concurrent_futures::ReturnWhen;
///
/// assert_eq!(ReturnWhen::default(), ReturnWhen::AllCompleted);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReturnWhen {
    /// When all are done: `ALL_COMPLETED`.
    #[default]
    AllCompleted,
    /// When one is done, in whatever way: `FIRST_COMPLETED`.
    FirstCompleted,
    /// When one has failed or panicked, else when all are done: `FIRST_EXCEPTION`. A cancelled
    /// task is done, but is no exception.
    FirstException,
}

/// Waits for futures and says which are done and which are not, each list in input order.
///
/// Blocks. The input is anything that gives [`Waitable`] items: futures, shared ones, references to
/// them, pairs with a key. Every item given comes back in exactly one of the lists. Nothing is
/// cancelled. On a worker, members of its own pool that have not started are run by this call, one
/// by one, until enough are done; see [waiting](crate::docs::waiting). An empty input returns at once. Costs one allocation for all futures together besides
/// the two lists, and one step per completion.
///
/// # Panics
///
/// If a wait for all would never end, with the text of the [`Deadlock`](crate::Deadlock).
///
/// ```
/// use concurrent_futures::{ReturnWhen, ThreadPoolExecutor, wait};
///
/// let pool = ThreadPoolExecutor::new();
/// let futures = [1, 2, 3].map(|n| pool.submit(move || n * n));
/// let (done, not_done) = wait(futures, ReturnWhen::AllCompleted);
/// assert_eq!((done.len(), not_done.len()), (3, 0));
/// ```
pub fn wait<I>(futures: I, return_when: ReturnWhen) -> (Vec<I::Item>, Vec<I::Item>)
where
    I: IntoIterator,
    I::Item: Waitable,
{
    wait_within(futures, return_when, Limit::Forever)
}

/// As [`wait`], at most so long. That the time is over is no error: the lists say how things stand.
/// Zero looks once, [`Duration::MAX`] waits for ever.
///
/// ```
/// use concurrent_futures::{ReturnWhen, ThreadPoolExecutor, wait_timeout};
/// use std::{sync::mpsc, time::Duration};
///
/// let pool = ThreadPoolExecutor::new();
/// let (release, gate) = mpsc::channel::<()>();
/// let futures = [pool.submit(move || drop(gate.recv()))];
/// let (done, not_done) =
///     wait_timeout(futures, ReturnWhen::AllCompleted, Duration::from_millis(1));
/// assert_eq!((done.len(), not_done.len()), (0, 1));
/// # drop(release);
/// ```
pub fn wait_timeout<I>(
    futures: I,
    return_when: ReturnWhen,
    timeout: Duration,
) -> (Vec<I::Item>, Vec<I::Item>)
where
    I: IntoIterator,
    I::Item: Waitable,
{
    wait_within(futures, return_when, Limit::after(timeout))
}

fn wait_within<I>(futures: I, return_when: ReturnWhen, limit: Limit) -> (Vec<I::Item>, Vec<I::Item>)
where
    I: IntoIterator,
    I::Item: Waitable,
{
    let futures: Vec<_> = futures.into_iter().collect();
    let enough = match return_when {
        ReturnWhen::FirstCompleted => futures.len().min(1),
        ReturnWhen::AllCompleted | ReturnWhen::FirstException => futures.len(),
    };
    let countdown = Countdown::new(enough, return_when == ReturnWhen::FirstException);
    wait_for_many(&futures, &countdown, limit).unwrap_or_else(|deadlock| panic!("{deadlock}"));
    // The list that is likely to be the long one takes over the memory of the input.
    if return_when == ReturnWhen::FirstCompleted {
        let (not_done, done) = split(futures, |future| !is_done(future));
        (done, not_done)
    } else {
        split(futures, is_done)
    }
}

/// Those for which `stays` holds, in the memory of all of them, and the others.
fn split<W>(all: Vec<W>, stays: impl Fn(&W) -> bool) -> (Vec<W>, Vec<W>) {
    let mut others = Vec::new();
    let stay = all.into_iter().filter_map(|item| {
        if stays(&item) {
            Some(item)
        } else {
            others.push(item);
            None
        }
    });
    (stay.collect(), others)
}

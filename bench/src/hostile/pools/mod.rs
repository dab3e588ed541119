//! The pools, as someone uses them who wants to hear of every end of a task.

mod by_channel;
mod by_future;
mod executor;
mod ours;
mod waiter;

pub(super) use waiter::Waiter;

use super::verdict::Verdict;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

pub(super) trait Pool: Send + Sync + Sized + 'static {
    /// The process has this one pool, which never ends.
    const ONE_PER_PROCESS: bool = false;
    /// Dropping it is said to wait until what is queued has run.
    const DROP_WAITS: bool = false;

    /// Panics if the pool cannot be had.
    fn start(threads: usize) -> Self;

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static;

    /// A task that nobody waits for.
    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F);

    /// Its way to end that is not a drop and waits for the tasks, if it has one.
    fn shutdown() -> Option<fn(Self)> {
        None
    }

    /// Waits of no time and of the longest time, if it knows time limits.
    fn extreme_limits() -> Verdict {
        Verdict::not_applicable("it knows no time limits")
    }

    /// One whose worker goes when it has been idle for so long, if it has such.
    fn with_keep_alive(time: Duration) -> Option<Self> {
        let _ = time;
        None
    }

    /// One whose workers panic before their first task, if they can be given something to do then.
    fn with_panics_at_start(threads: usize) -> Option<Self> {
        let _ = threads;
        None
    }

    /// One whose workers have that name, if they can have one.
    fn named(name: &str) -> Option<Self> {
        let _ = name;
        None
    }

    /// Waits for a task that was cancelled while it was queued, if that can be.
    fn wait_for_cancelled() -> Verdict {
        Verdict::not_applicable("a queued task cannot be cancelled")
    }

    /// A callback that panics, if there are callbacks.
    fn callback_panics() -> Verdict {
        Verdict::not_applicable("it has no callbacks")
    }

    /// So many tasks or callbacks of which each follows the end of the one before, if there are such.
    fn long_chain(links: usize) -> Verdict {
        let _ = links;
        Verdict::not_applicable("nothing follows a task")
    }
}

/// Submits; a panic of the pool itself is told like the end of a task without a result.
pub(super) fn submit<P, T, F>(pool: &P, task: F) -> Waiter<T>
where
    P: Pool,
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let submitted = catch_unwind(AssertUnwindSafe(|| pool.submit(task)));
    submitted.unwrap_or_else(|payload| {
        waiter::let_go(payload);
        Waiter::of(|| None)
    })
}

/// What is to be done with a pool of whatever type.
pub(super) trait Visitor<R> {
    fn visit<P: Pool>(self) -> R;
}

pub(super) const NAMES: [&str; 10] = [
    "ours",
    "rayon",
    "threadpool",
    "rusty_pool",
    "tokio",
    "blocking",
    "affinitypool",
    "tp-executor",
    "executors",
    "by hand",
];

pub(super) fn visit<R>(name: &str, visitor: impl Visitor<R>) -> Option<R> {
    Some(match name {
        "ours" => visitor.visit::<ours::Ours>(),
        "rayon" => visitor.visit::<by_channel::Rayon>(),
        "threadpool" => visitor.visit::<by_channel::Threadpool>(),
        "rusty_pool" => visitor.visit::<by_future::RustyPool>(),
        "tokio" => visitor.visit::<by_future::Tokio>(),
        "blocking" => visitor.visit::<by_future::Blocking>(),
        "affinitypool" => visitor.visit::<by_future::Affinitypool>(),
        "tp-executor" => visitor.visit::<executor::ThreadpoolExecutor>(),
        "executors" => visitor.visit::<by_channel::Executors>(),
        "by hand" => visitor.visit::<by_channel::ByHand>(),
        _ => return None,
    })
}

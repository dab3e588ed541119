//! One adapter per pool, and what all of them can do.

mod affinitypool;
mod async_executor;
mod blocking;
mod executors_channel;
mod executors_stealing;
mod hand_crossbeam;
mod inline;
mod ours;
mod rayon;
mod rayon_par_iter;
mod rusty_pool;
mod threadpool;
mod tokio_blocking;
mod tokio_task;

pub(crate) use blocking::THREADS as BLOCKING_THREADS;

use crate::{
    sample::Sample,
    sync::{Receiver, Token},
    workloads::{self, Setup, Workload},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
    mpsc,
};

/// A pool under measurement. The defaults are what its users would write by hand.
pub(crate) trait Pool: Send + Sync + Sized + 'static {
    fn start(threads: usize) -> Self;

    /// A task with a future.
    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static;

    /// A task that nobody waits for.
    fn spawn<F>(&self, task: F)
    where
        F: FnOnce() + Send + 'static;

    /// Ends an idle pool and its threads, waiting for them as far as the pool can.
    fn stop(self);

    /// `f` of 0, 1, 2, ..., given to `each` in this order.
    fn map(&self, items: u64, f: fn(u64) -> u64, each: impl FnMut(u64)) {
        let futures: Vec<_> = (0..items).map(|n| self.submit(move || f(n))).collect();
        futures.into_iter().map(Pending::wait).for_each(each);
    }

    /// `f` of 0, 1, 2, ..., given to `each` as they are done.
    fn as_completed(&self, items: u64, f: fn(u64) -> u64, each: impl FnMut(u64)) {
        let (sender, receiver) = mpsc::channel();
        for n in 0..items {
            let sender = sender.clone();
            self.spawn(move || sender.send(f(n)).expect("the receiver is waiting"));
        }
        drop(sender);
        receiver.into_iter().for_each(each);
    }

    /// Submits a task for each token, calls `submitted`, takes the first task that is done and
    /// cancels the others.
    fn first_of(&self, tokens: impl Iterator<Item = Token>, submitted: impl FnOnce()) {
        let cancelled = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = mpsc::channel();
        for token in tokens {
            let (cancelled, sender) = (Arc::clone(&cancelled), sender.clone());
            self.spawn(move || {
                if !cancelled.load(Ordering::Relaxed) {
                    // Refused if the first one has been taken already.
                    let _ = sender.send(());
                }
                drop(token);
            });
        }
        submitted();
        receiver.recv().expect("one task is not cancelled");
        cancelled.store(true, Ordering::Relaxed);
    }
}

/// A future that can be waited for.
pub(crate) trait Pending<T> {
    fn wait(self) -> T;
}

impl<T> Pending<T> for Receiver<T> {
    fn wait(self) -> T {
        self.receive()
    }
}

/// A future of async code, waited for by blocking.
struct Awaited<F>(F);

impl<F: Future> Pending<F::Output> for Awaited<F> {
    fn wait(self) -> F::Output {
        futures_lite::future::block_on(self.0)
    }
}

pub(crate) const OURS: &str = "ours";
pub(crate) const INLINE: &str = "inline";
pub(crate) const PAR_ITER: &str = "rayon_par_iter";

pub(crate) const NAMES: [&str; 14] = [
    OURS,
    "rayon",
    "threadpool",
    "rusty_pool",
    "tokio_blocking",
    "tokio_task",
    "blocking",
    "affinitypool",
    "executors_channel",
    "executors_stealing",
    "async_executor",
    "hand_crossbeam",
    PAR_ITER,
    INLINE,
];

/// What is to be done with a pool of whatever type.
pub(crate) trait Visitor<R> {
    fn visit<P: Pool>(self) -> R;
}

/// Visits the pool with this name.
pub(crate) fn visit<R>(name: &str, visitor: impl Visitor<R>) -> Option<R> {
    Some(match name {
        OURS => visitor.visit::<ours::Ours>(),
        "rayon" => visitor.visit::<rayon::Rayon>(),
        "threadpool" => visitor.visit::<threadpool::Threadpool>(),
        "rusty_pool" => visitor.visit::<rusty_pool::RustyPool>(),
        "tokio_blocking" => visitor.visit::<tokio_blocking::TokioBlocking>(),
        "tokio_task" => visitor.visit::<tokio_task::TokioTask>(),
        "blocking" => visitor.visit::<blocking::Blocking>(),
        "affinitypool" => visitor.visit::<affinitypool::Affinitypool>(),
        "executors_channel" => visitor.visit::<executors_channel::ExecutorsChannel>(),
        "executors_stealing" => visitor.visit::<executors_stealing::ExecutorsStealing>(),
        "async_executor" => visitor.visit::<async_executor::AsyncExecutor>(),
        "hand_crossbeam" => visitor.visit::<hand_crossbeam::HandCrossbeam>(),
        PAR_ITER => visitor.visit::<rayon_par_iter::RayonParIter>(),
        INLINE => visitor.visit::<inline::Inline>(),
        _ => return None,
    })
}

/// Runs a workload on the pool with this name.
pub(crate) fn run(name: &str, workload: &Workload, setup: &Setup) -> Option<Sample> {
    visit(name, (workload, setup))
}

impl Visitor<Sample> for (&Workload, &Setup) {
    fn visit<P: Pool>(self) -> Sample {
        workloads::run::<P>(self.0, self.1)
    }
}

/// Whether it does the same as ours in a workload, and so can be the best peer. The others are
/// floors, or ours in another setting.
pub(crate) fn is_peer(name: &str, workload: &Workload) -> bool {
    match name {
        INLINE | PAR_ITER => false,
        // They cannot wait for the end of their threads.
        "threadpool" | "rusty_pool" => !matches!(workload.id, "W11" | "T4kc"),
        _ => !name.starts_with(OURS),
    }
}

/// Whether the pool can do the workload at all, and takes part.
pub(crate) fn can(name: &str, workload: &Workload) -> bool {
    if let Some(pools) = workload.pools {
        return pools.contains(&name);
    }
    match name {
        // Nothing can be queued, and nothing sleeps side by side.
        INLINE => !matches!(workload.id, "W6" | "W6c" | "W9" | "W10" | "W11" | "W12"),
        PAR_ITER => workload.id == "W4",
        // One pool per process, which is never stopped.
        "blocking" => workload.id != "W11",
        _ => true,
    }
}

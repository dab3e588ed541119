//! Pools whose tasks have futures.

use super::{super::verdict::Verdict, Pool, Waiter};
use crate::sync::Gate;
use std::{mem, panic::panic_any, sync::mpsc, time::Duration};

const LONGEST: Duration = Duration::MAX;

/// What a worker does before its first task.
fn fails_at_start() {
    panic_any("a worker, before its first task")
}

pub(super) struct RustyPool(rusty_pool::ThreadPool);

impl Pool for RustyPool {
    fn start(threads: usize) -> Self {
        let keep_alive = Duration::from_secs(60);
        Self(rusty_pool::ThreadPool::new(threads, threads, keep_alive))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let future = self.0.evaluate(task);
        // Its own way to wait needs thread-locals.
        Waiter::of_async(async { future.receiver.await.ok() })
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.0.execute(task);
    }

    fn shutdown() -> Option<fn(Self)> {
        Some(|pool| pool.0.shutdown_join())
    }

    fn with_keep_alive(time: Duration) -> Option<Self> {
        Some(Self(rusty_pool::ThreadPool::new(0, 1, time)))
    }

    fn with_panics_at_start(threads: usize) -> Option<Self> {
        let builder = rusty_pool::Builder::new().core_size(threads);
        let builder = builder.max_size(threads);
        Some(Self(builder.on_worker_start(fails_at_start).build()))
    }

    fn named(name: &str) -> Option<Self> {
        let builder = rusty_pool::Builder::new().name(name.to_owned());
        Some(Self(builder.core_size(1).max_size(1).build()))
    }

    fn extreme_limits() -> Verdict {
        let pool = rusty_pool::ThreadPool::new(0, 1, LONGEST);
        let (go, waits) = mpsc::channel();
        let future = pool.evaluate(move || waits.recv().map_or(0, |()| 42));
        pool.join_timeout(Duration::ZERO);
        go.send(()).expect("the task receives");
        pool.join_timeout(LONGEST);
        let result = future.try_await_complete().ok();
        pool.shutdown_join_timeout(LONGEST);
        Verdict::right_if(result == Some(42), "no result")
    }
}

pub(super) struct Tokio(tokio::runtime::Runtime);

fn tokio(threads: usize, keep_alive: Duration) -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(1).max_blocking_threads(threads);
    let runtime = builder.thread_keep_alive(keep_alive).build();
    runtime.expect("threads can be started")
}

impl Pool for Tokio {
    fn start(threads: usize) -> Self {
        Self(tokio(threads, Duration::from_secs(10)))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let task = self.0.spawn_blocking(task);
        Waiter::of_async(async { task.await.ok() })
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        drop(self.0.spawn_blocking(task));
    }

    fn shutdown() -> Option<fn(Self)> {
        // Dropping it is the way without a limit, and another case.
        Some(|pool| pool.0.shutdown_timeout(Duration::from_secs(2)))
    }

    fn with_keep_alive(time: Duration) -> Option<Self> {
        Some(Self(tokio(1, time)))
    }

    fn with_panics_at_start(threads: usize) -> Option<Self> {
        // Its async workers start in the same way: none of them here.
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let builder = builder.max_blocking_threads(threads);
        let runtime = builder.on_thread_start(fails_at_start).build();
        Some(Self(runtime.expect("the system polls")))
    }

    fn named(name: &str) -> Option<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name(name).build();
        Some(Self(runtime.expect("threads can be started")))
    }

    fn wait_for_cancelled() -> Verdict {
        let pool = Self::start(1);
        let gate = Gate::leaked();
        pool.spawn(|| gate.pass());
        let queued = pool.0.spawn_blocking(|| ());
        queued.abort();
        let ended = Waiter::of_async(async { Some(queued.await.is_err()) }).wait();
        gate.open();
        Verdict::right_if(ended == Some(true), "it ran")
    }

    fn extreme_limits() -> Verdict {
        let (go, waits) = mpsc::channel::<()>();
        let pool = tokio(1, LONGEST);
        drop(pool.spawn_blocking(move || waits.recv()));
        pool.shutdown_timeout(Duration::ZERO);
        drop(go);
        let pool = Self(tokio(1, LONGEST));
        let result = pool.submit(|| 42).wait();
        pool.0.shutdown_timeout(LONGEST);
        Verdict::right_if(result == Some(42), "no result")
    }
}

pub(super) struct Blocking;

impl Pool for Blocking {
    const ONE_PER_PROCESS: bool = true;

    fn start(_threads: usize) -> Self {
        Self
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let task = blocking::unblock(task);
        Waiter::of_async(async { Some(task.await) })
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        blocking::unblock(task).detach();
    }
}

pub(super) struct Affinitypool(affinitypool::Threadpool);

impl Pool for Affinitypool {
    const DROP_WAITS: bool = true;

    fn start(threads: usize) -> Self {
        Self(affinitypool::Threadpool::new(threads))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let task = self.0.spawn(task);
        Waiter::of_async(async { Some(task.await) })
    }

    fn named(name: &str) -> Option<Self> {
        let builder = affinitypool::Builder::new().worker_threads(1);
        Some(Self(builder.thread_name(name).build()))
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        // Dropping the future would cancel the task, and there is no other way to let it go.
        mem::forget(self.0.spawn(task));
    }
}

//! Pools whose tasks have futures.

use super::{super::verdict::Verdict, Pool, Waiter};
use concurrent_futures::{Shutdown, ThreadPoolExecutor};
use std::{mem, sync::mpsc, time::Duration};

const LONGEST: Duration = Duration::MAX;

pub(super) struct Ours(ThreadPoolExecutor);

impl Pool for Ours {
    const DROP_WAITS: bool = true;

    fn start(threads: usize) -> Self {
        let pool = ThreadPoolExecutor::builder().max_workers(threads).build();
        Self(pool.expect("the number is valid"))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let future = self.0.submit(task);
        Waiter::of(|| future.result().ok())
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        drop(self.0.submit(task));
    }

    fn shutdown() -> Option<fn(Self)> {
        Some(|pool| pool.0.shutdown())
    }

    fn extreme_limits() -> Verdict {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .keep_alive(LONGEST)
            .build()
            .expect("valid numbers");
        let (go, waits) = mpsc::channel();
        let future = pool.submit(move || waits.recv().map_or(0, |()| 42));
        let Err(none) = future.result_timeout(Duration::ZERO) else {
            return Verdict::lost("a wait of no time waited");
        };
        let Some(future) = none.into_future() else {
            return Verdict::lost("a wait that timed out kept the future");
        };
        go.send(()).expect("the task receives");
        if future.result_timeout(LONGEST).ok() != Some(42) {
            return Verdict::lost("the longest wait gave up");
        }
        let ended = pool.shutdown_with(Shutdown::new().timeout(LONGEST));
        Verdict::right_if(ended.is_ok(), "the longest shutdown gave up")
    }
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

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        // Dropping the future would cancel the task, and there is no other way to let it go.
        mem::forget(self.0.spawn(task));
    }
}

//! Pools without futures: the result comes through a channel, whose end says that there is none.

use super::{Pool, Waiter};
use crossbeam_channel::{Sender, unbounded};
use executors::{Executor, crossbeam_channel_pool};
use std::{
    panic::panic_any,
    sync::mpsc,
    thread::{self, JoinHandle},
};

fn through_a_channel<T, F>(task: F) -> (impl FnOnce() + Send + 'static, Waiter<T>)
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = mpsc::sync_channel(1);
    // Refused if nobody waits any more.
    let task = move || drop(sender.send(task()));
    (task, Waiter::of(move || receiver.recv().ok()))
}

pub(super) struct Rayon(rayon::ThreadPool);

impl Pool for Rayon {
    fn start(threads: usize) -> Self {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        // Without it a panic would end the process, as documented.
        let pool = builder.panic_handler(drop).build();
        Self(pool.expect("threads can be started"))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (task, waiter) = through_a_channel(task);
        self.0.spawn(task);
        waiter
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.0.spawn(task);
    }

    fn with_panics_at_start(threads: usize) -> Option<Self> {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let builder = builder.start_handler(|_| panic_any("a worker, before its first task"));
        builder.panic_handler(drop).build().ok().map(Self)
    }

    fn named(name: &str) -> Option<Self> {
        let name = name.to_owned();
        let builder = rayon::ThreadPoolBuilder::new().num_threads(1);
        let pool = builder.thread_name(move |_| name.clone()).build();
        Some(Self(pool.expect("threads can be started")))
    }
}

pub(super) struct Threadpool(threadpool::ThreadPool);

impl Pool for Threadpool {
    fn start(threads: usize) -> Self {
        Self(threadpool::ThreadPool::new(threads))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (task, waiter) = through_a_channel(task);
        self.0.execute(task);
        waiter
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.0.execute(task);
    }

    fn named(name: &str) -> Option<Self> {
        Some(Self(threadpool::ThreadPool::with_name(name.to_owned(), 1)))
    }
}

pub(super) struct Executors(crossbeam_channel_pool::ThreadPool);

impl Pool for Executors {
    fn start(threads: usize) -> Self {
        Self(crossbeam_channel_pool::ThreadPool::new(threads))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (task, waiter) = through_a_channel(task);
        self.0.execute(task);
        waiter
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.0.execute(task);
    }

    fn shutdown() -> Option<fn(Self)> {
        // An error says that it has given up waiting.
        Some(|pool| drop(pool.0.shutdown()))
    }
}

type Task = Box<dyn FnOnce() + Send>;

/// What one writes without a pool.
pub(super) struct ByHand {
    tasks: Sender<Task>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool for ByHand {
    fn start(threads: usize) -> Self {
        let (tasks, receiver) = unbounded::<Task>();
        let thread = |_| {
            let receiver = receiver.clone();
            thread::spawn(move || receiver.into_iter().for_each(|task| task()))
        };
        let threads = (0..threads).map(thread).collect();
        Self { tasks, threads }
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (task, waiter) = through_a_channel(task);
        self.spawn(task);
        waiter
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.tasks.send(Box::new(task)).expect("workers receive");
    }

    fn shutdown() -> Option<fn(Self)> {
        Some(|Self { tasks, threads }| {
            drop(tasks);
            for thread in threads {
                // An error says that it has panicked.
                let _ = thread.join();
            }
        })
    }
}

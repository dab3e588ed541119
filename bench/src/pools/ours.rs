use super::{Pending, Pool};
use crate::sync::Token;
use concurrent_futures::{Future, ReturnWhen, ThreadPoolExecutor, as_completed, wait};

pub(crate) struct Ours(ThreadPoolExecutor);

impl<T> Pending<T> for Future<T> {
    fn wait(self) -> T {
        self.result().expect("tasks of workloads do not fail")
    }
}

impl Pool for Ours {
    fn start(threads: usize) -> Self {
        let pool = ThreadPoolExecutor::builder().max_workers(threads).build();
        Self(pool.expect("there is at least one thread"))
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.0.submit(task)
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        drop(self.0.submit(task));
    }

    fn stop(self) {
        self.0.shutdown();
    }

    fn map(&self, items: u64, f: fn(u64) -> u64, each: impl FnMut(u64)) {
        let results = self.0.map(0..items, f);
        results
            .map(|result| result.expect("tasks of workloads do not fail"))
            .for_each(each);
    }

    fn as_completed(&self, items: u64, f: fn(u64) -> u64, each: impl FnMut(u64)) {
        let futures: Vec<_> = (0..items).map(|n| self.0.submit(move || f(n))).collect();
        as_completed(futures).map(Pending::wait).for_each(each);
    }

    fn first_of(&self, tokens: impl Iterator<Item = Token>, submitted: impl FnOnce()) {
        let futures: Vec<_> = tokens
            .map(|token| self.0.submit(move || drop(token)))
            .collect();
        submitted();
        let (_, pending) = wait(futures, ReturnWhen::FirstCompleted);
        for future in pending {
            future.cancel();
        }
    }
}

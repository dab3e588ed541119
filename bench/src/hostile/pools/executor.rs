//! The pool of the crate `threadpool-executor`.

use super::{super::verdict::Verdict, Pool, Waiter};
use crate::sync::Gate;
use std::{panic::AssertUnwindSafe, time::Duration};
use threadpool_executor::{ThreadPool, threadpool::Builder};

pub(super) struct ThreadpoolExecutor(ThreadPool);

impl Pool for ThreadpoolExecutor {
    fn start(threads: usize) -> Self {
        Self(ThreadPool::new(threads))
    }

    fn submit<T, F>(&self, task: F) -> Waiter<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let submitted = self.0.execute(AssertUnwindSafe(task));
        Waiter::of(move || submitted.ok()?.get_result().ok())
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        // Nobody waits for it, nor hears of a refusal.
        drop(self.0.execute(AssertUnwindSafe(task)));
    }

    fn with_keep_alive(time: Duration) -> Option<Self> {
        let builder = Builder::new().core_pool_size(0).maximum_pool_size(1);
        Some(Self(builder.keep_alive_time(time).build()))
    }

    fn wait_for_cancelled() -> Verdict {
        let pool = Self::start(1);
        let gate = Gate::leaked();
        pool.spawn(|| gate.pass());
        let Ok(mut queued) = pool.0.execute(|| ()) else {
            return Verdict::lost("a task was refused");
        };
        if queued.cancel().is_err() {
            return Verdict::lost("it was not cancelled");
        }
        let told = queued.get_result().is_err();
        gate.open();
        Verdict::right_if(told, "it ran")
    }

    fn extreme_limits() -> Verdict {
        let pool = ThreadPool::new(1);
        let gate = Gate::leaked();
        let Ok(mut held) = pool.execute(|| {
            gate.pass();
            42
        }) else {
            return Verdict::lost("a task was refused");
        };
        gate.open();
        let result = held.get_result_timeout(Duration::MAX).ok();
        Verdict::right_if(result == Some(42), "the longest wait gave up")
    }
}

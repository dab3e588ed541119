//! This crate.

use super::{super::verdict::Verdict, Pool, Waiter};
use crate::sync::Gate;
use concurrent_futures::{ReturnWhen, Shutdown, ThreadPoolExecutor, as_completed, wait};
use std::{panic::panic_any, sync::mpsc, time::Duration};

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

    fn with_keep_alive(time: Duration) -> Option<Self> {
        let builder = ThreadPoolExecutor::builder().max_workers(1);
        builder.keep_alive(time).build().ok().map(Self)
    }

    fn with_panics_at_start(threads: usize) -> Option<Self> {
        let builder = ThreadPoolExecutor::builder().max_workers(threads);
        let fails = || -> () { panic_any("a worker, before its first task") };
        builder.initializer(fails).build().ok().map(Self)
    }

    fn named(name: &str) -> Option<Self> {
        let builder = ThreadPoolExecutor::builder().thread_name_prefix(name);
        Some(Self(builder.build().expect("a valid name")))
    }

    fn wait_for_cancelled() -> Verdict {
        let pool = Self::start(1);
        let gate = Gate::leaked();
        pool.spawn(|| gate.pass());
        let queued = pool.0.submit(|| ());
        if !queued.cancel() {
            return Verdict::lost("it was not cancelled");
        }
        let waited = wait([&queued], ReturnWhen::AllCompleted).0.len();
        let given = as_completed([&queued]).count();
        gate.open();
        Verdict::right_if((waited, given) == (1, 1), "a cancelled task")
    }

    fn callback_panics() -> Verdict {
        let pool = Self::start(1);
        let gate = Gate::leaked();
        let future = pool.0.submit(|| gate.pass());
        future.add_done_callback(|_| panic_any("a callback"));
        let (say, hear) = mpsc::channel();
        future.add_done_callback(move |_| say.send(()).expect("somebody hears"));
        gate.open();
        let later = pool.submit(|| 42).wait();
        Verdict::right_if(hear.recv().is_ok() && later == Some(42), "what came later")
    }

    fn long_chain(links: usize) -> Verdict {
        let pool = Self::start(1);
        let gate = Gate::leaked();
        let first = pool.0.submit(|| {
            gate.pass();
            0
        });
        let last = (0..links).fold(first, |before, _| before.then(|n: usize| n + 1));
        gate.open();
        Verdict::right_if(last.result().ok() == Some(links), "links")
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

//! What a task does to its own pool.

use super::super::{
    pools::{Pool, Waiter, submit},
    verdict::Verdict,
};
use super::{Case, case};
use crate::sync::Gate;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub(super) const fn cases<P: Pool>() -> [Case; 3] {
    [
        case(
            "nested wait",
            1,
            nested::<P>,
            "one worker; a task waits for a task that it has submitted to the same pool, 100 levels deep: all give their \
             results",
        ),
        case(
            "shutdown inside",
            1,
            shutdown::<P>,
            "a task submits to its own pool and then shuts it down, in the way that waits: nobody hangs, each waiter \
             gets a result or is told",
        ),
        case(
            "dropped inside",
            1,
            dropped::<P>,
            "the last handle is dropped by a task, while ten are queued: that task ends and gives its result, the others \
             run or their waiters are told",
        ),
    ]
}

const DEPTH: u32 = 100;
const QUEUED: usize = 10;

pub(super) fn nested<P: Pool>() -> Verdict {
    fn descend<P: Pool>(pool: &'static P, levels: u32) -> Option<u32> {
        if levels == 0 {
            return Some(0);
        }
        let below = submit(pool, move || descend(pool, levels - 1));
        Some(1 + below.wait()??)
    }
    let pool: &P = Box::leak(Box::new(P::start(1)));
    let result = submit(pool, || descend(pool, DEPTH)).wait().flatten();
    Verdict::right_if(result == Some(DEPTH), "a result")
}

/// Where a task finds the pool that it ends.
type Shared<P> = Arc<Mutex<Option<P>>>;

fn take<P>(shared: &Shared<P>) -> Option<P> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).take()
}

pub(super) fn shutdown<P: Pool>() -> Verdict {
    let Some(shutdown) = P::shutdown() else {
        return Verdict::not_applicable("it has none that waits");
    };
    let shared = Arc::new(Mutex::new(None));
    let inner: &OnceLock<Mutex<Option<Waiter<u32>>>> = Box::leak(Box::default());
    let pool = P::start(1);
    let gate = Gate::leaked();
    let theirs = Arc::clone(&shared);
    let outer = submit(&pool, move || {
        gate.pass();
        let pool = take(&theirs).expect("nobody else takes it");
        let submitted = submit(&pool, || 1);
        let _ = inner.set(Mutex::new(Some(submitted)));
        shutdown(pool);
        2
    });
    *shared.lock().expect("nobody has panicked") = Some(pool);
    gate.open();
    let told = outer.wait();
    let inner = inner.get().and_then(take_waiter);
    let Some(inner) = inner else {
        return Verdict::lost("the task did not come to its submit");
    };
    let inner = inner.wait();
    let right = told.is_none_or(|n| n == 2) && inner.is_none_or(|n| n == 1);
    Verdict::right_if(right, "a result")
}

fn take_waiter(waiter: &Mutex<Option<Waiter<u32>>>) -> Option<Waiter<u32>> {
    waiter.lock().unwrap_or_else(PoisonError::into_inner).take()
}

pub(super) fn dropped<P: Pool>() -> Verdict {
    if P::ONE_PER_PROCESS {
        return Verdict::not_applicable("its pool never ends");
    }
    let shared = Arc::new(Mutex::new(None));
    let pool = P::start(1);
    let gate = Gate::leaked();
    let theirs = Arc::clone(&shared);
    let outer = submit(&pool, move || {
        gate.pass();
        drop::<Option<P>>(take(&theirs));
        QUEUED
    });
    let queued = (0..QUEUED).map(|n| submit(&pool, move || n));
    let queued: Vec<_> = queued.collect();
    *shared.lock().expect("nobody has panicked") = Some(pool);
    gate.open();
    let outer = outer.wait();
    for (n, waiter) in queued.into_iter().enumerate() {
        if waiter.wait().is_some_and(|result| result != n) {
            return Verdict::lost("a result");
        }
    }
    Verdict::right_if(outer == Some(QUEUED), "the task that dropped it panicked")
}

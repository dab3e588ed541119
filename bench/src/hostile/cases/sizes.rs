//! Very many, very large, very small.

use super::{
    super::{
        pools::{Pool, Waiter, submit},
        verdict::Verdict,
    },
    Case, case,
    support::soon,
};
use crate::{
    alloc, process,
    sync::{Countdown, Gate},
};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub(super) const fn cases<P: Pool>() -> [Case; 5] {
    [
        Case {
            limit: 90,
            ..case(
                "10^7 queued",
                1,
                long_queue::<P>,
                "10 000 000 tasks behind a blocked worker: the right sum; growth of the resident memory (CPython: 10^6)",
            )
        },
        case(
            "64 MiB result",
            2,
            large_results::<P>,
            "ten results of 64 MiB on the heap: they come, and no memory is kept",
        ),
        case(
            "256 KiB by value",
            2,
            by_value::<P>,
            "ten arrays of that size, moved as such, on workers with the usual 2 MiB of stack: the same",
        ),
        case(
            "results without size",
            2,
            no_size::<P>,
            "10 000 results of size zero: each comes, and is dropped once",
        ),
        case(
            "many dropped waiters",
            2,
            unheard::<P>,
            "10 000 results that nobody takes: each is dropped once, whether the task has run by then or not",
        ),
    ]
}

const LONG: u64 = 10_000_000;
const MIB: usize = 1024 * 1024;
const LARGE: usize = 64 * MIB;
const BY_VALUE: usize = MIB / 4;
/// Bytes, of what pools have for themselves.
const KEPT_AT_MOST: i64 = 1024 * 1024;
const MANY: usize = 10_000;

pub(super) fn long_queue<P: Pool>() -> Verdict {
    let pool = P::start(1);
    let gate = Gate::leaked();
    pool.spawn(|| gate.pass());
    let sum: &AtomicU64 = Box::leak(Box::default());
    let left = Countdown::leaked(LONG);
    let ((), peak) = process::growth(|| {
        for n in 0..LONG {
            pool.spawn(move || {
                sum.fetch_add(n, Ordering::Relaxed);
                left.count_down();
            });
        }
        gate.open();
        left.wait();
    });
    let mut verdict = Verdict::right_if(
        sum.load(Ordering::Relaxed) == LONG * (LONG - 1) / 2,
        "the sum is wrong",
    );
    if verdict.why.is_empty() {
        verdict.why = format!("{:.1} GiB", peak / MIB as f64 / 1024.0);
    }
    verdict
}

pub(super) fn large_results<P: Pool>() -> Verdict {
    come_and_go::<P, _>(|n| vec![n; LARGE])
}

pub(super) fn by_value<P: Pool>() -> Verdict {
    #[allow(
        clippy::large_stack_arrays,
        reason = "that it lies on the stack is the case"
    )]
    come_and_go::<P, _>(|n| [n; BY_VALUE])
}

fn come_and_go<P: Pool, R>(result: fn(u8) -> R) -> Verdict
where
    R: AsRef<[u8]> + Send + 'static,
{
    let pool = P::start(2);
    submit(&pool, || ()).wait();
    alloc::count(true);
    let before = alloc::counted().live;
    for n in 0..10 {
        let waiter = submit(&pool, move || result(n));
        let right = |all: R| all.as_ref().last() == Some(&n);
        if !waiter.wait().is_some_and(right) {
            return Verdict::lost("a result");
        }
    }
    let kept = || alloc::counted().live - before;
    if soon(|| kept() < KEPT_AT_MOST) {
        Verdict::right()
    } else {
        Verdict::leak(format!("{} bytes", kept()))
    }
}

/// Of size zero; how many were dropped is counted.
struct Nothing;

static DROPPED: AtomicUsize = AtomicUsize::new(0);

impl Drop for Nothing {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

fn each_dropped_once() -> Verdict {
    soon(|| DROPPED.load(Ordering::Relaxed) >= MANY);
    match DROPPED.load(Ordering::Relaxed) {
        MANY => Verdict::right(),
        few if few < MANY => Verdict::leak(format!("{} results", MANY - few)),
        _ => Verdict::lost("a result was dropped twice"),
    }
}

pub(super) fn no_size<P: Pool>() -> Verdict {
    let pool = P::start(2);
    let waiters: Vec<_> = (0..MANY).map(|_| submit(&pool, || Nothing)).collect();
    if waiters.into_iter().filter_map(Waiter::wait).count() != MANY {
        return Verdict::lost("a result");
    }
    each_dropped_once()
}

pub(super) fn unheard<P: Pool>() -> Verdict {
    let pool = P::start(2);
    for _ in 0..MANY {
        let own = Nothing;
        // Captured, in case dropping its future cancels the task.
        drop(submit(&pool, move || own));
    }
    each_dropped_once()
}

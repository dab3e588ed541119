//! Workers that come and go, and what they hold.

use super::super::{
    pools::{Pool, Waiter, submit},
    verdict::Verdict,
};
use super::{Case, case};
use crate::sync::Gate;
use std::{
    panic::catch_unwind,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

pub(super) const fn cases<P: Pool>() -> [Case; 5] {
    [
        Case {
            limit: 40,
            ..case(
                "20 000 threads",
                MANY,
                many_threads::<P>,
                "as many tasks that wait, and as many workers asked for, which is more than a process can have by \
                 default: whoever starts the pool is told, else all give their results or are told, within 40 s",
            )
        },
        Case {
            limit: 20,
            ..case(
                "short keep-alive",
                1,
                short_keep_alive::<P>,
                "an idle worker goes after 100 us, and 10 000 tasks come about then: each gives its result",
            )
        },
        case(
            "worker panics at its start",
            2,
            panic_at_start::<P>,
            "in what the pool runs on a new worker before its first task: whoever waits is told",
        ),
        case(
            "name with a NUL",
            1,
            named_with_nul::<P>,
            "as the name of the workers: whoever starts the pool is told, or whoever waits, or tasks run",
        ),
        case(
            "lock over a wait",
            4,
            lock_over_a_wait::<P>,
            "four workers; each of 64 tasks takes the same lock and waits, with it, for a task of its own in the same \
             pool: all give their results",
        ),
    ]
}

const MANY: usize = 20_000;

/// Tasks that come about when the only worker goes.
pub(super) fn short_keep_alive<P: Pool>() -> Verdict {
    const ROUNDS: u64 = 10_000;
    const STAY: Duration = Duration::from_micros(100);
    let Some(pool) = P::with_keep_alive(STAY) else {
        return Verdict::not_applicable("its workers stay, or for a fixed time");
    };
    for round in 0..ROUNDS {
        if submit(&pool, move || round).wait() != Some(round) {
            return Verdict::lost("a result");
        }
        // From zero to twice the time, in steps that do not repeat soon.
        thread::sleep(STAY.mul_f64((round * 37 % 101) as f64 / 50.0));
    }
    Verdict::right()
}

pub(super) fn panic_at_start<P: Pool>() -> Verdict {
    let Ok(pool) = catch_unwind(|| P::with_panics_at_start(2)) else {
        return Verdict::right();
    };
    let Some(pool) = pool else {
        return Verdict::not_applicable("its workers begin with their first task");
    };
    all_told(&pool)
}

pub(super) fn named_with_nul<P: Pool>() -> Verdict {
    let Ok(pool) = catch_unwind(|| P::named("a\0b")) else {
        return Verdict::told_at_the_start();
    };
    let Some(pool) = pool else {
        return Verdict::not_applicable("its workers have no names of their users");
    };
    all_told(&pool)
}

/// By results or by errors.
fn all_told<P: Pool>(pool: &P) -> Verdict {
    let waiters: Vec<_> = (0..10).map(|n| submit(pool, move || n)).collect();
    for (n, waiter) in waiters.into_iter().enumerate() {
        if waiter.wait().is_some_and(|result| result != n) {
            return Verdict::lost("a result");
        }
    }
    Verdict::right()
}

/// Each task is to have a thread of its own, which waits.
pub(super) fn many_threads<P: Pool>() -> Verdict {
    let Ok(pool) = catch_unwind(|| P::start(MANY)) else {
        return Verdict::told_at_the_start();
    };
    let gate = Gate::leaked();
    let task = |n| {
        submit(&pool, move || {
            gate.pass();
            n
        })
    };
    let waiters: Vec<_> = (0..MANY).map(task).collect();
    gate.open();
    let results = waiters.into_iter().filter_map(Waiter::wait).count();
    Verdict::right_told(results < MANY)
}

/// Tasks that hold a lock while they wait for a task of their own.
pub(super) fn lock_over_a_wait<P: Pool>() -> Verdict {
    static LOCK: Mutex<()> = Mutex::new(());
    const TASKS: usize = 64;
    let pool: &P = Box::leak(Box::new(P::start(4)));
    let task = |n| {
        submit(pool, move || {
            let _locked = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
            submit(pool, move || n).wait()
        })
    };
    let waiters: Vec<_> = (0..TASKS).map(task).collect();
    for (n, waiter) in waiters.into_iter().enumerate() {
        if waiter.wait().flatten() != Some(n) {
            return Verdict::lost("a result");
        }
    }
    Verdict::right()
}

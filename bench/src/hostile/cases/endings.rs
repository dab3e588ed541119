//! How pools end.

use super::{
    super::{
        pools::{Pool, submit},
        verdict::Verdict,
    },
    Case, case,
    support::{Token, meet, soon},
};
use crate::{process, sync::Gate};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

pub(super) const fn cases<P: Pool>() -> [Case; 3] {
    [
        case(
            "dropped with a queue",
            1,
            dropped::<P>,
            "dropped with 100 tasks queued behind a slow one: each runs, or its waiter is told; no closure is kept",
        ),
        case(
            "threads end",
            4,
            threads_end::<P>,
            "the threads of a dropped pool are gone within two seconds",
        ),
        case(
            "main returns",
            1,
            main_returns::<P>,
            "`main` drops the pool and returns with 100 tasks queued: all run, if dropping is said to wait, else n/a",
        ),
    ]
}

const TASKS: usize = 100;
const THREADS: usize = 4;
/// How long the slow task is, in front of the others.
const SLOW: Duration = Duration::from_millis(200);

pub(super) fn dropped<P: Pool>() -> Verdict {
    if P::ONE_PER_PROCESS {
        return Verdict::not_applicable("its pool never ends");
    }
    let pool = P::start(1);
    let gate = Gate::leaked();
    pool.spawn(|| gate.pass());
    let token = Token::default();
    let waiters = (0..TASKS).map(|n| {
        let own = token.clone();
        submit(&pool, move || {
            drop(own);
            n
        })
    });
    let waiters: Vec<_> = waiters.collect();
    thread::spawn(|| {
        thread::sleep(SLOW);
        gate.open();
    });
    drop(pool);
    let mut told = 0;
    for (n, waiter) in waiters.into_iter().enumerate() {
        match waiter.wait() {
            None => told += 1,
            Some(result) if result == n => {}
            Some(_) => return Verdict::lost("a result"),
        }
    }
    if !soon(|| token.alive() == 0) {
        return Verdict::leak("closures");
    }
    Verdict::right_told(told > 0)
}

pub(super) fn threads_end<P: Pool>() -> Verdict {
    if P::ONE_PER_PROCESS {
        return Verdict::not_applicable("its pool never ends");
    }
    let Some(before) = process::threads() else {
        return Verdict::not_applicable("the system does not tell");
    };
    let pool = P::start(THREADS);
    if !meet(&pool, THREADS) {
        return Verdict::lost("a worker");
    }
    drop(pool);
    if soon(|| process::threads() == Some(before)) {
        Verdict::right()
    } else {
        Verdict::leak("threads")
    }
}

/// What has not run when the drop is over, at the end of `main`, never runs.
pub(super) fn main_returns<P: Pool>() -> Verdict {
    if !P::DROP_WAITS {
        return Verdict::not_applicable("dropping it is not said to wait for what is queued");
    }
    let pool = P::start(1);
    pool.spawn(|| thread::sleep(SLOW));
    let ran = Arc::new(AtomicUsize::new(0));
    for _ in 0..TASKS {
        let ran = Arc::clone(&ran);
        pool.spawn(move || {
            ran.fetch_add(1, Ordering::Relaxed);
        });
    }
    drop(pool);
    Verdict::right_if(ran.load(Ordering::Relaxed) == TASKS, "tasks")
}

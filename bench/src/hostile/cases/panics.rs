//! Code that panics where nobody expects it.

use super::{
    super::{
        pools::{Pool, submit},
        verdict::Verdict,
    },
    Case, case,
    support::{Bomb, Token, meet, soon},
};
use crate::sync::Gate;
use std::{
    any::Any,
    panic::{catch_unwind, panic_any},
    sync::atomic::{AtomicBool, Ordering},
};

pub(super) const fn cases<P: Pool>() -> [Case; 5] {
    [
        case(
            "task panics",
            2,
            of_tasks::<P>,
            "every second of 100 tasks panics: who waits for it is told, the others give their results, and both workers \
             are there afterwards",
        ),
        case(
            "closure's drop panics",
            2,
            in_drop_of_capture::<P>,
            "what the closure has captured panics when it is dropped, after the task: the same",
        ),
        case(
            "result's drop panics",
            2,
            in_drop_of_result::<P>,
            "nobody waits for the result, and it panics when the worker drops it: the other tasks give their results, \
             and both workers are there afterwards",
        ),
        case(
            "payload's drop panics",
            2,
            in_drop_of_payload::<P>,
            "the same with the payload of a panic that nobody waits for",
        ),
        case(
            "panic while panicking",
            2,
            while_panicking::<P>,
            "a task panics, and while it unwinds, a drop panics and catches that: the same as the first. (A second panic \
             that leaves the drop ends every Rust process.)",
        ),
    ]
}

const WORKERS: usize = 2;
const TASKS: usize = 100;

pub(super) fn of_tasks<P: Pool>() -> Verdict {
    others_run::<P>(|token| {
        drop(token);
        panic_any("a task")
    })
}

pub(super) fn in_drop_of_capture<P: Pool>() -> Verdict {
    let pool = P::start(WORKERS);
    let token = Token::default();
    let evil = |token: Token| {
        let bomb = Bomb;
        let whole = (bomb, token);
        move || {
            let _captured = &whole;
        }
    };
    let evil = (0..TASKS).map(|_| submit(&pool, evil(token.clone())));
    let evil: Vec<_> = evil.collect();
    let good: Vec<_> = (0..TASKS).map(|n| submit(&pool, move || n)).collect();
    for waiter in evil {
        // Whether it counts as a panic of the task is for the pool to say.
        let _ = waiter.wait();
    }
    let results = good.into_iter().map(super::super::pools::Waiter::wait);
    after(&pool, results, &token)
}

pub(super) fn in_drop_of_result<P: Pool>() -> Verdict {
    unheard::<P, _>(|| Bomb)
}

pub(super) fn in_drop_of_payload<P: Pool>() -> Verdict {
    unheard::<P, _>(|| panic_any(Bomb))
}

pub(super) fn while_panicking<P: Pool>() -> Verdict {
    struct Careful(Token);
    impl Drop for Careful {
        fn drop(&mut self) {
            let caught: Result<(), Box<dyn Any + Send>> =
                catch_unwind(|| panic_any("a drop, while unwinding"));
            assert!(caught.is_err());
        }
    }
    others_run::<P>(|token| {
        let careful = Careful(token);
        panic_any(careful.0.alive())
    })
}

/// Every second task is `evil`; its waiter is told, and the others have their results.
fn others_run<P: Pool>(evil: fn(Token)) -> Verdict {
    let pool = P::start(WORKERS);
    let token = Token::default();
    let mut waiters = Vec::new();
    for n in 0..TASKS {
        let token = token.clone();
        let evil = submit(&pool, move || evil(token));
        waiters.push((evil, submit(&pool, move || n)));
    }
    let mut results = Vec::new();
    for (evil, good) in waiters {
        if evil.wait().is_some() {
            return Verdict::lost("a panic");
        }
        results.push(good.wait());
    }
    after(&pool, results.into_iter(), &token)
}

/// Tasks whose result nobody waits for, once they have started.
fn unheard<P: Pool, R: Send + 'static>(evil: fn() -> R) -> Verdict {
    let pool = P::start(WORKERS);
    let token = Token::default();
    let mut results = Vec::new();
    for n in 0..TASKS / 10 {
        let gate = Gate::leaked();
        let started: &_ = Box::leak(Box::new(AtomicBool::new(false)));
        let own = token.clone();
        let waiter = submit(&pool, move || {
            started.store(true, Ordering::Release);
            gate.pass();
            let result = evil();
            drop(own);
            result
        });
        if !soon(|| started.load(Ordering::Acquire)) {
            return Verdict::lost("a worker: the next task does not start");
        }
        drop(waiter);
        gate.open();
        results.push(submit(&pool, move || n).wait());
    }
    after(&pool, results.into_iter(), &token)
}

fn after<P: Pool>(
    pool: &P,
    results: impl Iterator<Item = Option<usize>>,
    token: &Token,
) -> Verdict {
    for (n, result) in results.enumerate() {
        if result != Some(n) {
            return Verdict::lost("the result of another task");
        }
    }
    if !meet(pool, WORKERS) {
        return Verdict::lost("a worker");
    }
    if !soon(|| token.alive() == 0) {
        return Verdict::leak("what a closure has captured");
    }
    Verdict::right()
}

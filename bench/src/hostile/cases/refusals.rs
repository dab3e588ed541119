//! Threads that are refused at a certain moment.

use super::{
    super::{
        pools::{Pool, submit},
        verdict::{Verdict, Word},
    },
    Case, case,
    support::meet,
};
use crate::refusal::refuse;
use std::{
    panic::{catch_unwind, panic_any},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

pub(super) const fn cases<P: Pool>() -> [Case; 2] {
    [
        case(
            "one refusal",
            4,
            once::<P>,
            "the system refuses a thread once: the first that a pool of four asks for, the second, …; whoever starts it is \
             told, else each of 100 tasks gives its result, or its waiter is told and it does not run",
        ),
        case(
            "refusals after a panic",
            2,
            after_a_panic::<P>,
            "both workers are there, no thread is given from then on, and four tasks panic: the same of 100 other tasks",
        ),
    ]
}

const TASKS: usize = 100;
const WORKERS: usize = 4;
const FOR_EVER: usize = usize::MAX;

/// Each task gives its result, or its waiter is told and it has not run.
fn told<P: Pool>(pool: &P) -> Verdict {
    let ran = Arc::new(AtomicUsize::new(0));
    let submit = |n| {
        let ran = Arc::clone(&ran);
        submit(pool, move || {
            ran.fetch_add(1, Ordering::SeqCst);
            n
        })
    };
    let waiters: Vec<_> = (0..TASKS).map(submit).collect();
    let mut results = 0;
    for (n, waiter) in waiters.into_iter().enumerate() {
        match waiter.wait() {
            None => {}
            Some(result) if result == n => results += 1,
            Some(_) => return Verdict::lost("a result"),
        }
    }
    if ran.load(Ordering::SeqCst) != results {
        return Verdict::lost("the word of a task: its submit failed, and yet it ran");
    }
    Verdict::right_told(results < TASKS)
}

/// At the first, the second, … start in turn.
pub(super) fn once<P: Pool>() -> Verdict {
    if P::ONE_PER_PROCESS {
        return Verdict::not_applicable("it starts anew only in a new process");
    }
    let mut last = Verdict::right();
    for granted in 0..WORKERS {
        if !refuse(granted, 1) {
            return Verdict::not_applicable("there is no way to refuse a thread here");
        }
        last = match catch_unwind(|| P::start(WORKERS)) {
            Ok(pool) => told(&pool),
            Err(_) => Verdict::told_at_the_start(),
        };
        if last.word != Word::Right {
            return last;
        }
    }
    last
}

/// All workers are there, and some of them may have to be replaced.
pub(super) fn after_a_panic<P: Pool>() -> Verdict {
    let pool = P::start(2);
    if !meet(&pool, 2) {
        return Verdict::lost("a worker");
    }
    if !refuse(0, FOR_EVER) {
        return Verdict::not_applicable("there is no way to refuse a thread here");
    }
    let panics = || submit(&pool, || -> () { panic_any("a task") });
    for waiter in [panics(), panics(), panics(), panics()] {
        if waiter.wait().is_some() {
            return Verdict::lost("a panic");
        }
    }
    told(&pool)
}

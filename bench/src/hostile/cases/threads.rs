//! Threads that the system refuses, and more threads than anybody needs.

use super::super::{
    pools::{Pool, submit},
    verdict::Verdict,
};
use super::{Case, case};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::{fs, panic::catch_unwind};

pub(super) const fn cases<P: Pool>() -> [Case; 3] {
    [
        case(
            "no thread",
            1,
            none::<P>,
            "the system gives no thread at all (address space limited): whoever starts the pool, submits or waits is told",
        ),
        case(
            "few threads",
            WANTED,
            few::<P>,
            "1 000 workers are wanted and the system gives some (the same limit, 64 MiB): whoever starts the pool is \
             told; else 2 000 tasks give their results or their waiters are told",
        ),
        Case {
            limit: 20,
            ..case(
                "10 000 workers",
                MANY,
                many::<P>,
                "10 000 workers are asked for: 100 tasks give their results within 20 s",
            )
        },
    ]
}

pub(super) const WANTED: usize = 1_000;
pub(super) const MANY: usize = 10_000;

const KIB: u64 = 1024;
const PAGE: u64 = 4 * KIB;

/// Lets this process have so many bytes of address space more. A thread takes two MiB.
fn limit_memory(more: u64) -> Option<()> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').next()?.parse().ok()?;
    let (_, most) = getrlimit(Resource::RLIMIT_AS).ok()?;
    setrlimit(Resource::RLIMIT_AS, pages * PAGE + more, most).ok()
}

/// Tasks are small, and some may not run: then their waiters hear of it.
fn told<P: Pool>(workers: usize, tasks: usize) -> Verdict {
    let Ok(pool) = catch_unwind(|| P::start(workers)) else {
        return Verdict::told_at_the_start();
    };
    let waiters: Vec<_> = (0..tasks).map(|n| submit(&pool, move || n)).collect();
    let mut ran = 0;
    for (n, waiter) in waiters.into_iter().enumerate() {
        match waiter.wait() {
            None => {}
            Some(result) if result == n => ran += 1,
            Some(_) => return Verdict::lost("a result"),
        }
    }
    Verdict::right_told(ran < tasks)
}

pub(super) fn none<P: Pool>() -> Verdict {
    match limit_memory(KIB * KIB) {
        Some(()) => told::<P>(1, 10),
        None => Verdict::not_applicable("the system has no such limit"),
    }
}

pub(super) fn few<P: Pool>() -> Verdict {
    match limit_memory(64 * KIB * KIB) {
        Some(()) => told::<P>(WANTED, 2 * WANTED),
        None => Verdict::not_applicable("the system has no such limit"),
    }
}

pub(super) fn many<P: Pool>() -> Verdict {
    let verdict = told::<P>(MANY, 100);
    Verdict::right_if(verdict == Verdict::right(), "tasks")
}

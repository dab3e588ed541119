mod endings;
mod inside;
mod panics;
mod places;
mod sizes;
mod support;
mod threads;

use super::{pools::Pool, verdict::Verdict};

/// One thing that pools do not like.
pub(super) struct Case {
    pub(super) id: &'static str,
    /// What a pool does that does it right.
    pub(super) right: &'static str,
    /// Of the pool, for the one that takes it from its environment.
    pub(super) threads: usize,
    /// Seconds until it counts as hanging.
    pub(super) limit: u32,
    pub(super) run: fn() -> Verdict,
}

const LIMIT: u32 = 8;

const fn case(id: &'static str, threads: usize, run: fn() -> Verdict, right: &'static str) -> Case {
    Case {
        id,
        right,
        threads,
        limit: LIMIT,
        run,
    }
}

/// All of them, on one pool.
pub(super) const fn all<P: Pool>() -> [Case; 24] {
    [
        case(
            "task panics",
            2,
            panics::of_tasks::<P>,
            "every second of 100 tasks panics: who waits for it is told, the others give their results, and both workers \
             are there afterwards",
        ),
        case(
            "closure's drop panics",
            2,
            panics::in_drop_of_capture::<P>,
            "what the closure has captured panics when it is dropped, after the task: the same",
        ),
        case(
            "result's drop panics",
            2,
            panics::in_drop_of_result::<P>,
            "nobody waits for the result, and it panics when the worker drops it: the other tasks give their results, \
             and both workers are there afterwards",
        ),
        case(
            "payload's drop panics",
            2,
            panics::in_drop_of_payload::<P>,
            "the same with the payload of a panic that nobody waits for",
        ),
        case(
            "panic while panicking",
            2,
            panics::while_panicking::<P>,
            "a task panics, and while it unwinds, a drop panics and catches that: the same as the first. (A second panic \
             that leaves the drop ends every Rust process.)",
        ),
        case(
            "nested wait",
            1,
            inside::nested::<P>,
            "one worker; a task waits for a task that it has submitted to the same pool, 100 levels deep: all give their \
             results",
        ),
        case(
            "shutdown inside",
            1,
            inside::shutdown::<P>,
            "a task submits to its own pool and then shuts it down, in the way that waits: nobody hangs, each waiter \
             gets a result or is told",
        ),
        case(
            "dropped inside",
            1,
            inside::dropped::<P>,
            "the last handle is dropped by a task, while ten are queued: that task ends and gives its result, the others \
             run or their waiters are told",
        ),
        case(
            "dropped with a queue",
            1,
            endings::dropped::<P>,
            "dropped with 100 tasks queued behind a slow one: each runs, or its waiter is told; no closure is kept",
        ),
        case(
            "threads end",
            4,
            endings::threads_end::<P>,
            "the threads of a dropped pool are gone within two seconds",
        ),
        case(
            "main returns",
            1,
            endings::main_returns::<P>,
            "`main` drops the pool and returns with 100 tasks queued: all run, if dropping is said to wait, else n/a",
        ),
        case(
            "no thread",
            1,
            threads::none::<P>,
            "the system gives no thread at all (address space limited): whoever starts the pool, submits or waits is told",
        ),
        case(
            "few threads",
            threads::WANTED,
            threads::few::<P>,
            "1 000 workers are wanted and the system gives some (the same limit, 64 MiB): whoever starts the pool is \
             told; else 2 000 tasks give their results or their waiters are told",
        ),
        Case {
            limit: 20,
            ..case(
                "10 000 workers",
                threads::MANY,
                threads::many::<P>,
                "10 000 workers are asked for: 100 tasks give their results within 20 s",
            )
        },
        Case {
            limit: 90,
            ..case(
                "10^7 queued",
                1,
                sizes::long_queue::<P>,
                "10 000 000 tasks behind a blocked worker: the right sum; growth of the resident memory (CPython: 10^6)",
            )
        },
        case(
            "64 MiB result",
            2,
            sizes::large_results::<P>,
            "ten results of 64 MiB on the heap: they come, and no memory is kept",
        ),
        case(
            "256 KiB by value",
            2,
            sizes::by_value::<P>,
            "ten arrays of that size, moved as such, on workers with the usual 2 MiB of stack: the same",
        ),
        case(
            "results without size",
            2,
            sizes::no_size::<P>,
            "10 000 results of size zero: each comes, and is dropped once",
        ),
        case(
            "many dropped waiters",
            2,
            sizes::unheard::<P>,
            "10 000 results that nobody takes: each is dropped once, whether the task has run by then or not",
        ),
        case(
            "in a static",
            2,
            places::in_a_static::<P>,
            "a pool in a `static` works, and the process ends by itself",
        ),
        case(
            "thread-local's drop",
            2,
            places::in_a_thread_local::<P>,
            "a thread-local of a thread that ends submits in its drop and waits: it gets its result",
        ),
        case(
            "worker's thread-local",
            2,
            places::in_a_workers_thread_local::<P>,
            "the same of a worker that ends: it gets its result or is told",
        ),
        case(
            "after fork",
            2,
            places::after_fork::<P>,
            "the process forks while a pool works: a new pool in the child works, and the old one in the parent",
        ),
        case(
            "limits 0 and MAX",
            1,
            P::extreme_limits,
            "time limits of zero and `Duration::MAX` do what they say, without a panic",
        ),
    ]
}

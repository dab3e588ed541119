mod endings;
mod inside;
mod panics;
mod places;
mod refusals;
mod sizes;
mod support;
mod threads;
mod workers;

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
pub(super) fn all<P: Pool>() -> Vec<Case> {
    let mut all = Vec::new();
    all.extend(panics::cases::<P>());
    all.extend(inside::cases::<P>());
    all.extend(endings::cases::<P>());
    all.extend(threads::cases::<P>());
    all.extend(refusals::cases::<P>());
    all.extend(workers::cases::<P>());
    all.extend(sizes::cases::<P>());
    all.extend(places::cases::<P>());
    all.extend(of_some::<P>());
    all
}

const LINKS: usize = 3_000;

fn long_chain<P: Pool>() -> Verdict {
    P::long_chain(LINKS)
}

/// What only some pools have, each in its own way.
const fn of_some<P: Pool>() -> [Case; 4] {
    [
        case(
            "wait for a cancelled one",
            1,
            P::wait_for_cancelled,
            "a queued task is cancelled while the worker is busy: whoever waits for it is told at once",
        ),
        case(
            "callback panics",
            1,
            P::callback_panics,
            "the first of two callbacks of a task: the second is called, and the worker runs the next task",
        ),
        case(
            "chain of 3 000",
            1,
            long_chain::<P>,
            "each link follows the end of the one before: the last one comes",
        ),
        case(
            "limits 0 and MAX",
            1,
            P::extreme_limits,
            "time limits of zero and `Duration::MAX` do what they say, without a panic",
        ),
    ]
}

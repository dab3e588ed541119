//! Places where nobody thinks of pools.

use super::super::{
    pools::{Pool, Waiter, submit},
    verdict::{Verdict, Word},
};
use super::{Case, case};
use nix::{
    sys::{
        signal::Signal,
        wait::{WaitStatus, waitpid},
    },
    unistd::{ForkResult, alarm, fork},
};
use std::{
    cell::RefCell,
    process::exit,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

pub(super) const fn cases<P: Pool>() -> [Case; 5] {
    [
        case(
            "in a static",
            2,
            in_a_static::<P>,
            "a pool in a `static` works, and the process ends by itself",
        ),
        case(
            "thread-local's drop",
            2,
            in_a_thread_local::<P>,
            "a thread-local of a thread that ends submits in its drop and waits: it gets its result",
        ),
        case(
            "worker's thread-local",
            2,
            in_a_workers_thread_local::<P>,
            "the same of a worker that ends: it gets its result or is told",
        ),
        case(
            "after fork",
            2,
            after_fork::<P>,
            "the process forks while a pool works: a new pool in the child works, and the old one in the parent",
        ),
        case(
            "inherited by a fork",
            2,
            inherited::<P>,
            "the child of a fork submits to the pool of its parent and waits: it is told that nobody is there, or gets \
             its result, within 3 s; and the parent's goes on",
        ),
    ]
}

/// Seconds that a forked child may take.
const LIMIT: u32 = 3;

/// Leaked is what a static is: never dropped.
fn everywhere<P: Pool>() -> &'static P {
    Box::leak(Box::new(P::start(2)))
}

pub(super) fn in_a_static<P: Pool>() -> Verdict {
    let pool = everywhere::<P>();
    let results = (0..100).map(|n| submit(pool, move || n));
    let sum: u32 = results.filter_map(Waiter::wait).sum();
    Verdict::right_if(sum == 4950, "a result")
}

/// Does something when its thread ends.
struct AtEnd(Option<Box<dyn FnOnce()>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(run) = self.0.take() {
            run();
        }
    }
}

thread_local!(static AT_END: RefCell<AtEnd> = const { RefCell::new(AtEnd(None)) });

fn at_end(run: impl FnOnce() + 'static) {
    AT_END.with_borrow_mut(|at_end| at_end.0 = Some(Box::new(run)));
}

pub(super) fn in_a_thread_local<P: Pool>() -> Verdict {
    let pool = everywhere::<P>();
    let (sender, receiver) = mpsc::channel();
    let ended = thread::spawn(move || {
        // First, so that it is dropped after those of the pool.
        at_end(move || {
            sender
                .send(submit(pool, || 42).wait())
                .expect("it is received");
        });
        submit(pool, || 1).wait()
    });
    let first = ended.join().ok().flatten();
    let last = receiver.recv().ok().flatten();
    Verdict::right_if(first == Some(1) && last == Some(42), "a result")
}

pub(super) fn in_a_workers_thread_local<P: Pool>() -> Verdict {
    if P::ONE_PER_PROCESS {
        return Verdict::not_applicable("its workers are never made to end");
    }
    let pool = P::start(2);
    let other: &P = everywhere();
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    submit(&pool, move || {
        at_end(move || {
            let result = submit(other, || 42).wait();
            let sender = sender.lock().expect("nobody else has it");
            sender.send(result).expect("it is received");
        });
    })
    .wait();
    drop(pool);
    // Told is enough: the pool's own thread-locals are gone, perhaps.
    let told = receiver.recv_timeout(Duration::from_secs(3));
    Verdict::right_if(told.is_ok(), "the thread-local was not dropped")
}

/// What the child of a fork says.
fn in_child(run: impl FnOnce() -> bool) -> Verdict {
    // SAFETY: what the child does beyond is the very thing to be seen; it touches nothing of its parent's.
    match unsafe { fork() } {
        Err(_) => Verdict::not_applicable("the system refuses to fork"),
        Ok(ForkResult::Child) => {
            alarm::set(LIMIT);
            exit(i32::from(!run()));
        }
        Ok(ForkResult::Parent { child }) => match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, 0)) => Verdict::right(),
            Ok(WaitStatus::Signaled(_, Signal::SIGALRM, _)) => {
                Verdict::new(Word::Hang, "in the child")
            }
            Ok(WaitStatus::Exited(..)) => Verdict::lost("a result in the child"),
            _ => Verdict::new(Word::Abort, "the child"),
        },
    }
}

/// Keeps the pool at work until the switch is set, and tells how many results were missing.
fn busy<P: Pool>(pool: &P, over: &AtomicBool) -> usize {
    let mut missing = 0;
    while !over.load(Ordering::Relaxed) {
        let waiters: Vec<_> = (0..10).map(|n| submit(pool, move || n)).collect();
        missing += waiters
            .into_iter()
            .map(Waiter::wait)
            .filter(Option::is_none)
            .count();
    }
    missing
}

fn while_busy<P: Pool>(fork: impl FnOnce() -> Verdict) -> Verdict {
    let pool = P::start(2);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let busy = scope.spawn(|| busy(&pool, &over));
        thread::sleep(Duration::from_millis(20));
        let verdict = fork();
        over.store(true, Ordering::Relaxed);
        match busy.join() {
            Ok(0) => verdict,
            _ => Verdict::lost("a result in the parent"),
        }
    })
}

/// A child that makes use of the pool of its parent.
pub(super) fn inherited<P: Pool>() -> Verdict {
    let pool = everywhere::<P>();
    let before = submit(pool, || 41).wait();
    let verdict = in_child(|| submit(pool, || 42).wait().is_none_or(|result| result == 42));
    let after = submit(pool, || 43).wait();
    if (before, after) != (Some(41), Some(43)) {
        return Verdict::lost("a result in the parent");
    }
    verdict
}

pub(super) fn after_fork<P: Pool>() -> Verdict {
    if P::ONE_PER_PROCESS {
        return Verdict::not_applicable("there can be no new pool");
    }
    while_busy::<P>(|| in_child(|| submit(&P::start(2), || 42).wait() == Some(42)))
}

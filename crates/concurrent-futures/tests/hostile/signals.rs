//! Signals with a handler. A handler may interrupt any instruction, also one that holds a lock of the allocator or of a
//! pool; so it calls nothing of this crate, but sets a flag for others to see.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use concurrent_futures::{CancelToken, ReturnWhen, Shutdown, wait_timeout};
use nix::{
    libc::c_int,
    sys::{
        pthread::{Pthread, pthread_kill, pthread_self},
        signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction},
    },
};

use crate::support::{alone, hold, pool, watchdog};

static SEEN: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: c_int) {
    SEEN.fetch_add(1, SeqCst);
}

/// System calls that it interrupts fail, and are not begun again.
fn handle(signal: Signal) {
    let action = SigAction::new(
        SigHandler::Handler(count),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler touches one atomic.
    unsafe { sigaction(signal, &action) }.expect("the signal can be handled");
}

/// Sends signals to a thread for as long as `run` takes.
fn pestered(thread: Pthread, run: impl FnOnce()) {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(SeqCst) {
                pthread_kill(thread, Signal::SIGUSR1).expect("the thread lives");
                thread::yield_now();
            }
        });
        run();
        over.store(true, SeqCst);
    });
    assert!(SEEN.load(SeqCst) > 0);
}

#[test]
fn a_thread_that_waits_goes_on_waiting() {
    const LIMIT: Duration = Duration::from_millis(50);
    alone(&[], || {
        watchdog(|| {
            handle(Signal::SIGUSR1);
            let pool = pool(1);
            let held = hold(&pool, 1);
            let queued = pool.submit(|| 1);
            pestered(pthread_self(), || {
                let lasts = |wait: &dyn Fn()| {
                    let start = Instant::now();
                    wait();
                    assert!(start.elapsed() >= LIMIT);
                };
                lasts(&|| assert!(queued.exception_timeout(LIMIT).is_err()));
                lasts(&|| {
                    let waited = wait_timeout([&queued], ReturnWhen::AllCompleted, LIMIT);
                    assert_eq!(waited.1.len(), 1);
                });
                lasts(&|| CancelToken::new().sleep(LIMIT).unwrap());
                lasts(&|| {
                    let how = Shutdown::new().timeout(LIMIT);
                    assert!(pool.shutdown_with(how).unwrap_err().is_timeout());
                });
                held.release();
                pool.shutdown();
                assert_eq!(queued.result().unwrap(), 1);
            });
        });
    });
}

#[test]
fn a_worker_goes_on_with_its_tasks() {
    alone(&[], || {
        watchdog(|| {
            handle(Signal::SIGUSR1);
            let pool = pool(1);
            let worker = pool.submit(pthread_self).result().unwrap();
            pestered(worker, || {
                // It sleeps in between, and is woken.
                for n in 0..200 {
                    assert_eq!(pool.submit(move || n).result().unwrap(), n);
                    thread::yield_now();
                }
                assert_eq!(pool.map(0..10_000, |n| n).flatten().count(), 10_000);
            });
        });
    });
}

#[test]
fn a_flag_that_a_handler_sets_lets_a_pool_be_shut_down() {
    alone(&[], || {
        watchdog(|| {
            handle(Signal::SIGTERM);
            let pool = pool(1);
            let endless = pool.submit(|| CancelToken::current().sleep(Duration::MAX));
            while !endless.running() {
                thread::yield_now();
            }
            let queued = pool.submit(|| ());
            let signals = pool.clone();
            thread::spawn(move || {
                raise(Signal::SIGTERM).unwrap();
                drop(signals);
            });
            while SEEN.load(SeqCst) == 0 {
                thread::park_timeout(Duration::from_millis(1));
            }
            let how = Shutdown::new().cancel_futures().cancel_running();
            pool.shutdown_with(how).unwrap();
            assert!(endless.result().unwrap().unwrap_err().is_shutdown());
            assert!(queued.cancelled());
        });
    });
}

#[test]
fn a_task_that_blocks_all_signals_blocks_them_for_its_worker() {
    alone(&[], || {
        watchdog(|| {
            handle(Signal::SIGUSR1);
            let pool = pool(1);
            let task = pool.submit(|| SigSet::all().thread_block().is_ok());
            assert!(task.result().unwrap());
            let mask = pool.submit(|| SigSet::thread_get_mask().unwrap());
            assert!(mask.result().unwrap().contains(Signal::SIGUSR1));
            // The others have their own, and somebody of them handles what is for the process.
            nix::sys::signal::kill(nix::unistd::Pid::this(), Signal::SIGUSR1).unwrap();
            while SEEN.load(SeqCst) == 0 {
                thread::yield_now();
            }
        });
    });
}

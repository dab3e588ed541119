//! `request_cancel`: cancels what is queued, asks what runs.

use std::{sync::mpsc, time::Duration};

use concurrent_futures::{CancelToken, Cancelled, TaskError, check_cancelled};

use crate::support::{Gate, Probe, hold, pool, watchdog};

const LONG: Duration = Duration::from_secs(3600);

/// Runs until asked.
fn endless() -> Result<(), Cancelled> {
    loop {
        check_cancelled()?;
        std::thread::yield_now();
    }
}

#[test]
fn a_queued_task_is_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let task = pool.submit(move || drop(value));
        assert!(task.request_cancel());
        assert_eq!(probe.alive(), 0);
        assert!(task.cancelled());
        assert!(task.request_cancel());
    });
}

#[test]
fn a_running_task_is_asked() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.try_submit(endless);
        while !task.running() {}
        assert!(task.request_cancel());
        let error = task.result().unwrap_err().into_failure().unwrap();
        assert!(!error.is_deadline() && !error.is_shutdown());
    });
}

#[test]
fn a_running_task_that_does_not_ask_goes_on() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let running = &held.tasks()[0];
        assert!(running.request_cancel());
        assert!(running.running() && !running.cancelled());
        held.release();
        assert!(running.exception().is_none());
    });
}

#[test]
fn a_done_task_is_not_asked() {
    watchdog(|| {
        let task = pool(1).submit(|| 1);
        assert!(task.exception().is_none());
        assert!(!task.request_cancel());
        assert_eq!(task.result().unwrap(), 1);
    });
}

#[test]
fn a_sleep_on_the_current_token_wakes_at_once() {
    watchdog(|| {
        let pool = pool(1);
        let (about, ready) = mpsc::channel();
        let task = pool.submit(move || {
            let token = CancelToken::current();
            about.send(()).unwrap();
            token.sleep(LONG)
        });
        ready.recv().unwrap();
        assert!(task.request_cancel());
        assert!(task.result().unwrap().is_err());
    });
}

#[test]
fn a_request_before_the_token_is_asked_for_is_seen_by_it() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let (about, ready) = mpsc::channel();
        let task = pool.submit({
            let gate = gate.clone();
            move || {
                about.send(()).unwrap();
                gate.wait();
                CancelToken::current().sleep(LONG)
            }
        });
        ready.recv().unwrap();
        assert!(task.request_cancel());
        gate.open();
        assert!(task.result().unwrap().is_err());
    });
}

#[test]
fn the_current_token_is_the_same_at_each_call() {
    watchdog(|| {
        let same = pool(1).submit(|| {
            let token = CancelToken::current();
            token.cancel();
            CancelToken::current().is_cancelled() && check_cancelled().is_err()
        });
        assert!(same.result().unwrap());
    });
}

#[test]
fn a_request_is_for_one_task_only() {
    watchdog(|| {
        let pool = pool(1);
        // One after the other in slots that are used again, with and without a token of their own.
        for round in 0..1000 {
            let (about, ready) = mpsc::channel();
            let asked = pool.submit(move || {
                let token = CancelToken::current();
                about.send(()).unwrap();
                token.sleep(LONG).is_err()
            });
            ready.recv().unwrap();
            assert!(asked.request_cancel());
            assert!(asked.result().unwrap());
            let clean = pool.submit(move || match round % 2 {
                0 => check_cancelled().is_ok(),
                _ => !CancelToken::current().is_cancelled(),
            });
            assert!(clean.result().unwrap());
        }
    });
}

#[test]
fn a_token_outlives_its_task_and_hears_no_more() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit(CancelToken::current).shared();
        let token = task.result().unwrap().clone();
        assert!(!task.request_cancel());
        drop(task);
        for _ in 0..200 {
            let task = pool.submit(|| CancelToken::current().sleep(LONG));
            task.request_cancel();
            drop(task.result());
        }
        assert!(!token.is_cancelled());
    });
}

#[test]
fn a_shared_future_asks_for_all() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.try_submit(endless).shared();
        let other = task.clone();
        while !task.running() {}
        assert!(other.request_cancel());
        assert!(matches!(task.result(), Err(TaskError::Failed(_))));
    });
}

#[test]
fn a_follow_up_is_asked_and_its_parent_is_not() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let parent = pool.submit({
            let gate = gate.clone();
            move || {
                gate.wait();
                check_cancelled().is_ok()
            }
        });
        let queued = parent.then(|clean| clean);
        assert!(queued.request_cancel());
        assert!(queued.cancelled());
        gate.open();

        let (about, ready) = mpsc::channel();
        let running = pool.submit(|| ()).then(move |()| {
            about.send(()).unwrap();
            CancelToken::current().sleep(LONG).is_err()
        });
        ready.recv().unwrap();
        assert!(running.request_cancel());
        assert!(running.result().unwrap());
    });
}

#[test]
fn a_task_of_a_scope_is_asked() {
    watchdog(|| {
        let pool = pool(2);
        let stopped = pool.scope(|scope| {
            let task = scope.try_submit(endless);
            while !task.running() {}
            task.request_cancel();
            task.result().is_err()
        });
        assert!(stopped);
    });
}

#[test]
fn a_panic_after_entering_leaves_nothing() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit(|| -> () {
            CancelToken::current().enter(|| {
                drop(CancelToken::current());
                panic!("after entering");
            });
        });
        assert!(task.result().unwrap_err().is_panic());
        assert!(pool.submit(check_cancelled).result().unwrap().is_ok());
        let inherits_nothing = pool.submit({
            let pool = pool.clone();
            move || pool.submit(check_cancelled)
        });
        assert!(inherits_nothing.result().unwrap().result().unwrap().is_ok());
    });
}

//! `add_done_callback`: once, in order, in the right thread, and never in the way.

use std::{
    cell::Cell,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use concurrent_futures::{Shutdown, TaskError};
use log::Level;

use crate::support::{Gate, LogCapture, Probe, hold, pool, watchdog};

#[test]
fn called_with_a_loan_of_the_value() {
    watchdog(|| {
        let pool = pool(1);
        let (sender, seen) = mpsc::channel();
        let task = pool.submit(|| String::from("value"));
        task.add_done_callback(move |outcome| sender.send(outcome.unwrap().clone()).unwrap());
        assert_eq!(seen.recv().unwrap(), "value");
        assert_eq!(task.result().unwrap(), "value");
    });
}

#[test]
fn called_for_errors_panics_cancellation_and_refusal_too() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, seen) = mpsc::channel();
        let note = |name: &'static str| {
            let sender = sender.clone();
            move |outcome: Result<&(), &TaskError<u8>>| {
                let kind = match outcome {
                    Ok(()) => "value",
                    Err(TaskError::Failed(_)) => "failed",
                    Err(TaskError::Panicked(_)) => "panicked",
                    Err(TaskError::Cancelled) => "cancelled",
                    Err(TaskError::Rejected(_)) => "rejected",
                    Err(_) => "other",
                };
                sender.send((name, kind)).unwrap();
            }
        };
        let cancelled = pool.try_submit(|| Ok::<_, u8>(()));
        cancelled.add_done_callback(note("first"));
        cancelled.cancel();
        let fine = pool.try_submit(|| Ok::<_, u8>(()));
        fine.add_done_callback(note("second"));
        let failed = pool.try_submit(|| Err(1));
        failed.add_done_callback(note("third"));
        let panicked = pool.try_submit(|| panic!("boom"));
        panicked.add_done_callback(note("fourth"));
        held.release();
        pool.shutdown();
        let refused = pool.try_submit(|| Ok::<_, u8>(()));
        refused.add_done_callback(note("fifth"));
        let seen: Vec<_> = seen.try_iter().collect();
        let expected = [
            ("first", "cancelled"),
            ("second", "value"),
            ("third", "failed"),
            ("fourth", "panicked"),
            ("fifth", "rejected"),
        ];
        assert_eq!(seen, expected);
    });
}

#[test]
fn in_registration_order_and_each_once() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let order = Arc::new(Mutex::new(Vec::new()));
        let task = pool.submit(|| ());
        for index in 0..100 {
            let order = Arc::clone(&order);
            task.add_done_callback(move |_| order.lock().unwrap().push(index));
        }
        held.release();
        pool.shutdown();
        assert!(order.lock().unwrap().iter().copied().eq(0..100));
    });
}

#[test]
fn run_by_the_worker_that_finished_the_task() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let (sender, thread) = mpsc::channel();
        let task = pool.submit(|| thread::current().id());
        task.add_done_callback(move |outcome| {
            sender
                .send((*outcome.unwrap(), thread::current().id()))
                .unwrap();
        });
        held.release();
        let (ran_on, called_on) = thread.recv().unwrap();
        assert_eq!(ran_on, called_on);
    });
}

#[test]
fn added_to_a_done_future_runs_at_once_in_the_caller() {
    watchdog(|| {
        let task = pool(1).submit(|| 3);
        assert!(task.exception().is_none());
        let (sender, seen) = mpsc::channel();
        task.add_done_callback(move |outcome| {
            sender
                .send((*outcome.unwrap(), thread::current().id()))
                .unwrap();
        });
        assert_eq!(seen.try_recv().unwrap(), (3, thread::current().id()));
    });
}

#[test]
fn finished_before_shutdown_returns() {
    watchdog(|| {
        for _ in 0..100 {
            let pool = pool(2);
            let calls = Arc::new(AtomicUsize::new(0));
            for _ in 0..4 {
                let calls = Arc::clone(&calls);
                pool.submit(|| ()).add_done_callback(move |_| {
                    thread::yield_now();
                    calls.fetch_add(1, Ordering::Relaxed);
                });
            }
            pool.shutdown();
            assert_eq!(calls.load(Ordering::Relaxed), 4);
        }
    });
}

#[test]
fn a_panic_is_logged_with_the_future_and_contained() {
    watchdog(|| {
        let logs = LogCapture::containing("callback number 41 fails");
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, seen) = mpsc::channel();
        let task = pool.submit(|| 1);
        let before = sender.clone();
        task.add_done_callback(move |_| before.send("before").unwrap());
        task.add_done_callback(|_| panic!("callback number {} fails", 41));
        task.add_done_callback(move |_| sender.send("after").unwrap());
        held.release();
        assert_eq!(seen.iter().collect::<Vec<_>>(), ["before", "after"]);
        assert_eq!(task.result().unwrap(), 1);
        assert_eq!(pool.submit(|| 2).result().unwrap(), 2);
        assert_eq!(pool.worker_count(), 1);
        let records = logs.records();
        assert_eq!(records.len(), 1, "{records:?}");
        assert_eq!(records[0].level, Level::Error);
        assert!(records[0].message.contains("<Future at 0x"), "{records:?}");
        assert!(
            records[0].message.contains("finished returned i32"),
            "{records:?}"
        );
    });
}

#[test]
fn a_panic_in_the_adding_thread_is_logged_and_contained() {
    watchdog(|| {
        let logs = LogCapture::containing("callback number 42 fails");
        let task = pool(1).submit(|| 1);
        assert!(task.exception().is_none());
        task.add_done_callback(|_| panic!("callback number {} fails", 42));
        assert_eq!(logs.records().len(), 1);
        assert_eq!(task.result().unwrap(), 1);
    });
}

#[test]
fn a_panic_in_the_canceller_is_logged_and_contained() {
    watchdog(|| {
        let logs = LogCapture::containing("callback number 43 fails");
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let after = Gate::new();
        let task = pool.submit(|| 1);
        task.add_done_callback(|_| panic!("callback number {} fails", 43));
        task.add_done_callback({
            let after = after.clone();
            move |_| after.open()
        });
        assert!(task.cancel());
        assert!(after.is_open());
        assert_eq!(logs.records().len(), 1);
    });
}

#[test]
fn one_added_from_within_a_callback_keeps_its_turn() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, order) = mpsc::channel();
        let task = pool.submit(|| ()).shared();
        let (outer, same) = (sender.clone(), task.clone());
        task.add_done_callback(move |_| {
            let inner = outer.clone();
            same.add_done_callback(move |_| inner.send("inner").unwrap());
            outer.send("outer").unwrap();
        });
        task.add_done_callback(move |_| sender.send("last").unwrap());
        held.release();
        assert_eq!(order.iter().collect::<Vec<_>>(), ["outer", "last", "inner"]);
    });
}

#[test]
fn may_ask_its_own_future() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, answer) = mpsc::channel();
        let task = pool.submit(|| 6).shared();
        let same = task.clone();
        task.add_done_callback(move |_| {
            let state = (same.done(), same.running(), same.cancelled(), same.cancel());
            sender.send((*same.result().unwrap(), state)).unwrap();
        });
        held.release();
        assert_eq!(answer.recv().unwrap(), (6, (true, false, false, false)));
    });
}

#[test]
fn may_shut_the_pool_down_without_waiting() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, answer) = mpsc::channel();
        let task = pool.submit(|| ());
        task.add_done_callback({
            let pool = pool.clone();
            move |_| {
                let outcome = pool.shutdown_with(Shutdown::new().no_wait());
                sender.send(outcome.is_ok()).unwrap();
            }
        });
        held.release();
        assert!(answer.recv().unwrap());
        assert!(pool.submit(|| ()).result().is_err());
    });
}

#[test]
fn runs_also_when_the_future_was_dropped() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, seen) = mpsc::channel();
        let task = pool.submit(|| 8);
        task.add_done_callback(move |outcome| sender.send(*outcome.unwrap()).unwrap());
        drop(task);
        held.release();
        assert_eq!(seen.recv().unwrap(), 8);
    });
}

#[test]
fn is_consumed_by_its_call() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let task = pool.submit(|| ());
        task.add_done_callback(move |_| drop(value));
        let value = probe.value();
        task.add_done_callback(move |_| {
            let _ = &value;
        });
        assert_eq!(probe.alive(), 2);
        held.release();
        pool.shutdown();
        assert_eq!(probe.alive(), 0, "the future lives, its callbacks do not");
        drop(task);
    });
}

#[test]
fn adding_races_with_finishing_and_no_callback_is_lost_or_doubled() {
    watchdog(|| {
        let pool = pool(1);
        let calls = Arc::new(AtomicUsize::new(0));
        for _ in 0..2000 {
            let task = pool.submit(|| ());
            for _ in 0..3 {
                let calls = Arc::clone(&calls);
                task.add_done_callback(move |_| {
                    calls.fetch_add(1, Ordering::Relaxed);
                });
            }
        }
        pool.shutdown();
        assert_eq!(calls.load(Ordering::Relaxed), 6000);
    });
}

#[test]
fn result_does_not_take_the_value_from_under_a_callback() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let (sender, seen) = mpsc::channel();
        // Not Sync: the loan and the owner must never be two threads at once.
        let task = pool.submit(|| Cell::new(1));
        task.add_done_callback({
            let (entered, leave) = (entered.clone(), leave.clone());
            move |outcome| {
                entered.open();
                leave.wait();
                let cell = outcome.unwrap();
                sender.send(cell.get()).unwrap();
                cell.set(2);
            }
        });
        held.release();
        entered.wait();
        let owner = thread::spawn(move || task.result().unwrap().get());
        thread::yield_now();
        leave.open();
        assert_eq!(seen.recv().unwrap(), 1);
        assert_eq!(owner.join().unwrap(), 2);
    });
}

#[test]
fn the_loan_of_a_value_is_never_two_threads_at_once() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let lent = Arc::new(AtomicBool::new(false));
        // Not Sync, so that each of these loans would be a data race with another one.
        let task = pool.submit(|| Cell::new(1));
        task.add_done_callback({
            let (entered, leave, lent) = (entered.clone(), leave.clone(), Arc::clone(&lent));
            move |_| {
                lent.store(true, Ordering::SeqCst);
                entered.open();
                leave.wait();
                lent.store(false, Ordering::SeqCst);
            }
        });
        held.release();
        entered.wait();
        let (sender, overlaps) = mpsc::channel();
        let owner = thread::spawn({
            let lent = Arc::clone(&lent);
            move || {
                let (late, seen) = (sender.clone(), Arc::clone(&lent));
                task.add_done_callback(move |_| late.send(seen.load(Ordering::SeqCst)).unwrap());
                let _cell = task.result().unwrap();
                sender.send(lent.load(Ordering::SeqCst)).unwrap();
            }
        });
        thread::sleep(Duration::from_millis(20));
        leave.open();
        owner.join().unwrap();
        assert_eq!(overlaps.iter().collect::<Vec<_>>(), [false, false]);
    });
}

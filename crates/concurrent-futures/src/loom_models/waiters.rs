//! Who is told that a task is done: threads that come and go, callbacks, readers.

use super::rig::{Alone, Count, large_model, model, spawn, spoil_stack, task};
use crate::{
    sync::park_until,
    task::{
        Handle,
        countdown::{Countdown, wait_for_many},
        slot::{HasSlot, Slot, SlotRef},
        waiters::{Node, until_done},
    },
    time::Limit,
};
use std::{
    ptr::NonNull,
    sync::{Arc, Mutex},
};

struct Waited<T, E>(Arc<Handle<T, E>>);

impl<T, E> HasSlot for Waited<T, E> {
    fn slot(&self) -> Option<SlotRef> {
        Some(self.0.slot())
    }
}

/// Catches a second waiter that is forgotten, and a list that two threads change at once.
#[test]
fn two_threads_wait() {
    large_model(|| {
        let (task, handle) = task(|| 7);
        let handle = Arc::new(handle);
        let shared = Arc::clone(&handle);
        let waiter = spawn(move || {
            assert!(shared.wait_done(Limit::Forever).unwrap());
            spoil_stack();
        });
        let worker = spawn(move || task.run(&mut Alone));
        assert!(handle.wait_done(Limit::Forever).unwrap());
        spoil_stack();
        waiter.join().unwrap();
        worker.join().unwrap();
        assert_eq!(Arc::into_inner(handle).unwrap().take().unwrap(), 7);
    });
}

/// Catches a worker that touches the node of a waiter whose time was over, and a waiter that goes
/// while it is being told.
#[test]
fn a_waiter_leaves() {
    model(|| {
        let (task, handle) = task(|| 7);
        let worker = spawn(move || task.run(&mut Alone));
        let waited = [Waited(Arc::new(handle))];
        let countdown = Box::new(Countdown::new(1, false));
        wait_for_many(&waited, &countdown, Limit::Poll).unwrap();
        drop(countdown);
        spoil_stack();
        let [Waited(handle)] = waited;
        assert_eq!(Arc::into_inner(handle).unwrap().take().unwrap(), 7);
        worker.join().unwrap();
    });
}

/// Catches a neighbour that is lost from the list when another waiter leaves it.
#[test]
fn a_waiter_leaves_and_another_stays() {
    large_model(|| {
        let (task, handle) = task(|| 7);
        let handle = Arc::new(handle);
        let waited = [Waited(Arc::clone(&handle))];
        let leaver = spawn(move || {
            let countdown = Countdown::new(1, false);
            wait_for_many(&waited, &countdown, Limit::Poll).unwrap();
            spoil_stack();
        });
        let worker = spawn(move || task.run(&mut Alone));
        assert!(handle.wait_done(Limit::Forever).unwrap());
        leaver.join().unwrap();
        worker.join().unwrap();
        assert_eq!(Arc::into_inner(handle).unwrap().take().unwrap(), 7);
    });
}

/// The wait for one slot whose time is over at once; its node lies on the stack.
fn wait_briefly(slot: &Slot) {
    let countdown = Countdown::new(1, false);
    let node = Node::watch(&raw const countdown);
    let node = NonNull::from(&node);
    // SAFETY: unlinked below, unless it was told.
    if unsafe { slot.link(node, until_done) } && !countdown.watcher.is_over() {
        // SAFETY: linked above.
        unsafe { slot.unlink(node) };
    }
}

/// Catches a worker that touches a waiter after it has told it: the waiter's stack is gone.
#[test]
fn a_told_waiter_goes_at_once() {
    model(|| {
        let (task, handle) = task(|| 7);
        let worker = spawn(move || task.run(&mut Alone));
        wait_briefly(&handle.slot());
        spoil_stack();
        assert_eq!(handle.take().unwrap(), 7);
        worker.join().unwrap();
    });
}

/// Catches a callback that is forgotten or runs twice when it is added while the task ends, one
/// that runs without the value, and a value that is moved out under it.
#[test]
fn a_callback_runs_once_and_before_the_value_is_taken() {
    model(|| {
        let called = Count::watched();
        let (task, handle) = task(|| 7);
        let worker = spawn(move || task.run(&mut Alone));
        let count = called.clone();
        handle.on_done(move |outcome| {
            assert_eq!(*outcome.unwrap(), 7);
            count.add();
        });
        assert_eq!(handle.take().unwrap(), 7);
        assert_eq!(called.get(), 1);
        worker.join().unwrap();
    });
}

/// Catches callbacks out of order, two at the same time, and one that is added while others run
/// and gets lost.
#[test]
fn callbacks_run_in_order() {
    model(|| {
        let log = Arc::new(Mutex::new(Vec::new()));
        let note = |entry| {
            let log = Arc::clone(&log);
            move || log.lock().unwrap().push(entry)
        };
        let (task, handle) = task(|| ());
        let first = note(1);
        handle.on_done(move |_| first());
        let worker = spawn(move || task.run(&mut Alone));
        let second = note(2);
        handle.on_done(move |_| second());
        handle.take().unwrap();
        worker.join().unwrap();
        assert_eq!(*log.lock().unwrap(), [1, 2]);
    });
}

/// Catches a callback that is lost, or runs twice, between a cancel and a worker.
#[test]
fn a_callback_sees_the_cancel() {
    model(|| {
        let called = Count::watched();
        let (task, handle) = task(|| ());
        let worker = spawn(move || task.run(&mut Alone));
        let count = called.clone();
        handle.on_done(move |outcome| {
            count.add();
            assert!(
                outcome.is_ok() || outcome.is_err_and(|e| matches!(e, crate::TaskError::Cancelled))
            );
        });
        let cancelled = handle.cancel();
        assert_eq!(handle.take().is_err(), cancelled);
        assert_eq!(called.get(), 1);
        worker.join().unwrap();
    });
}

/// Catches an outcome that goes while a callback reads it: a reader may be done with a shared
/// handle, and drop the last one, while the callbacks are still running.
#[test]
fn a_reader_goes_while_a_callback_reads() {
    model(|| {
        let dropped = Count::watched();
        let probe = dropped.probe();
        let (task, handle) = task(move || probe);
        let seen = dropped.clone();
        handle.on_done(move |outcome| {
            assert!(outcome.is_ok());
            super::rig::yield_now();
            assert_eq!(seen.get(), 0);
        });
        let worker = spawn(move || task.run(&mut Alone));
        assert!(handle.wait_done(Limit::Forever).unwrap());
        assert!(handle.peek_done().unwrap().is_ok());
        assert_eq!(dropped.get(), 0);
        drop(handle);
        worker.join().unwrap();
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches a park whose wake-up came before it and was lost.
#[test]
fn an_early_unpark_is_kept() {
    model(|| {
        let thread = crate::sync::current();
        let other = spawn(move || thread.unpark());
        park_until(None);
        other.join().unwrap();
    });
}

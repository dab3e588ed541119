//! `SharedFuture`: several readers of one outcome.

use std::{ptr, sync::mpsc, thread, time::Duration};

use concurrent_futures::TaskError;

use crate::support::{Probe, hold, pool, watchdog};

#[test]
fn every_handle_lends_the_same_value_again_and_again() {
    watchdog(|| {
        let shared = pool(1).submit(|| String::from("value")).shared();
        let clone = shared.clone();
        let first = shared.result().unwrap();
        assert_eq!(first, "value");
        assert!(ptr::eq(first, shared.result().unwrap()));
        assert!(ptr::eq(first, clone.result().unwrap()));
    });
}

#[test]
fn every_handle_lends_the_same_error() {
    watchdog(|| {
        let shared = pool(1)
            .try_submit(|| Err::<(), _>(String::from("failed")))
            .shared();
        let clone = shared.clone();
        let error = shared.exception().unwrap();
        assert!(ptr::eq(error, clone.exception().unwrap()));
        assert!(ptr::eq(error, clone.result().unwrap_err()));
        assert!(matches!(error, TaskError::Failed(text) if text == "failed"));
    });
}

#[test]
fn all_waiting_threads_wake() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let shared = pool.submit(|| 5).shared();
        let readers: Vec<_> = (0..8)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || *shared.result().unwrap())
            })
            .collect();
        held.release();
        for reader in readers {
            assert_eq!(reader.join().unwrap(), 5);
        }
    });
}

#[test]
fn limits_in_time() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let shared = pool.submit(|| 5).shared();
        for timeout in [Duration::ZERO, Duration::from_millis(10)] {
            assert!(shared.result_timeout(timeout).is_err());
            assert!(shared.exception_timeout(timeout).is_err());
        }
        held.release();
        assert_eq!(*shared.result_timeout(Duration::MAX).unwrap().unwrap(), 5);
        assert!(shared.exception_timeout(Duration::ZERO).unwrap().is_none());
        assert_eq!(*shared.result_timeout(Duration::ZERO).unwrap().unwrap(), 5);
    });
}

#[test]
fn a_task_s_own_error_is_no_expiry() {
    watchdog(|| {
        let shared = pool(1).try_submit(|| Err::<(), _>("timed out")).shared();
        let outcome = shared.result_timeout(Duration::MAX).unwrap();
        assert!(matches!(outcome, Err(TaskError::Failed("timed out"))));
    });
}

#[test]
fn any_handle_cancels_for_all() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let shared = pool.submit(|| 5).shared();
        let clone = shared.clone();
        assert!(clone.cancel());
        assert!(shared.cancelled());
        assert!(shared.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn callbacks_of_all_handles_run_in_order() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, calls) = mpsc::channel();
        let future = pool.submit(|| 5);
        let note = |name: &'static str| {
            let sender = sender.clone();
            move |outcome: Result<&i32, &TaskError>| sender.send((name, *outcome.unwrap())).unwrap()
        };
        future.add_done_callback(note("before sharing"));
        let shared = future.shared();
        shared.add_done_callback(note("first handle"));
        shared.clone().add_done_callback(note("dropped handle"));
        held.release();
        pool.shutdown();
        shared.add_done_callback(note("done"));
        let expected = ["before sharing", "first handle", "dropped handle", "done"];
        assert!(calls.try_iter().eq(expected.map(|name| (name, 5))));
    });
}

#[test]
fn the_id_stays_the_future_s() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let future = pool.submit(|| 5);
        let id = future.id();
        let shared = future.shared();
        assert_eq!(shared.id(), id);
        assert_eq!(shared.clone().id(), id);
        assert_ne!(pool.submit(|| 5).id(), id);
    });
}

#[test]
fn the_value_goes_with_the_last_handle() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let value = probe.value();
        let shared = pool.submit(move || value).shared();
        let clone = shared.clone();
        pool.shutdown();
        drop(shared);
        assert_eq!(probe.alive(), 1);
        assert!(clone.result().is_ok());
        drop(clone);
        assert_eq!(probe.died_on(), [thread::current().id()]);
    });
}

#[test]
fn dropped_handles_do_not_cancel() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, ran) = mpsc::channel();
        let shared = pool.submit(move || sender.send(()).unwrap()).shared();
        drop(shared.clone());
        drop(shared);
        held.release();
        ran.recv().unwrap();
    });
}

#[test]
fn of_a_refused_and_of_a_cancelled_future() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let cancelled = pool.submit(|| ());
        cancelled.cancel();
        assert!(cancelled.shared().exception().unwrap().is_cancelled());
        held.release();
        pool.shutdown();
        let refused = pool.submit(|| ()).shared();
        assert!(matches!(refused.result(), Err(TaskError::Rejected(_))));
    });
}

//! result and exception, with and without a limit in time.

use std::{io, sync::Arc, thread, time::Duration};

use concurrent_futures::{ResultTimeoutError, TaskError};

use crate::support::{hold, pool, watchdog};

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn result_moves_the_value_out() {
    watchdog(|| {
        let value = pool(1).submit(|| Box::new(5)).result().unwrap();
        assert_eq!(*value, 5);
    });
}

#[test]
fn result_of_a_finished_task_answers_at_once() {
    watchdog(|| {
        let task = pool(1).submit(|| "kept");
        assert!(task.done(), "the pool's drop waited for it");
        assert_eq!(task.result().unwrap(), "kept");
    });
}

#[test]
fn result_blocks_until_the_task_ends() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| 3);
        thread::scope(|scope| {
            let waiter = scope.spawn(move || task.result().unwrap());
            held.release();
            assert_eq!(waiter.join().unwrap(), 3);
        });
    });
}

#[test]
fn result_gives_the_task_s_own_error() {
    watchdog(|| {
        let task = pool(1).try_submit(|| Err::<(), _>(vec![1, 2, 3]));
        assert_eq!(
            task.result().unwrap_err().into_failure(),
            Some(vec![1, 2, 3])
        );
    });
}

#[test]
fn result_of_a_cancelled_task_says_so() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let task = pool.submit(|| ());
        task.cancel();
        assert!(matches!(task.result(), Err(TaskError::Cancelled)));
    });
}

#[test]
fn a_timeout_gives_the_future_back_and_changes_nothing() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| 9);
        let id = task.id();
        let expired = task.result_timeout(SHORT).unwrap_err();
        assert!(expired.is_timeout());
        let task = expired.into_future().unwrap();
        assert_eq!(task.id(), id);
        assert!(!task.done());
        let again = task.result_timeout(SHORT).unwrap_err();
        held.release();
        assert_eq!(again.into_future().unwrap().result().unwrap(), 9);
    });
}

#[test]
fn a_timeout_is_never_early() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let task = pool.submit(|| ());
        let begin = std::time::Instant::now();
        let expired = task.result_timeout(SHORT).unwrap_err();
        assert!(begin.elapsed() >= SHORT);
        let task = expired.into_future().unwrap();
        let begin = std::time::Instant::now();
        assert!(task.exception_timeout(SHORT).is_err());
        assert!(begin.elapsed() >= SHORT);
    });
}

#[test]
fn a_timeout_of_a_running_task_lets_it_run() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        assert!(held.tasks()[0].exception_timeout(SHORT).is_err());
        assert!(held.tasks()[0].running());
        held.release();
        assert!(held.tasks()[0].exception().is_none());
    });
}

#[test]
fn zero_polls() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| 4);
        assert!(task.exception_timeout(Duration::ZERO).is_err());
        let task = task.result_timeout(Duration::ZERO).unwrap_err();
        let task = task.into_future().unwrap();
        held.release();
        assert!(task.exception().is_none());
        assert_eq!(
            task.exception_timeout(Duration::ZERO).unwrap().map(drop),
            None
        );
        assert_eq!(task.result_timeout(Duration::ZERO).unwrap(), 4);
    });
}

#[test]
fn max_waits_for_ever() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| 4);
        let other = pool.submit(|| ());
        thread::scope(|scope| {
            let value = scope.spawn(move || task.result_timeout(Duration::MAX).unwrap());
            let none = scope.spawn(|| other.exception_timeout(Duration::MAX).unwrap().is_none());
            thread::sleep(SHORT);
            held.release();
            assert_eq!(value.join().unwrap(), 4);
            assert!(none.join().unwrap());
        });
    });
}

#[test]
fn timeouts_around_the_clock_s_limits() {
    watchdog(|| {
        let pool = pool(1);
        for timeout in [
            Duration::from_nanos(1),
            Duration::from_secs(u64::MAX),
            Duration::from_secs(i64::MAX.unsigned_abs()),
            Duration::MAX,
        ] {
            let task = pool.submit(|| 1);
            assert!(task.exception().is_none());
            assert_eq!(task.result_timeout(timeout).unwrap(), 1);
        }
    });
}

#[test]
fn a_task_s_own_timeout_is_no_timeout_of_the_wait() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.try_submit(|| Err::<(), _>(io::Error::from(io::ErrorKind::TimedOut)));
        let error = task.result_timeout(Duration::MAX).unwrap_err();
        assert!(!error.is_timeout());
        let failure = error.into_task_error().and_then(TaskError::into_failure);
        assert_eq!(failure.unwrap().kind(), io::ErrorKind::TimedOut);
    });
}

#[test]
fn a_wait_s_timeout_returned_by_a_task_is_the_task_s_error() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 1);
        let expired = held.tasks()[0]
            .exception_timeout(Duration::ZERO)
            .unwrap_err();
        let task = pool.try_submit(move || Err::<(), _>(expired));
        let error = task.result_timeout(Duration::MAX).unwrap_err();
        assert!(matches!(
            error,
            ResultTimeoutError::Task(TaskError::Failed(_))
        ));
    });
}

#[test]
fn exception_is_none_for_a_value() {
    watchdog(|| {
        let task = pool(1).submit(|| 1);
        assert!(task.exception().is_none());
        assert!(task.exception().is_none());
        assert_eq!(task.result().unwrap(), 1);
    });
}

#[test]
fn exception_lends_the_error_as_often_as_asked() {
    watchdog(|| {
        let task = pool(1).try_submit(|| Err::<(), _>(String::from("failed")));
        let (first, second) = (task.exception().unwrap(), task.exception().unwrap());
        assert!(std::ptr::eq(first, second));
        assert!(matches!(first, TaskError::Failed(text) if text == "failed"));
        assert_eq!(task.result().unwrap_err().into_failure().unwrap(), "failed");
    });
}

#[test]
fn exception_of_a_panic_and_of_a_cancelled_task() {
    watchdog(|| {
        let pool = pool(1);
        let panicked = pool.submit(|| panic!("boom"));
        assert!(panicked.exception().unwrap().is_panic());
        let _held = hold(&pool, 1);
        let cancelled = pool.submit(|| ());
        cancelled.cancel();
        assert!(cancelled.exception().unwrap().is_cancelled());
        let polled = cancelled.exception_timeout(Duration::ZERO).unwrap();
        assert!(polled.unwrap().is_cancelled());
    });
}

#[test]
fn exception_may_be_asked_from_many_threads() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = Arc::new(pool.try_submit(|| Err::<(), _>(7)));
        thread::scope(|scope| {
            for patience in [Duration::MAX, Duration::from_secs(3600), Duration::MAX] {
                let task = &task;
                scope.spawn(move || {
                    let error = task.exception_timeout(patience).unwrap();
                    assert!(matches!(error, Some(TaskError::Failed(7))));
                });
                scope.spawn(move || assert!(task.exception().is_some()));
            }
            held.release();
        });
    });
}

#[test]
fn a_panic_s_payload_is_kept() {
    watchdog(|| {
        let task = pool(1).submit(|| std::panic::panic_any(vec![1, 2]));
        let Err(TaskError::Panicked(panic)) = task.result() else {
            panic!("no panic");
        };
        assert_eq!(
            *panic.into_payload().downcast::<Vec<i32>>().unwrap(),
            [1, 2]
        );
    });
}

#[test]
fn a_panic_can_be_resumed_where_it_is_awaited() {
    watchdog(|| {
        let task = pool(1).submit(|| panic!("boom"));
        let Err(TaskError::Panicked(panic)) = task.result() else {
            panic!("no panic");
        };
        let resumed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panic.resume()));
        let payload = resumed.unwrap_err();
        assert_eq!(*payload.downcast::<&str>().unwrap(), "boom");
    });
}

#[test]
fn the_park_token_of_the_waiter_is_its_own() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| 1);
        // A token somebody else left must not pass for the end of the task.
        thread::current().unpark();
        assert!(task.exception_timeout(SHORT).is_err());
        let waiter = thread::spawn(move || {
            thread::current().unpark();
            task.result().unwrap()
        });
        waiter.thread().unpark();
        held.release();
        assert_eq!(waiter.join().unwrap(), 1);
    });
}

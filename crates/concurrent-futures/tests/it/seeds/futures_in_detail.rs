//! What a future says of its task, what can be asked of it, and when.

use std::thread;
use std::time::Duration;

use concurrent_futures::{Future, ReturnWhen, TaskError, wait};

use super::stand_ins::{Journal, work};
use crate::support::{Gate, hold, pool, watchdog};

fn status<T, E>(future: &Future<T, E>) -> (bool, bool, bool) {
    (future.running(), future.cancelled(), future.done())
}

const RUNNING: (bool, bool, bool) = (true, false, false);
const QUEUED: (bool, bool, bool) = (false, false, false);
const CANCELLED: (bool, bool, bool) = (false, true, true);
const FINISHED: (bool, bool, bool) = (false, false, true);

#[test]
fn running_then_done() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let future = &held.tasks()[0];
        assert_eq!(status(future), RUNNING);
        held.release();
        wait([future], ReturnWhen::AllCompleted);
        assert_eq!(status(future), FINISHED);
    });
}

#[test]
fn a_result_is_waited_for() {
    watchdog(|| {
        let pool = pool(2);
        let with_value = pool.submit(|| {
            work(5);
            "value"
        });
        assert_eq!(with_value.result().unwrap(), "value");
        let nothing: () = pool.submit(|| work(1)).result().unwrap();
        assert_eq!(nothing, ());
    });
}

#[test]
fn a_timed_read_ends_in_time_and_the_end_waits_for_the_task() {
    watchdog(|| {
        let journal = Journal::new();
        let gate = Gate::new();
        {
            let pool = pool(1);
            let future = pool.submit({
                let (journal, gate) = (journal.clone(), gate.clone());
                move || {
                    gate.wait();
                    journal.write("task ends");
                }
            });
            match future.result_timeout(Duration::from_millis(5)) {
                Err(error) if error.is_timeout() => journal.write("gave up waiting"),
                other => panic!("not a timeout: {other:?}"),
            }
            gate.open();
        }
        assert_eq!(journal.lines(), ["gave up waiting", "task ends"]);
    });
}

#[test]
fn a_queued_task_can_be_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let second = pool.submit(|| unreachable!("cancelled before its turn"));
        assert!(held.tasks()[0].running());
        assert_eq!(status(&second), QUEUED);
        assert!(second.cancel());
        // Although the first task still keeps the only worker.
        let (done, not_done) = wait([&second], ReturnWhen::AllCompleted);
        assert_eq!((done.len(), not_done.len()), (1, 0));
        assert_eq!(status(&second), CANCELLED);
        assert!(held.tasks()[0].running());
        assert!(matches!(second.result(), Err(TaskError::Cancelled)));
    });
}

#[test]
fn a_running_task_cannot_be_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let future = &held.tasks()[0];
        assert!(!future.cancel());
        assert_eq!(status(future), RUNNING);
        held.release();
        wait([future], ReturnWhen::AllCompleted);
        assert_eq!(status(future), FINISHED);
    });
}

#[test]
fn a_finished_task_cannot_be_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let future = pool.submit(|| work(1));
        wait([&future], ReturnWhen::AllCompleted);
        assert_eq!(status(&future), FINISHED);
        assert!(!future.cancel());
        assert_eq!(status(&future), FINISHED);
    });
}

#[test]
fn a_callback_comes_after_its_task() {
    watchdog(|| {
        let journal = Journal::new();
        {
            let pool = pool(1);
            let lines = journal.clone();
            let future = pool.submit(move || {
                work(2);
                lines.write("task");
            });
            let lines = journal.clone();
            future.add_done_callback(move |_| lines.write("callback"));
        }
        assert_eq!(journal.lines(), ["task", "callback"]);
    });
}

#[test]
fn a_cancel_runs_the_callback_before_it_returns() {
    watchdog(|| {
        let journal = Journal::new();
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let second = pool.submit(|| ());
        let lines = journal.clone();
        let this_thread = thread::current().id();
        second.add_done_callback(move |outcome| {
            assert!(outcome.unwrap_err().is_cancelled());
            assert_eq!(thread::current().id(), this_thread);
            lines.write("callback");
        });
        let cancelled = second.cancel();
        journal.write(format!("cancelled: {cancelled}"));
        assert_eq!(journal.lines(), ["callback", "cancelled: true"]);
    });
}

#[test]
fn a_failed_task_is_done_and_tells_its_error() {
    watchdog(|| {
        let pool = pool(1);
        let future = pool.try_submit(|| {
            work(1);
            Err::<(), _>("something bad happened".to_owned())
        });
        wait([&future], ReturnWhen::AllCompleted);
        assert_eq!(status(&future), FINISHED);
        assert_eq!(
            future.exception().unwrap().to_string(),
            "something bad happened"
        );
        assert_eq!(
            future.result().unwrap_err().into_failure().unwrap(),
            "something bad happened"
        );
    });
}

#[test]
fn a_panicked_task_is_done_and_tells_its_panic() {
    watchdog(|| {
        let pool = pool(1);
        let future = pool.submit(|| panic!("something bad happened"));
        wait([&future], ReturnWhen::AllCompleted);
        assert_eq!(status(&future), FINISHED);
        assert!(future.exception().unwrap().is_panic());
        match future.result() {
            Err(TaskError::Panicked(panic)) => {
                assert_eq!(panic.message(), "something bad happened");
            }
            other => panic!("not a panic: {other:?}"),
        }
    });
}

#[test]
fn a_callback_hears_of_a_failure_once() {
    watchdog(|| {
        let journal = Journal::new();
        {
            let pool = pool(1);
            let future = pool.try_submit(|| Err::<(), _>("something bad happened"));
            let lines = journal.clone();
            future.add_done_callback(move |outcome| {
                lines.write(format!("callback: {}", outcome.unwrap_err()));
            });
            wait([&future], ReturnWhen::AllCompleted);
            assert_eq!(status(&future), FINISHED);
        }
        assert_eq!(journal.lines(), ["callback: something bad happened"]);
    });
}

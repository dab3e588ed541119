//! Errors: they name the culprit, keep the payload and the cause, and travel with `?`.

use std::{error::Error, fmt, io, time::Duration};

use concurrent_futures::{
    AsCompletedError, BrokenThreadPool, BuildError, Cancelled, FailFast, FirstSuccess, GroupError,
    MapError, NoSuccess, Panic, Rejected, ResultTimeoutError, Shutdown, ShutdownError, TaskError,
    ThreadPoolExecutor, TimedOut, as_completed,
};

use crate::support::{find_cause, hold, pool, watchdog};

type BoxError = Box<dyn Error + Send + Sync>;

#[derive(Debug)]
struct Custom;

impl fmt::Display for Custom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a custom failure")
    }
}

impl Error for Custom {}

fn cancelled() -> TaskError {
    let pool = pool(1);
    let _held = hold(&pool, 1);
    let task = pool.submit(|| ());
    task.cancel();
    task.result().unwrap_err()
}

fn rejected() -> TaskError {
    let pool = pool(1);
    pool.shutdown();
    pool.submit(|| ()).result().unwrap_err()
}

fn broken_pool() -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(1)
        .thread_name_prefix("unlucky")
        .initializer(|| Err::<(), _>(Custom))
        .build()
        .unwrap()
}

fn broken() -> TaskError {
    broken_pool().submit(|| ()).result().unwrap_err()
}

#[test]
fn all_are_errors_for_every_thread_and_for_ever() {
    fn check<E: Error + Send + Sync + 'static>() {}
    check::<TaskError>();
    check::<TaskError<String>>();
    check::<TaskError<io::Error>>();
    check::<TaskError<BoxError>>();
    check::<ResultTimeoutError<i32, io::Error>>();
    check::<MapError>();
    check::<MapError<BoxError>>();
    check::<Panic>();
    check::<BrokenThreadPool>();
    check::<Cancelled>();
    check::<GroupError<BoxError>>();
    check::<NoSuccess<BoxError>>();
    check::<Rejected>();
    check::<TimedOut>();
    check::<AsCompletedError>();
    check::<ShutdownError>();
    check::<BuildError>();
}

#[test]
fn question_mark_takes_a_string() {
    fn run() -> Result<(), BoxError> {
        let task = pool(1).try_submit(|| Err::<(), _>(String::from("a text of its own")));
        Ok(task.result()?)
    }
    watchdog(|| assert_eq!(run().unwrap_err().to_string(), "a text of its own"));
}

#[test]
fn question_mark_takes_an_io_error() {
    fn run() -> Result<(), BoxError> {
        let task = pool(1).try_submit(|| Err::<(), _>(io::Error::other("a text of its own")));
        Ok(task.result_timeout(Duration::MAX)?)
    }
    watchdog(|| assert!(run().unwrap_err().to_string().contains("a text of its own")));
}

#[test]
fn question_mark_takes_a_boxed_error() {
    fn run() -> Result<(), BoxError> {
        let pool = pool(1);
        for result in pool.try_map(0..3, |_| Err::<(), BoxError>(Custom.into())) {
            result?;
        }
        Ok(())
    }
    watchdog(|| assert!(run().unwrap_err().to_string().contains("a custom failure")));
}

#[test]
fn question_mark_inside_and_outside_of_a_task() {
    fn run() -> Result<i32, BoxError> {
        let task = pool(1).try_submit(|| Ok::<_, BoxError>("1x".parse::<i32>()? + 1));
        Ok(task.result()?)
    }
    watchdog(|| assert!(run().unwrap_err().to_string().contains("invalid digit")));
}

#[test]
fn a_failed_task_speaks_with_its_error_s_own_words() {
    watchdog(|| {
        let error = pool(1)
            .try_submit(|| Err::<(), _>(Custom))
            .result()
            .unwrap_err();
        assert_eq!(error.to_string(), "a custom failure");
        assert!(matches!(error.into_failure(), Some(Custom)));
    });
}

#[test]
fn predicates_tell_the_kinds_apart() {
    watchdog(|| {
        let failed = pool(1)
            .try_submit(|| Err::<(), _>(Custom))
            .result()
            .unwrap_err();
        assert!(!failed.is_cancelled() && !failed.is_panic());
        let panicked = pool(1).submit(|| panic!("boom")).result().unwrap_err();
        assert!(!panicked.is_cancelled() && panicked.is_panic());
        assert!(panicked.into_failure().is_none());
        let cancelled = cancelled();
        assert!(cancelled.is_cancelled() && !cancelled.is_panic());
        assert!(cancelled.into_failure().is_none());
        let rejected = rejected();
        assert!(!rejected.is_cancelled() && !rejected.is_panic());
    });
}

#[test]
fn a_panic_tells_its_message() {
    watchdog(|| {
        let error = pool(1)
            .submit(|| panic!("boom {}", 3))
            .result()
            .unwrap_err();
        assert!(error.to_string().contains("boom 3"), "{error}");
        assert!(format!("{error:?}").contains("boom 3"), "{error:?}");
        let TaskError::Panicked(panic) = error else {
            panic!("no panic");
        };
        assert_eq!(panic.message(), "boom 3");
        assert!(panic.to_string().contains("boom 3"));
    });
}

#[test]
fn a_panic_with_another_payload_has_a_text_all_the_same() {
    watchdog(|| {
        let error = pool(1)
            .submit(|| std::panic::panic_any(5))
            .result()
            .unwrap_err();
        assert!(!error.to_string().is_empty());
        let TaskError::Panicked(panic) = error else {
            panic!("no panic");
        };
        assert!(!panic.message().is_empty());
        assert_eq!(*panic.into_payload().downcast::<i32>().unwrap(), 5);
    });
}

#[test]
fn a_cancelled_task_says_so() {
    watchdog(|| assert!(cancelled().to_string().contains("cancelled")));
}

#[test]
fn a_refused_task_names_the_shut_down_pool() {
    watchdog(|| {
        let error = rejected();
        assert!(error.to_string().contains("shut down"), "{error}");
        let rejected = find_cause::<Rejected>(&error);
        assert!(rejected.is_none_or(Rejected::is_shutdown));
    });
}

#[test]
fn a_broken_pool_names_the_initializer_and_why() {
    watchdog(|| {
        let error = broken();
        assert!(error.to_string().contains("initializer"), "{error}");
        assert!(find_cause::<Custom>(&error).is_some());
        let TaskError::Broken(broken) = error else {
            panic!("{error:?}");
        };
        assert!(broken.to_string().contains("initializer"), "{broken}");
        assert!(find_cause::<Custom>(&broken).is_some());
        assert_eq!(broken.clone().to_string(), broken.to_string());
    });
}

#[test]
fn a_wait_that_expired_says_so() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let timed_out = held.tasks()[0]
            .exception_timeout(Duration::ZERO)
            .unwrap_err();
        assert!(!timed_out.to_string().is_empty());
        let expired = pool
            .submit(|| ())
            .result_timeout(Duration::ZERO)
            .unwrap_err();
        assert_eq!(expired.to_string(), timed_out.to_string());
        assert!(format!("{expired:?}").contains("TimedOut"), "{expired:?}");
    });
}

#[test]
fn a_timed_result_passes_the_task_s_error_on() {
    watchdog(|| {
        let error = pool(1)
            .try_submit(|| Err::<(), _>(Custom))
            .result_timeout(Duration::MAX)
            .unwrap_err();
        assert!(error.to_string().contains("a custom failure"), "{error}");
        assert!(error.into_future().is_none());
    });
}

#[test]
fn a_timed_result_of_an_expired_wait_holds_no_task_error() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let expired = pool
            .submit(|| ())
            .result_timeout(Duration::ZERO)
            .unwrap_err();
        assert!(expired.into_task_error().is_none());
    });
}

#[test]
fn a_failed_map_names_the_item() {
    watchdog(|| {
        let fails = |n: usize| if n == 37 { Err(Custom) } else { Ok(n) };
        let pool = pool(2);
        let error = pool.try_map(0..50, fails).find_map(Result::err).unwrap();
        let text = crate::support::causes(&error)
            .iter()
            .map(ToString::to_string)
            .collect::<String>();
        assert!(error.to_string().contains("37"), "{error}");
        assert!(text.contains("a custom failure"), "{text}");
    });
}

#[test]
fn an_expired_map_names_the_item() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let error = pool
            .map(0..3, |n| n)
            .timeout(Duration::ZERO)
            .next()
            .unwrap()
            .unwrap_err();
        assert!(error.to_string().contains('0'), "{error}");
    });
}

#[test]
fn an_expired_iteration_gives_both_counts() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut completed = as_completed(held.tasks()).timeout(Duration::ZERO);
        let error = completed.next().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "1 (of 1) futures unfinished");
        assert_eq!(error.clone(), error);
    });
}

#[test]
fn a_shutdown_from_an_own_worker_says_why_it_does_not_wait() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit({
            let pool = pool.clone();
            move || pool.shutdown_with(Shutdown::new()).unwrap_err().to_string()
        });
        assert!(task.result().unwrap().contains("worker"));
    });
}

#[test]
fn a_bad_argument_is_named_with_its_value() {
    watchdog(|| {
        let error = ThreadPoolExecutor::builder()
            .max_workers(0)
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("max_workers"), "{error}");
        assert!(!format!("{error:?}").is_empty());
    });
}

#[test]
fn the_error_of_a_group_names_the_task_and_keeps_the_cause() {
    watchdog(|| {
        let pool = broken_pool();
        let error = pool.group(FailFast).scope(|group| group.submit(|| 1));
        let error = error.unwrap_err();
        assert_eq!(error.index(), 0);
        assert!(
            error
                .to_string()
                .starts_with("task 0: the pool is broken: ")
        );
        assert!(find_cause::<Custom>(&error).is_some());
        let error = pool.group(FirstSuccess).scope(|group| {
            group.submit(|| 1);
            group.submit(|| 2);
        });
        let error = error.unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("none of 2 tasks succeeded; the first: the pool is"),
            "{text}"
        );
        assert!(find_cause::<Custom>(&error).is_some());
    });
}

#[test]
fn a_passed_deadline_says_so() {
    watchdog(|| {
        let pool = pool(1);
        let late = pool.task().timeout(Duration::ZERO).submit(|| ());
        assert_eq!(
            late.result().unwrap_err().to_string(),
            "the deadline of the task had passed before it could start"
        );
        let token = concurrent_futures::CancelToken::new().with_timeout(Duration::ZERO);
        let error = token.check().unwrap_err();
        assert_eq!(error.to_string(), "the deadline has passed");
        assert!(error.source().is_none());
    });
}

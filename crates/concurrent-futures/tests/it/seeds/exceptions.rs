//! Where things go wrong, and who hears of it.

use std::error::Error;
use std::num::ParseIntError;

use concurrent_futures::{TaskError, ThreadPoolExecutor};
use log::Level;

use super::stand_ins::Journal;
use crate::support::{LogCapture, pool, watchdog};

#[test]
fn a_failing_initializer_is_logged_and_breaks_the_pool() {
    watchdog(|| {
        let log = LogCapture::containing("seeds-no-connection");
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("seeds-no-connection")
            .initializer(|| Err::<(), _>("something bad happened"))
            .build()
            .unwrap();
        let error = pool
            .map(0..10, |number| number)
            .next()
            .unwrap()
            .unwrap_err();
        assert!(
            matches!(error.task_error(), Some(TaskError::Broken(_))),
            "{error}"
        );
        drop(pool);
        let errors = log
            .records()
            .into_iter()
            .filter(|record| record.level == Level::Error);
        assert!((1..=2).contains(&errors.count()), "{:?}", log.records());
    });
}

fn parse(text: &str) -> Result<i32, ParseIntError> {
    text.parse()
}

#[test]
fn a_task_handles_its_own_error() {
    watchdog(|| {
        let future = pool(1).submit(|| match parse("one") {
            Ok(number) => number.to_string(),
            Err(_) => "unable to get the result".to_owned(),
        });
        assert_eq!(future.result().unwrap(), "unable to get the result");
    });
}

#[test]
fn the_reader_handles_the_error() {
    watchdog(|| {
        let line = match pool(1).try_submit(|| parse("one")).result() {
            Ok(number) => number.to_string(),
            Err(TaskError::Failed(error)) => format!("unable to get the result: {error}"),
            Err(other) => panic!("not the task's own error: {other}"),
        };
        assert_eq!(
            line,
            "unable to get the result: invalid digit found in string"
        );
    });
}

#[test]
fn the_reader_asks_for_an_error_first() {
    watchdog(|| {
        let pool = pool(2);
        let lines: Vec<_> = ["one", "2"]
            .map(|text| pool.try_submit(move || parse(text)))
            .into_iter()
            .map(|future| match future.exception() {
                Some(error) => error.to_string(),
                None => future.result().unwrap().to_string(),
            })
            .collect();
        assert_eq!(lines, ["invalid digit found in string", "2"]);
    });
}

#[test]
fn a_map_without_a_handler_ends_the_program_with_the_error() {
    fn program() -> Result<Vec<i32>, Box<dyn Error>> {
        Ok(pool(3)
            .try_map(["1", "two", "3"], parse)
            .collect::<Result<_, _>>()?)
    }
    watchdog(|| {
        let error = program().unwrap_err();
        assert!(
            error.to_string().contains("invalid digit found in string"),
            "{error}"
        );
    });
}

#[test]
fn a_panicking_callback_is_logged_and_the_next_one_runs() {
    watchdog(|| {
        let log = LogCapture::containing("seeds-bad-callback");
        let journal = Journal::new();
        let gate = crate::support::Gate::new();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_name_prefix("seeds-bad-callback")
            .build()
            .unwrap();
        let inside = gate.clone();
        let future = pool.submit(move || {
            inside.wait();
            "value"
        });
        future.add_done_callback(|_| panic!("callback problem"));
        let lines = journal.clone();
        future.add_done_callback(move |_| lines.write("second callback"));
        gate.open();
        assert_eq!(future.result().unwrap(), "value");
        drop(pool);
        assert_eq!(journal.lines(), ["second callback"]);
        let errors: Vec<_> = log
            .records()
            .into_iter()
            .filter(|record| record.level == Level::Error)
            .collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].message.contains("callback problem"), "{errors:?}");
    });
}

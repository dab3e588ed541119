//! What every test leans on: a limit in time, order by construction, counted values, captured logs.

mod alone;
mod gate;
mod held;
mod logs;
mod probe;
mod watchdog;

pub(crate) use alone::alone;
#[allow(unused_imports)] // by the tests of hostile inputs, which share this
pub(crate) use alone::end_of;
pub(crate) use gate::Gate;
#[allow(unused_imports)] // by the tests of observers
pub(crate) use held::Held;
pub(crate) use held::hold;
pub(crate) use logs::LogCapture;
pub(crate) use probe::Probe;
pub(crate) use watchdog::{watchdog, watchdog_for};

use std::error::Error;

use concurrent_futures::{Future, TaskError, ThreadPoolExecutor};

/// A pool of so many workers.
pub(crate) fn pool(max_workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .build()
        .expect("a valid number of workers")
}

/// The task of the future was refused because its pool had been shut down.
pub(crate) fn refused_by_shutdown<T>(future: Future<T>) {
    match future.result() {
        Err(TaskError::Rejected(rejected)) => {
            assert!(rejected.is_shutdown());
            assert!(!rejected.is_thread_start());
        }
        Err(other) => panic!("not refused: {other:?}"),
        Ok(_) => panic!("it ran"),
    }
}

/// The error and what caused it, outermost first.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut causes = vec![error];
    while let Some(cause) = causes[causes.len() - 1].source() {
        causes.push(cause);
    }
    causes
}

/// Whether the error, or one of its causes, is a `C`.
pub(crate) fn find_cause<'a, C: Error + 'static>(
    error: &'a (dyn Error + 'static),
) -> Option<&'a C> {
    causes(error)
        .into_iter()
        .find_map(|cause| cause.downcast_ref())
}

//! A bounded queue: room, policies, offers, and who is never held back.

mod ending;
mod follow_ups;
mod maps;
mod offers;
mod policies;
mod room;
mod scopes;
mod stats;
mod waiting;
mod weights;
mod workers;

use concurrent_futures::{Future, TaskError, ThreadPoolExecutor, WhenFull};

/// A pool whose queue has room for so many.
fn bounded(max_workers: usize, capacity: usize, when_full: WhenFull) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .queue_capacity(capacity)
        .when_full(when_full)
        .build()
        .expect("a valid capacity")
}

fn is_queue_full<T>(future: Future<T>) -> bool {
    matches!(future.result(), Err(TaskError::Rejected(reason))
        if reason.is_queue_full() && !reason.is_discarded() && !reason.is_shutdown())
}

fn is_discarded<T>(future: Future<T>) -> bool {
    matches!(future.result(), Err(TaskError::Rejected(reason))
        if reason.is_discarded() && !reason.is_queue_full() && !reason.is_shutdown())
}

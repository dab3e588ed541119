//! Where user code is allowed to panic.

use crate::error::Panic;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs user code and turns a panic into a value.
///
/// What a panicking task shared with others may be half changed, as after a panic of a thread
/// of one's own; `AssertUnwindSafe` passes that judgement to the owner of the shared data.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(f)).map_err(Panic::new)
}

/// Drops a user value; a panic in its `Drop` is logged and goes no further.
pub(crate) fn drop_contained<T>(what: &str, value: T) {
    if std::mem::needs_drop::<T>() {
        if let Err(panic) = catch(|| drop(value)) {
            log::error!(target: "concurrent_futures", "dropping {what} panicked: {panic}");
        }
    }
}

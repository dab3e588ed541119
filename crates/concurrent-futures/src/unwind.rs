//! Where user code is allowed to panic.

use crate::error::Panic;
use std::{
    fmt,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Runs user code and turns a panic into a value.
///
/// What a panicking task shared with others may be half changed, as after a panic of a thread
/// of one's own; `AssertUnwindSafe` passes that judgement to the owner of the shared data.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(f)).map_err(Panic::new)
}

/// Tells the program's logger of something that has nobody to be returned to. Both the logger and
/// the `Display` of what is told are user code.
pub(crate) fn report(level: log::Level, message: fmt::Arguments<'_>) {
    let _ = catch(|| log::log!(target: "concurrent_futures", level, "{message}"));
}

/// Drops a user value; a panic in its `Drop` is logged and goes no further.
pub(crate) fn drop_contained<T>(what: &str, value: T) {
    if std::mem::needs_drop::<T>() {
        drop_contained_by(what, || drop(value));
    }
}

/// The same for a value that is dropped where it lies.
pub(crate) fn drop_contained_by(what: &str, drop: impl FnOnce()) {
    if let Err(panic) = catch(drop) {
        report(
            log::Level::Error,
            format_args!("dropping {what} panicked: {panic}"),
        );
    }
}

/// A user value that is dropped like that wherever it goes.
pub(crate) struct Contained<T> {
    what: &'static str,
    /// Here until the drop.
    value: Option<T>,
}

impl<T> Contained<T> {
    pub(crate) fn new(what: &'static str, value: T) -> Self {
        Self {
            what,
            value: Some(value),
        }
    }

    /// The value, which is the caller's to drop.
    pub(crate) fn into_inner(mut self) -> T {
        self.value.take().expect("here until the drop")
    }
}

impl<T> Deref for Contained<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("here until the drop")
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        drop_contained(self.what, self.value.take());
    }
}

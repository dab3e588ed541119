//! What can go wrong, one small type per operation.

mod deadlock;
mod panic;
mod pool;
mod task;
mod time;

pub use deadlock::Deadlock;
pub use panic::Panic;
pub use pool::{BrokenThreadPool, BuildError, Rejected, ShutdownError};
pub use task::TaskError;
pub use time::{AsCompletedError, MapError, ResultTimeoutError, TimedOut};

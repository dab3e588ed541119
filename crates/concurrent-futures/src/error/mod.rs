//! What can go wrong, one small type per operation.

mod cancelled;
mod deadlock;
mod group;
mod panic;
mod pool;
mod queue;
mod task;
mod time;

pub use cancelled::Cancelled;
pub(crate) use cancelled::Cause;
pub use deadlock::Deadlock;
pub(crate) use deadlock::Step;
pub use group::{GroupError, NoSuccess};
pub use panic::Panic;
pub use pool::{BrokenThreadPool, BuildError, Rejected, ShutdownError};
pub use queue::QueueFull;
pub use task::TaskError;
pub use time::{AsCompletedError, MapError, ResultTimeoutError, TimedOut};

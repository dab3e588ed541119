#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

// In the order in which one meets them: the front door, what it gives out, how to wait for it.
mod executor;
mod builder;
mod submission;
mod map;
#[allow(unsafe_code)] // lets tasks borrow
mod scope;
mod group;
mod future;
mod promise;
mod running;
mod observer;
mod watchdog;
mod token;
mod wait;
mod blocking;
mod error;

// What is told of tasks while they go their way.
mod observing;

// For who wants to see what a pool does.
#[cfg(feature = "metrics")]
mod meters;
#[cfg(feature = "progress")]
mod progress;
#[cfg(feature = "tracing")]
mod spans;

// The way of a task: into the queue, to a worker of the pool, to its end.
#[allow(unsafe_code)] // hands out slots of shared memory
mod queue;
mod pool;
#[allow(unsafe_code)] // keeps closure and outcome in one place, for two owners
mod task;

// What it has done, for people.
#[cfg(feature = "profile")]
mod profile;

// What tasks need that run elsewhere.
pub mod remote;

// Another way in, for threads of another runtime.
#[cfg(feature = "rim")]
#[doc(hidden)]
pub mod rim;

#[allow(unsafe_code)] // asks the system to be told of forks
mod fork;
mod schedstat;
mod sync;
mod time;
mod unwind;

#[cfg(all(test, loom))]
mod loom_models;

/// Chapters of the book, so that their code is compiled and run with the crate's.
pub mod docs {
    #[doc = include_str!("../docs/coming-from-python.md")]
    pub mod coming_from_python {}

    #[doc = include_str!("../docs/differences.md")]
    pub mod differences {}

    #[doc = include_str!("../docs/sizing.md")]
    pub mod sizing {}

    #[doc = include_str!("../docs/design.md")]
    pub mod design {}

    #[doc = include_str!("../docs/bounded-queues.md")]
    pub mod bounded_queues {}

    #[doc = include_str!("../docs/waiting.md")]
    pub mod waiting {}

    #[doc = include_str!("../docs/stopping.md")]
    pub mod stopping {}

    #[doc = include_str!("../docs/hostile-inputs.md")]
    pub mod hostile_inputs {}

    /// Of the chapter, which names things of all features, only the documentation of all features has the
    /// text.
    #[cfg(not(feature = "profile"))]
    pub mod insight {}

    #[cfg(feature = "profile")]
    #[doc = include_str!("../docs/insight.md")]
    pub mod insight {}
}

pub use blocking::blocking;
pub use builder::{Builder, InitOutcome};
pub use error::{
    AsCompletedError, BrokenThreadPool, BuildError, Cancelled, Deadlock, GroupError, MapError,
    NoSuccess, Panic, QueueFull, Rejected, ResultTimeoutError, ShutdownError, TaskError, TimedOut,
};
pub use executor::{Shutdown, ThreadPoolExecutor};
pub use future::{Future, FutureId, SharedAwait, SharedFuture};
pub use group::{CollectAll, FailFast, FirstSuccess, Group, GroupBuilder, GroupPolicy, TaskGroup};
pub use map::{BufferedUnordered, Map, MapBuffered, MapUnordered};
pub use observer::{EnqueuedTask, FinishedTask, Observer, StartedTask, TaskOutcome, TaskRun};
pub use pool::{
    adaptive::{Decision, Reason},
    stats::Stats,
    threads::WorkerThread,
};
#[cfg(feature = "profile")]
pub use profile::{
    Advice, AdvicePoint, Counts, Latency, LoadKind, OverTime, Profile, ProfileOptions,
    ProfiledTask, Shares, WorkerLoad,
};
#[cfg(feature = "progress")]
pub use progress::Progress;
pub use promise::{Promise, PromiseBuilder};
pub use running::RunningTask;
pub use scope::Scope;
pub use submission::{TaskBuilder, WhenFull};
pub use token::{CancelToken, OnCancel, ambient::check_cancelled};
pub use wait::{
    AsCompleted, AsCompletedTimeout, ReturnWhen, Waitable, as_completed, wait, wait_timeout,
};
pub use watchdog::{Trouble, Watchdog, WatchdogReport, WatchedTask};

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

// In the order in which a program meets them: what a task is, who runs it, how it is called.
mod task;
mod registry;
mod executor;
mod call;
mod map;
mod stats;

// What travels.
mod codec;
mod id;

// Where it runs.
mod local;
#[cfg(feature = "nats")]
mod nats;

/// Chapters of the book.
#[cfg(feature = "nats")]
pub mod docs {
    #[doc = include_str!("../docs/scaling.md")]
    pub mod scaling {}
}

pub use call::CallBuilder;
pub use executor::Executor;
pub use map::Map;
#[cfg(feature = "nats")]
pub use nats::{ConnectOptions, Worker, worker_main};
pub use registry::Registry;
pub use stats::Stats;
pub use task::Task;

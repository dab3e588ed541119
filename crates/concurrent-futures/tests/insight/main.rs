//! What a pool says of itself to those who listen: each module stands for one of them.

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports)] // shared with the other tests, which use more of it
mod support;

mod contexts;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "progress")]
mod progress;
#[cfg(feature = "tracing")]
mod tracing;

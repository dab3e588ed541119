//! What a pool says of itself to those who listen: each module stands for one of them.

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports)] // shared with the other tests, which use more of it
mod support;
mod witness;

mod contexts;
#[cfg(feature = "metrics")]
mod metrics;
mod observers;
#[cfg(feature = "profile")]
mod pages;
#[cfg(feature = "profile")]
mod profile;
#[cfg(feature = "progress")]
mod progress;
mod stats_table;
#[cfg(feature = "tracing")]
mod tracing;
mod watchdogs;

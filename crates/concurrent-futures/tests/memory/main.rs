//! What tasks cost in heap memory: this program counts what it allocates.

mod counting;
mod support;

mod bounded;
mod cancelled;
mod kept;
mod large;
mod mapped;
mod nested;
mod payloads;
#[cfg(feature = "profile")]
mod profiled;
mod queued;

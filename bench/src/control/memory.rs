//! The memory of the whole process, as the system counts it.

use nix::sys::resource::{UsageWho, getrusage};

/// The most bytes of it that were resident at any moment so far.
fn peak() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask for its own usage");
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    (usage.max_rss() * unit) as f64
}

/// What `work` gives, and how many bytes more than before it took at its peak.
pub(super) fn growth<R>(work: impl FnOnce() -> R) -> (R, f64) {
    let before = peak();
    let result = work();
    (result, peak() - before)
}

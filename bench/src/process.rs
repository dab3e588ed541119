//! The memory and the threads of the whole process, as the system counts them.

use nix::sys::resource::{UsageWho, getrusage};
use std::fs;

/// The most bytes of it that were resident at any moment so far.
fn peak() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask for its own usage");
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    (usage.max_rss() * unit) as f64
}

/// What `work` gives, and how many bytes more than before it took at its peak.
pub(crate) fn growth<R>(work: impl FnOnce() -> R) -> (R, f64) {
    let before = peak();
    let result = work();
    (result, peak() - before)
}

/// Of this process, where the system tells.
pub(crate) fn threads() -> Option<usize> {
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    Some(tasks.count())
}

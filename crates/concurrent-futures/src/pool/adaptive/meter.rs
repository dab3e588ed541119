//! How much the workers use the processors, where the system tells it: on Linux, each thread has a
//! file that says for how long it ran, and for how long it wanted to.

use super::rule::Load;
use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

#[derive(Debug, Default)]
pub(super) struct Meter {
    /// By the worker's number.
    threads: Mutex<BTreeMap<usize, Thread>>,
}

#[derive(Debug)]
struct Thread {
    file: PathBuf,
    last: Used,
}

/// In nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    running: u64,
    waiting: u64,
}

impl Used {
    fn read(file: &PathBuf) -> Option<Self> {
        let text = fs::read_to_string(file).ok()?;
        let mut numbers = text.split_whitespace().map(str::parse);
        Some(Self {
            running: numbers.next()?.ok()?,
            waiting: numbers.next()?.ok()?,
        })
    }
}

impl Meter {
    /// The calling thread is the worker of this number from now on.
    pub(super) fn enter(&self, number: usize) {
        // Of the form `17/task/18`.
        let Ok(thread) = fs::read_link("/proc/thread-self") else {
            return;
        };
        let file = PathBuf::from("/proc").join(thread).join("schedstat");
        if let Some(last) = Used::read(&file) {
            self.threads().insert(number, Thread { file, last });
        }
    }

    pub(super) fn leave(&self, number: usize) {
        self.threads().remove(&number);
    }

    /// What was used since the last call, if the system tells it.
    pub(super) fn read(&self, length: Duration, processors: usize) -> Option<Load> {
        let mut threads = self.threads();
        if threads.is_empty() {
            return None;
        }
        let mut all = Used::default();
        for thread in threads.values_mut() {
            let Some(now) = Used::read(&thread.file) else {
                continue;
            };
            all.running += now.running.saturating_sub(thread.last.running);
            all.waiting += now.waiting.saturating_sub(thread.last.waiting);
            thread.last = now;
        }
        let available = length.as_nanos() * processors as u128;
        Some(Load {
            busy: share(all.running, available),
            wanted: share(all.running + all.waiting, available),
        })
    }

    fn threads(&self) -> MutexGuard<'_, BTreeMap<usize, Thread>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[allow(clippy::cast_precision_loss)]
fn share(part: u64, all: u128) -> f64 {
    part as f64 / (all as f64).max(1.0)
}

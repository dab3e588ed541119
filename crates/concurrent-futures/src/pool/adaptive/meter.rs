//! How much the workers use the processors, where the system tells it.

use super::rule::Load;
use crate::schedstat::{Schedstat, Used};
use std::{
    collections::BTreeMap,
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
    file: Schedstat,
    last: Used,
}

impl Meter {
    /// The calling thread is the worker of this number from now on.
    pub(super) fn enter(&self, number: usize) {
        let Some(file) = Schedstat::of_this_thread() else {
            return;
        };
        if let Some(last) = file.read() {
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
            let Some(now) = thread.file.read() else {
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

//! How many workers there are.

use super::{Pool, Settings};
use crate::pool::{idle::MAX_WORKERS, sizing::Sizing};

pub(super) fn sizing(settings: &Settings) -> Sizing {
    let max_workers = in_range(settings.max_workers);
    Sizing {
        min_workers: settings.min_workers.min(max_workers),
        keep_alive: settings.keep_alive,
        ..Sizing::up_to(max_workers)
    }
}

fn in_range(max_workers: usize) -> usize {
    max_workers.clamp(1, MAX_WORKERS)
}

impl Pool {
    /// The most workers there may be.
    pub fn max_workers(&self) -> usize {
        self.core.max_workers()
    }

    /// Changes the number of workers that there may be: starts workers for what is queued, or dismisses
    /// those that are idle and too many; busy ones end after their task.
    pub fn set_max_workers(&self, max_workers: usize) {
        let least = self.core.min_workers();
        self.core.set_max_workers(in_range(max_workers).max(least));
    }

    /// Starts workers until there are so many, or as many as there may be. How many were started.
    pub fn prestart(&self, workers: usize) -> usize {
        self.core.prestart(workers)
    }
}

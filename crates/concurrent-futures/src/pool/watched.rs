//! What a watchdog knows of its pool.

use super::Pool;
use crate::watchdog::Watch;
use std::{sync::Arc, thread::JoinHandle};

impl Pool {
    pub(crate) fn watch(&self) -> Option<&Arc<Watch>> {
        self.dressing.watch()
    }

    /// How its threads are named.
    pub(crate) fn name(&self) -> &str {
        self.threads.prefix()
    }

    /// Whether it is closed, and its last worker has ended, or is about to.
    pub(crate) fn has_ended(&self) -> bool {
        self.is_over() && self.worker_count() == 0
    }

    /// A thread that is no worker, and ends when the last of them has ended.
    pub(crate) fn join_later(&self, handle: JoinHandle<()>) {
        self.threads.join_later(handle);
    }

    /// The watchdog shall look whether the end has come.
    pub(super) fn nudge_watch(&self) {
        if let Some(watch) = self.watch() {
            watch.nudge();
        }
    }
}

//! How many workers there are: the settings, and changes while the pool runs.

use super::Pool;
use crate::task::post::Pause;
use std::{sync::Arc, time::Duration};

/// How many workers a pool may have, and how long they stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizing {
    pub(crate) max_workers: usize,
    /// So many stay, however long they sleep.
    pub(crate) min_workers: usize,
    /// How long a worker sleeps before it goes; for ever if there is none.
    pub(crate) keep_alive: Option<Duration>,
    /// Whether the pool finds out how many it needs.
    pub(crate) is_adaptive: bool,
}

impl Sizing {
    /// Workers stay until the pool ends.
    pub(crate) fn up_to(max_workers: usize) -> Self {
        Self {
            max_workers,
            min_workers: 0,
            keep_alive: None,
            is_adaptive: false,
        }
    }
}

impl Pool {
    pub(crate) fn max_workers(&self) -> usize {
        self.idle.quota.most()
    }

    pub(crate) fn min_workers(&self) -> usize {
        self.sizing.min_workers
    }

    pub(crate) fn set_max_workers(self: &Arc<Self>, max_workers: usize) {
        if self.is_inherited() {
            return;
        }
        let extra = self.idle.quota.ceiling().saturating_sub(self.max_workers());
        self.reinforce_maps(max_workers + extra);
        self.idle.quota.set_most(max_workers);
        self.resized();
    }

    /// Allows another number of workers within the maximum.
    pub(super) fn allow(self: &Arc<Self>, workers: usize) {
        self.idle.quota.set_allowed(workers);
        self.resized();
    }

    /// Whether there is anything to do, or being done.
    pub(super) fn is_at_work(&self) -> bool {
        let crew = self.idle.crew();
        crew.idle < crew.workers || !self.queue.is_empty()
    }

    /// How many tasks have ended.
    pub(super) fn ended(&self) -> u64 {
        let begun = self.queue.source().census.begun();
        begun.completed + begun.failed
    }

    /// A worker pauses: another one may take its place.
    pub(crate) fn pause(self: &Arc<Self>, pause: Pause) {
        let ceiling = self.idle.quota.ceiling_with(pause);
        if ceiling > self.idle.quota.ceiling() {
            self.reinforce_maps(ceiling);
        }
        if self.idle.quota.pause(pause) {
            self.resized();
        }
    }

    /// It goes on: there may be one worker less.
    pub(crate) fn resume(self: &Arc<Self>, pause: Pause) {
        if self.idle.quota.resume(pause) {
            self.resized();
        }
    }

    /// The limit is another one: dismisses who is too many, or brings workers for what is queued.
    fn resized(self: &Arc<Self>) {
        // Two changes at once may each have known the old ceiling only.
        self.reinforce_maps(self.idle.quota.ceiling());
        self.dismiss_surplus();
        while !self.queue.is_empty() && self.rouse() {}
    }

    /// Those that sleep go now, the others after their tasks.
    pub(super) fn dismiss_surplus(&self) {
        if self.idle.post_surplus() {
            while let Some(sleeper) = self.idle.take_surplus_sleeper() {
                sleeper.dismiss();
            }
        }
    }

    /// Starts workers until there are so many, or as many as there may be. How many were started.
    pub(crate) fn prestart(self: &Arc<Self>, wanted: usize) -> usize {
        let mut started = 0;
        // Not more than that, though they may go as fast as they come.
        while started < wanted
            && !self.is_closed()
            && !self.is_inherited()
            && self.idle.hire_up_to(wanted)
        {
            if self.is_over() {
                self.dismiss_unstarted();
                break;
            }
            if let Err(error) = self.start_worker() {
                self.start_failed(error);
                // A task that was submitted meanwhile may have counted on this one.
                if !self.queue.is_empty() {
                    self.rouse();
                }
                break;
            }
            started += 1;
        }
        started
    }
}

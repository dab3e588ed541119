//! The numbers of a live line.

use crate::{Stats, pool::Pool};
use indicatif::ProgressBar;
use std::{sync::Arc, time::Duration};

/// How far a pool is at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// Tasks that have ended, by whatever way.
    pub(super) done: u64,
    /// Tasks that there are, as far as is known.
    pub(super) total: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
    pub(super) running: u64,
    pub(super) queued: u64,
    pub(super) per_second: f64,
    /// Until all are done; `None` as long as nobody can say.
    pub(super) left: Option<Duration>,
    pub(super) elapsed: Duration,
}

/// Reads them, counted from the moment it was made.
pub(super) struct Counting {
    pool: Arc<Pool>,
    before: Stats,
}

impl Counting {
    pub(super) fn begin(pool: Arc<Pool>) -> Self {
        Self {
            before: pool.stats(),
            pool,
        }
    }

    /// What they are now. The bar is moved there, and says how fast it goes.
    pub(super) fn read(&self, expected: Option<u64>, bar: &ProgressBar) -> Facts {
        let (stats, before) = (self.pool.stats(), &self.before);
        let done = ended(&stats).saturating_sub(ended(before));
        let came = stats.submitted.saturating_sub(ended(before));
        let total = came.max(expected.unwrap_or(0));
        bar.update(|state| {
            state.set_len(total);
            state.set_pos(done);
        });
        let per_second = bar.per_sec();
        Facts {
            done,
            total,
            failed: stats.failed.saturating_sub(before.failed),
            cancelled: stats.cancelled.saturating_sub(before.cancelled),
            running: stats.running,
            queued: stats.queued,
            per_second,
            left: (per_second > 0.0).then(|| bar.eta()),
            elapsed: bar.elapsed(),
        }
    }
}

fn ended(stats: &Stats) -> u64 {
    stats.completed + stats.failed + stats.cancelled
}

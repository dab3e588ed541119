//! Tells the meters of a pool, if it has some, of the coming, sleeping and going of its workers.

#[cfg(feature = "metrics")]
use crate::meters::Meters;
#[cfg(feature = "metrics")]
use std::sync::Arc;

/// Without the feature it is nothing.
#[derive(Default)]
pub(crate) struct Presence {
    #[cfg(feature = "metrics")]
    meters: Vec<Arc<Meters>>,
}

#[cfg(feature = "metrics")]
impl Presence {
    pub(crate) fn of(meters: Vec<Arc<Meters>>) -> Self {
        Self { meters }
    }

    pub(super) fn come(&self) {
        self.meters
            .iter()
            .for_each(|meters| meters.workers.increment(1.0));
    }

    pub(super) fn lie_down(&self) {
        self.meters
            .iter()
            .for_each(|meters| meters.idle.increment(1.0));
    }

    pub(super) fn get_up(&self) {
        self.meters
            .iter()
            .for_each(|meters| meters.idle.decrement(1.0));
    }

    pub(super) fn go(&self) {
        self.meters
            .iter()
            .for_each(|meters| meters.workers.decrement(1.0));
    }
}

#[cfg(not(feature = "metrics"))]
#[allow(clippy::unused_self)]
impl Presence {
    pub(super) fn come(&self) {}
    pub(super) fn lie_down(&self) {}
    pub(super) fn get_up(&self) {}
    pub(super) fn go(&self) {}
}

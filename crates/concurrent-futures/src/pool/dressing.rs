//! What a pool gives to each of its tasks besides its closure.

use super::{bound::Bound, presence::Presence};
use crate::{
    observing::{Audience, Observers},
    submission::{Capture, Wardrobe},
    watchdog::Watch,
};
use std::sync::Arc;

/// Fixed when the pool is built.
#[derive(Default)]
pub(crate) struct Dressing {
    /// Whether there is anything: all that a plain pool looks at.
    any: bool,
    bound: Option<Arc<Bound>>,
    contexts: Vec<Capture>,
    measures_wait: bool,
    audience: Option<Arc<Audience>>,
    /// One of the observers.
    watch: Option<Arc<Watch>>,
    /// Of its workers; here because it is built with the meters of its tasks.
    presence: Presence,
    wardrobe: Wardrobe,
}

impl Dressing {
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        !self.any
    }

    pub(crate) fn bound(&self) -> Option<&Arc<Bound>> {
        self.bound.as_ref()
    }

    pub(crate) fn set_bound(&mut self, bound: Arc<Bound>) {
        self.bound = Some(bound);
        self.any = true;
    }

    pub(crate) fn measures_wait(&self) -> bool {
        self.measures_wait
    }

    pub(crate) fn measure_wait(&mut self) {
        self.measures_wait = true;
        self.any = true;
    }

    /// Whether each item of a map must be a task of its own, because it has something of its own.
    pub(crate) fn dresses_items(&self) -> bool {
        self.bound.is_some() || self.measures_wait || self.audience.is_some()
    }

    pub(crate) fn audience(&self) -> Option<&Arc<Audience>> {
        self.audience.as_ref()
    }

    pub(crate) fn set_observers(&mut self, observers: Observers) {
        if !observers.is_empty() {
            self.audience = Some(Audience::new(observers));
            self.any = true;
        }
    }

    pub(crate) fn watch(&self) -> Option<&Arc<Watch>> {
        self.watch.as_ref()
    }

    pub(crate) fn set_watch(&mut self, watch: Option<Arc<Watch>>) {
        self.watch = watch;
    }

    pub(crate) fn wardrobe(&self) -> &Wardrobe {
        &self.wardrobe
    }

    pub(super) fn presence(&self) -> &Presence {
        &self.presence
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn set_presence(&mut self, presence: Presence) {
        self.presence = presence;
    }

    pub(crate) fn contexts(&self) -> &[Capture] {
        &self.contexts
    }

    pub(crate) fn set_contexts(&mut self, contexts: Vec<Capture>) {
        self.any |= !contexts.is_empty();
        self.contexts = contexts;
    }
}

//! Finds the observers of a pool by their number.
//!
//! A task could have a share in its observers, but then each task would change the count of shares twice, once
//! on each of two processors. So it has only their number; its worker knows the rest, and whoever else ends a
//! task looks here.

use super::Audience;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, Weak},
};

static ALL: RwLock<BTreeMap<u64, Weak<Audience>>> = RwLock::new(BTreeMap::new());

pub(super) fn enter(audience: &Arc<Audience>) {
    let mut all = ALL.write().unwrap_or_else(PoisonError::into_inner);
    all.insert(audience.number, Arc::downgrade(audience));
}

pub(super) fn leave(number: u64) {
    let mut all = ALL.write().unwrap_or_else(PoisonError::into_inner);
    all.remove(&number);
}

/// Those of a pool, as long as that is there.
pub(super) fn find(number: u64) -> Option<Arc<Audience>> {
    let all = ALL.read().unwrap_or_else(PoisonError::into_inner);
    all.get(&number)?.upgrade()
}

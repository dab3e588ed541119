//! The names of tasks that have one, and which of those run.
//!
//! Few tasks have a name, so none has room for it in its slot: a flag there says that there is an
//! entry here, from the submit, or the start if that is sooner, until the slot is freed.

use super::{current::current, post::ThreadName, slot::SlotRef};
use crate::{
    running::RunningTask,
    sync::{Mutex, lock},
};
use std::{collections::BTreeMap, sync::Arc, time::Instant};

/// Those of one pool, by the addresses of the slots.
pub(crate) struct Names(Mutex<BTreeMap<usize, Named>>);

struct Named {
    name: Arc<str>,
    run: Option<Run>,
}

struct Run {
    worker: Arc<str>,
    since: Instant,
}

impl Names {
    pub(super) fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The caller holds an end of the slot.
    pub(super) fn give(slot: SlotRef, name: Arc<str>) {
        Self::change(slot, name, |_| ());
    }

    fn change(slot: SlotRef, name: Arc<str>, change: impl FnOnce(&mut Named)) {
        slot.state.mark_named();
        let mut names = lock(&slot.source().names.0);
        let entry = names.entry(slot.address());
        change(entry.or_insert(Named { name, run: None }));
    }

    pub(crate) fn of(slot: SlotRef) -> Option<Arc<str>> {
        if !slot.state.look().is_named() {
            return None;
        }
        let names = lock(&slot.source().names.0);
        names
            .get(&slot.address())
            .map(|named| Arc::clone(&named.name))
    }

    /// The slot is about to be freed.
    #[cold]
    pub(super) fn forget(slot: SlotRef) {
        lock(&slot.source().names.0).remove(&slot.address());
    }

    /// The tasks that run, the oldest first.
    pub(crate) fn running(&self) -> Vec<RunningTask> {
        let names = lock(&self.0);
        let mut running: Vec<_> = names
            .values()
            .filter_map(|named| Some((named.run.as_ref()?, &named.name)))
            .collect();
        running.sort_by_key(|(run, _)| run.since);
        running
            .into_iter()
            .map(|(run, name)| RunningTask::named(&run.worker, name, run.since.elapsed()))
            .collect()
    }
}

/// As long as this lives, the task that the calling thread runs is shown as running.
#[must_use]
pub(crate) struct OnShow(Option<SlotRef>);

impl OnShow {
    pub(crate) fn begin(name: Arc<str>) -> Self {
        let slot = current();
        if let Some(slot) = slot {
            let run = Run {
                worker: Arc::clone(ThreadName::of_this().get()),
                since: Instant::now(),
            };
            Names::change(slot, name, |named| named.run = Some(run));
        }
        Self(slot)
    }
}

impl Drop for OnShow {
    fn drop(&mut self) {
        if let Some(slot) = self.0 {
            if let Some(named) = lock(&slot.source().names.0).get_mut(&slot.address()) {
                named.run = None;
            }
        }
    }
}

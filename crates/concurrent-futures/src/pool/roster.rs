//! Who lives in a pool, and which threads are still to be joined.

use std::{
    collections::{BTreeMap, VecDeque},
    thread::JoinHandle,
};

#[derive(Default)]
pub(super) struct Roster {
    /// The number in the next worker's name.
    pub(super) next: usize,
    /// Workers that are being started or live, by number.
    pub(super) live: BTreeMap<usize, Entry>,
    /// Starts that are under way: their handle is still to come.
    pub(super) starting: usize,
    /// Of workers that have ended. Their threads may still run thread-local destructors.
    pub(super) leaving: VecDeque<JoinHandle<()>>,
    /// Somebody is joining handles that it took out.
    pub(super) joining: bool,
    /// The last start was refused, and that was logged.
    pub(super) refusing: bool,
}

pub(super) struct Entry {
    pub(super) name: String,
    /// None while the start is under way, or if somebody else joins the thread.
    pub(super) handle: Option<JoinHandle<()>>,
}

impl Roster {
    /// How many handles a worker that retires looks at: more than the one it leaves, so that they
    /// do not pile up.
    const LOOKS: usize = 2;

    /// Forgets a worker, but for the handle of its thread.
    pub(super) fn strike_off(&mut self, number: usize) {
        let entry = self.live.remove(&number);
        self.leaving.extend(entry.and_then(|entry| entry.handle));
    }

    /// Handles of threads that have finished.
    pub(super) fn take_finished(&mut self) -> Vec<JoinHandle<()>> {
        let looks = self.leaving.len().min(Self::LOOKS);
        let (finished, others) = self
            .leaving
            .drain(..looks)
            .partition::<Vec<_>, _>(JoinHandle::is_finished);
        self.leaving.extend(others);
        finished
    }
}

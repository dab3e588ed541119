use std::{sync::Arc, thread};

use super::{journal::Journal, random::Random};
use crate::support::Gate;

/// Jobs numbered in the order in which they have to start. Each of them waits to be let go.
#[derive(Clone, Debug)]
pub(super) struct Line {
    starts: Journal<usize>,
    gates: Arc<[Gate]>,
}

impl Line {
    pub(super) fn new(jobs: usize) -> Self {
        Self {
            starts: Journal::new(),
            gates: (0..jobs).map(|_| Gate::new()).collect(),
        }
    }

    /// What a job does.
    pub(super) fn stand(&self, job: usize) {
        self.starts.note(job);
        self.gates[job].wait();
    }

    /// Lets one after another of the running jobs go: the next in line has to start each time, and no other.
    pub(super) fn expect_order(&self, workers: usize, seed: usize) {
        let mut running = self.starts.first(workers);
        running.sort_unstable();
        assert!(running.iter().copied().eq(0..workers), "first {running:?}");
        let mut random = Random::new(seed);
        for next in workers..self.gates.len() {
            let leaving = running.swap_remove(random.below(running.len()));
            self.gates[leaving].open();
            assert_eq!(self.starts.entry(next), next);
            running.push(next);
        }
        self.let_all_go();
    }

    pub(super) fn let_all_go(&self) {
        for gate in &*self.gates {
            gate.open();
        }
    }
}

/// A failed assertion must not leave the pool waiting for its tasks.
impl Drop for Line {
    fn drop(&mut self) {
        if thread::panicking() {
            self.let_all_go();
        }
    }
}

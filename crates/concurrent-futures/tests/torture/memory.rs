//! The memory in use between two rounds, when nothing of a round is left.

use std::thread;
use std::time::{Duration, Instant};

use crate::counting::Heap;

/// A thread that has just ended gives back the last of its memory.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct Memory(Heap);

impl Memory {
    /// What is there stays for the life of the process.
    pub(crate) fn settled() -> Self {
        Self(Heap::now())
    }

    /// How many bytes more there are.
    pub(crate) fn left(&self) -> usize {
        let begun = Instant::now();
        while self.0.growth() > 0 && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        self.0.growth()
    }
}

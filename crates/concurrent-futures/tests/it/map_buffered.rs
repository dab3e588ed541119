//! `map_buffered`: reads its input as it goes.

mod ending;
mod reading;
mod results;
mod unordered;

use std::{
    iter,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

/// How many inputs were read.
#[derive(Clone, Default)]
struct Reads(Arc<AtomicUsize>);

impl Reads {
    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// 0, 1, 2, … without end, counted.
    fn endless(&self) -> impl Iterator<Item = usize> + Send + use<> {
        let reads = self.clone();
        iter::from_fn(move || Some(reads.0.fetch_add(1, SeqCst)))
    }
}

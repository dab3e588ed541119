//! How many native objects there are: tests see by it that nothing is left behind.
//!
//! Futures and iterators are not counted here: they are Python objects, and the collector lists them.

use pyo3::{
    prelude::*,
    types::{IntoPyDict, PyDict},
};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub(crate) const POOL: usize = 0;
pub(crate) const HOST: usize = 1;
pub(crate) const WORKER: usize = 2;
/// What few futures need, in a box.
pub(crate) const COLD: usize = 3;
pub(crate) const WATCH: usize = 4;
pub(crate) const SIGNAL: usize = 5;

const NAMES: [&str; 6] = ["pools", "hosts", "workers", "colds", "watches", "signals"];

static ALIVE: [AtomicUsize; NAMES.len()] = [const { AtomicUsize::new(0) }; NAMES.len()];

/// A field of what is counted. It takes no room.
pub(crate) struct Counted<const KIND: usize>(());

impl<const KIND: usize> Default for Counted<KIND> {
    #[inline]
    fn default() -> Self {
        ALIVE[KIND].fetch_add(1, Relaxed);
        Self(())
    }
}

impl<const KIND: usize> Drop for Counted<KIND> {
    #[inline]
    fn drop(&mut self) {
        ALIVE[KIND].fetch_sub(1, Relaxed);
    }
}

pub(crate) fn alive(kind: usize) -> usize {
    ALIVE[kind].load(Relaxed)
}

/// How many there are of each kind.
#[pyfunction]
pub(crate) fn census(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let counts: [_; NAMES.len()] = std::array::from_fn(|kind| (NAMES[kind], alive(kind)));
    counts.into_py_dict(py)
}

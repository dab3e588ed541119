//! The account of a model's tasks.

use super::rig::{Count, Probe};
#[cfg(shuttle)]
use crate::Future;
use crate::error::TaskError;

/// The account of all tasks of a model.
#[derive(Clone, Default)]
pub(super) struct Ledger {
    came: Count,
    ran: Count,
    unrun: Count,
    closures: Count,
    values: Count,
}

impl Ledger {
    /// A task that is written down when it comes, when it runs, and when it and its value are dropped.
    pub(super) fn task(&self) -> impl FnOnce() -> Probe + Send + use<> {
        self.came.add();
        let (closure, ran, values) = (self.closures.probe(), self.ran.clone(), self.values.clone());
        move || {
            drop(closure);
            ran.add();
            values.probe()
        }
    }

    #[cfg(shuttle)]
    pub(super) fn collect(&self, futures: impl IntoIterator<Item = Future<Probe>>) {
        for future in futures {
            self.note(future.result());
        }
    }

    pub(super) fn note(&self, outcome: Result<Probe, TaskError>) {
        match outcome {
            Ok(value) => drop(value),
            Err(TaskError::Cancelled | TaskError::Rejected(_)) => {
                self.unrun.add();
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    #[cfg(shuttle)]
    pub(super) fn ran(&self) -> usize {
        self.ran.get()
    }

    /// Each task ended once, and each closure and value was dropped once.
    pub(super) fn settle(&self) {
        assert_eq!(self.ran.get() + self.unrun.get(), self.came.get(), "ends");
        self.settle_drops();
    }

    /// The same where the futures of some were dropped.
    pub(super) fn settle_drops(&self) {
        assert_eq!(self.closures.get(), self.came.get(), "closures");
        assert_eq!(self.values.get(), self.ran.get(), "values");
    }
}

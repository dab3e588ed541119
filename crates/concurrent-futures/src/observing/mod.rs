//! How the tasks of an observed pool carry their facts; what the facts are, and the law of telling them,
//! is in [`observer`](crate::observer).
//!
//! - [`observation`]: the facts of one task, in its dress beside its closure, and who is told of them.
//! - [`promise`]: those of a follow-up, until it is due.
//! - [`registry`]: where those are found who are told of it.
//! - [`running`]: which observed task the calling thread runs, and what it has used.
//! - [`meter`]: the clocks of a thread, read now and then.
//! - [`account`]: what the tasks between two readings are given of what was used.
//!
//! Nothing of this is part of a protocol between threads: a task has its facts to itself, and hands them on
//! with its closure.

mod account;
mod meter;
mod observation;
mod promise;
mod registry;
mod running;

pub(crate) use observation::Observation;
#[cfg(feature = "rim")]
pub(crate) use observation::Run;
pub(crate) use promise::Promise;
pub(crate) use running::current_task;

use crate::{
    observer::{EnqueuedTask, Observer},
    unwind::{Contained, catch, report},
};
use std::{
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

/// Where a task was submitted.
pub(crate) type Site = &'static Location<'static>;

/// Observers in the order in which they are told.
pub(crate) type Audience = Vec<Contained<Box<dyn Observer>>>;

pub(crate) fn contained(observer: impl Observer) -> Contained<Box<dyn Observer>> {
    Contained::new("an observer", Box::new(observer))
}

/// Those of one pool.
pub(crate) struct Observers {
    /// Never used twice.
    number: u64,
    audience: Audience,
}

impl Observers {
    pub(crate) fn new(audience: Audience) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let observers = Arc::new(Self {
            number: NEXT.fetch_add(1, Relaxed),
            audience,
        });
        registry::enter(&observers);
        observers
    }

    fn tell(&self, what: impl Fn(&dyn Observer)) {
        for observer in &self.audience {
            if let Err(panic) = catch(|| what(&***observer)) {
                report(
                    log::Level::Error,
                    format_args!("an observer panicked: {panic}"),
                );
            }
        }
    }

    /// A task has come: tells it.
    pub(crate) fn observe(&self, name: Option<Arc<str>>, site: Site) -> Observation {
        let task = EnqueuedTask {
            id: next_id(),
            name,
            location: site,
            parent: current_task(),
            enqueued: Instant::now(),
        };
        self.tell(|observer| observer.enqueued(&task));
        Observation::told(self, task)
    }
}

impl Drop for Observers {
    fn drop(&mut self) {
        registry::leave(self.number);
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}

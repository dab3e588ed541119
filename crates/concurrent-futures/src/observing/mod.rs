//! How the tasks of an observed pool carry their facts; what the facts are, and the law of telling them,
//! is in [`observer`](crate::observer).
//!
//! - [`observation`]: the facts of one task, in its dress beside its closure, and who is told of them.
//! - [`promise`]: those of a follow-up, until it is due.
//! - [`moment`]: a reading of the clock.
//! - [`registry`]: where those are found who are told of it.
//! - [`running`]: which observed task the calling thread runs, and what it has used.
//! - [`meter`]: the clocks of a thread, read now and then.
//! - [`account`]: what the tasks between two readings are given of what was used.
//!
//! Nothing of this is part of a protocol between threads: a task has its facts to itself, and hands them on
//! with its closure.

mod account;
mod meter;
mod moment;
mod observation;
mod promise;
mod registry;
mod running;

#[cfg(feature = "profile")]
pub(crate) use moment::nanos_of;
pub(crate) use moment::{Moment, duration_of};
#[cfg(feature = "rim")]
pub(crate) use observation::Run;
pub(crate) use observation::{Observation, RunTimes};
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
};

/// Where a task was submitted.
pub(crate) type Site = &'static Location<'static>;

/// In the order in which they are told.
#[derive(Default)]
pub(crate) struct Observers(Vec<Contained<Box<dyn Observer>>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer) {
        let observer: Box<dyn Observer> = Box::new(observer);
        self.0.push(Contained::new("an observer", observer));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Those who are told of the tasks of one pool.
pub(crate) struct Audience {
    /// Never used twice.
    number: u64,
    observers: Observers,
}

impl Audience {
    pub(crate) fn new(observers: Observers) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let audience = Arc::new(Self {
            number: NEXT.fetch_add(1, Relaxed),
            observers,
        });
        registry::enter(&audience);
        audience
    }

    #[inline]
    fn tell(&self, what: impl Fn(&dyn Observer)) {
        for observer in &self.observers.0 {
            if let Err(panic) = catch(|| what(&***observer)) {
                report(
                    log::Level::Error,
                    format_args!("an observer panicked: {panic}"),
                );
            }
        }
    }

    /// A task has come: tells it.
    #[inline]
    pub(crate) fn observe(&self, name: Option<Arc<str>>, site: Site) -> Observation {
        Observation::told(self, self.enqueue(name, site))
    }

    /// The same for a task that runs elsewhere and may outlive whoever started it.
    pub(crate) fn observe_remote(self: &Arc<Self>, name: Arc<str>, site: Site) -> Observation {
        Observation::told_last(self, self.enqueue(Some(name), site))
    }

    #[inline]
    fn enqueue(&self, name: Option<Arc<str>>, site: Site) -> EnqueuedTask {
        let now = Moment::now();
        let task = EnqueuedTask {
            id: next_id(),
            name,
            location: site,
            parent: current_task(),
            enqueued: now.at,
            enqueued_nanos: now.nanos,
        };
        self.tell(|observer| observer.enqueued(&task));
        task
    }
}

impl Drop for Audience {
    fn drop(&mut self) {
        registry::leave(self.number);
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}

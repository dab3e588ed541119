//! What runs in a watched pool, and whether its queue moves.
//!
//! The running tasks lie in many small lists, so that workers seldom meet.

use crate::{
    observer::{EnqueuedTask, FinishedTask, StartedTask},
    observing::current_task,
    schedstat::Schedstat,
    sync::Padded,
    task::post::Pause,
};
use std::{
    cell::OnceCell,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::{Duration, Instant},
};

pub(super) struct Register {
    made: Instant,
    /// How many tasks are queued; and, from [`LIVE`] on, how many have not ended.
    counts: Padded<AtomicU64>,
    /// When the queue has moved last, or was empty: in nanoseconds from the beginning.
    moved: Padded<AtomicU64>,
    lists: [Padded<Mutex<Vec<Entry>>>; LISTS],
}

const LISTS: usize = 32;
const QUEUED: u64 = 1;
const LIVE: u64 = 1 << 32;

/// A task that runs.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) task: EnqueuedTask,
    pub(super) worker: Arc<str>,
    pub(super) started: Instant,
    pub(super) thread: Option<Arc<ThreadMark>>,
    /// Since when it is known to wait, and how.
    pub(super) waits: Option<(Instant, Pause)>,
}

/// What is known of a thread that runs tasks.
pub(super) struct ThreadMark {
    pub(super) number: u64,
    pub(super) stat: Option<Schedstat>,
}

thread_local! {
    static MARK: OnceCell<Arc<ThreadMark>> = const { OnceCell::new() };
}

impl ThreadMark {
    /// That of the calling thread.
    fn here() -> Option<Arc<Self>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mark = |mark: &OnceCell<Arc<Self>>| {
            let mark = mark.get_or_init(|| {
                Arc::new(Self {
                    number: NEXT.fetch_add(1, Relaxed),
                    stat: Schedstat::of_this_thread(),
                })
            });
            Arc::clone(mark)
        };
        MARK.try_with(mark).ok()
    }
}

impl Register {
    pub(super) fn new() -> Self {
        Self {
            made: Instant::now(),
            counts: Padded(AtomicU64::new(0)),
            moved: Padded(AtomicU64::new(0)),
            lists: std::array::from_fn(|_| Padded(Mutex::default())),
        }
    }

    fn list(&self, id: u64) -> MutexGuard<'_, Vec<Entry>> {
        let list = usize::try_from(id % LISTS as u64).unwrap_or(0);
        lock(&self.lists[list])
    }

    fn has_moved(&self, now: Instant) {
        let since = now.saturating_duration_since(self.made).as_nanos();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.moved.store(since, Relaxed);
    }

    pub(super) fn enqueued(&self, task: &EnqueuedTask) {
        let before = self.counts.fetch_add(LIVE + QUEUED, SeqCst);
        if before % LIVE == 0 {
            self.has_moved(task.enqueued);
        }
    }

    pub(super) fn started(&self, fact: &StartedTask<'_>) {
        self.has_moved(fact.started);
        self.counts.fetch_sub(QUEUED, SeqCst);
        self.list(fact.task.id).push(Entry {
            task: fact.task.clone(),
            worker: Arc::clone(fact.worker),
            started: fact.started,
            thread: ThreadMark::here(),
            waits: None,
        });
    }

    pub(super) fn finished(&self, fact: &FinishedTask<'_>) {
        if fact.run.is_none() {
            self.has_moved(fact.finished);
            self.counts.fetch_sub(LIVE + QUEUED, SeqCst);
            return;
        }
        self.counts.fetch_sub(LIVE, SeqCst);
        let mut list = self.list(fact.task.id);
        let place = list.iter().position(|entry| entry.task.id == fact.task.id);
        let entry = place.map(|place| list.swap_remove(place));
        drop(list);
        drop(entry);
    }

    /// The task that the calling thread runs waits, or goes on.
    pub(super) fn set_waits(&self, waits: Option<(Instant, Pause)>) {
        let Some(id) = current_task() else { return };
        let mut list = self.list(id);
        if let Some(entry) = list.iter_mut().find(|entry| entry.task.id == id) {
            entry.waits = waits;
        }
    }

    /// Whether no task is queued or runs.
    pub(super) fn is_empty(&self) -> bool {
        self.counts.load(SeqCst) == 0
    }

    pub(super) fn queued(&self) -> u64 {
        self.counts.load(SeqCst) % LIVE
    }

    /// Since when the queue has not moved.
    pub(super) fn moved(&self) -> Instant {
        self.made + Duration::from_nanos(self.moved.load(Relaxed))
    }

    /// What runs, the oldest first.
    pub(super) fn running(&self) -> Vec<Entry> {
        let mut running = Vec::new();
        for list in &self.lists {
            running.extend_from_slice(&lock(list));
        }
        running.sort_by_key(|entry| entry.started);
        running
    }
}

fn lock(list: &Mutex<Vec<Entry>>) -> MutexGuard<'_, Vec<Entry>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

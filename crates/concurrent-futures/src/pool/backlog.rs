//! The items of maps that wait: those that no task in the queue stands for.
//!
//! A map puts runners into the queue, each of which may run many items. Whoever empties the
//! queue has to reach also the items behind a runner that runs already, whoever counts what is
//! queued counts items, not runners, and a pool that gets more workers has to look for maps with
//! fewer runners than those could run.

use crate::{
    queue::Mark,
    sync::{AtomicUsize, Mutex, Padded, Relaxed, SeqCst, lock},
    task::{Ending, Task, census::Census, source::Source},
};
use std::{
    collections::VecDeque,
    ptr,
    sync::{Arc, Weak, atomic::AtomicU64},
};

/// Items of a map that have not started.
pub(crate) trait Unstarted: Send + Sync {
    fn count(&self) -> usize;

    /// How many have come, ever.
    fn came(&self) -> usize;

    /// Ends them. They will not run.
    fn end(&self, ending: &Ending);

    /// So many more runners that there is one for each of these items, or for each of so many
    /// workers; and where they belong.
    fn reinforce(self: Arc<Self>, workers: usize) -> (Mark, Vec<Task>);
}

pub(crate) struct Backlog {
    /// In the order in which they came; some have no items left, or are gone.
    rows: Mutex<VecDeque<Weak<dyn Unstarted>>>,
    /// The items of rows that have been forgotten. Changes with the rows' lock; of std, since it is
    /// part of no protocol.
    forgotten: AtomicU64,
    source: Arc<Source>,
    /// In the queue.
    runners: AtomicUsize,
    /// For how many workers there shall be runners: goes up before more workers may come. Whoever
    /// reads items looks at it for each of them.
    workers: Padded<AtomicUsize>,
}

impl Backlog {
    pub(crate) fn new(source: &Arc<Source>, workers: usize) -> Arc<Self> {
        Arc::new(Self {
            rows: Mutex::new(VecDeque::new()),
            forgotten: AtomicU64::new(0),
            source: Arc::clone(source),
            runners: AtomicUsize::new(0),
            workers: Padded(AtomicUsize::new(workers)),
        })
    }

    pub(crate) fn census(&self) -> &Census {
        &self.source.census
    }

    /// Before the first runner of it is in the queue.
    pub(crate) fn add(&self, row: Weak<dyn Unstarted>) {
        lock(&self.rows).push_back(row);
    }

    /// None of its items is left to be started, and none will come. Mostly it is the oldest one.
    pub(crate) fn forget(&self, over: &dyn Unstarted) {
        let came = over.came() as u64;
        let mut rows = lock(&self.rows);
        self.forgotten.fetch_add(came, Relaxed);
        let over: *const dyn Unstarted = over;
        let place = rows.iter().position(|row| ptr::addr_eq(row.as_ptr(), over));
        let forgotten = place.and_then(|place| rows.remove(place));
        drop(rows);
        drop(forgotten);
    }

    /// How many items have come, ever.
    pub(crate) fn items(&self) -> u64 {
        let rows = lock(&self.rows);
        let open: Vec<_> = rows.iter().filter_map(Weak::upgrade).collect();
        let forgotten = self.forgotten.load(Relaxed);
        drop(rows);
        let came: usize = open.iter().map(|row| row.came()).sum();
        forgotten + came as u64
    }

    fn rows(&self) -> Vec<Arc<dyn Unstarted>> {
        lock(&self.rows).iter().filter_map(Weak::upgrade).collect()
    }

    /// Ends all items that have not started, in order.
    pub(crate) fn end(&self, ending: &Ending) {
        for row in self.rows() {
            row.end(ending);
        }
    }

    /// How many tasks wait if so many are in the queue.
    pub(crate) fn waiting(&self, queued: usize) -> usize {
        let items: usize = self.rows().iter().map(|row| row.count()).sum();
        queued.saturating_sub(self.runners.load(SeqCst)) + items
    }

    /// For how many workers there shall be runners.
    #[inline]
    pub(crate) fn workers(&self) -> usize {
        // `SeqCst`, here and below: who adds an item adds it and then looks at this; who changes this
        // changes it and then looks for items. One of them sees the other.
        self.workers.load(SeqCst)
    }

    /// There may be so many workers from now on. The runners to be put into the queue for that.
    pub(crate) fn reinforce(&self, workers: usize) -> Vec<(Mark, Task)> {
        // Never down: of two changes at the same time the larger one counts, and runners that are too
        // many find nothing to do.
        if self.workers.fetch_max(workers, SeqCst) >= workers {
            return Vec::new();
        }
        let rows = self.rows().into_iter();
        let runners = rows.flat_map(|row| {
            let (mark, runners) = row.reinforce(workers);
            runners.into_iter().map(move |runner| (mark, runner))
        });
        runners.collect()
    }

    /// Where slots come from that lie in no list.
    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// A runner is put into the queue.
    pub(crate) fn runner_queued(&self) {
        self.runners.fetch_add(1, SeqCst);
    }

    /// A runner was taken out of the queue.
    pub(crate) fn runner_taken(&self) {
        self.runners.fetch_sub(1, SeqCst);
    }
}

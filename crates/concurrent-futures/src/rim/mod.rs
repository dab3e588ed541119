//! A pool whose threads belong to another runtime, and whose tasks report to that runtime.
//!
//! The Python package uses it. There a task's future is a Python object, which has attributes, weak
//! references and a garbage collector's view of it, so it cannot be a slot; what it shares with the
//! crate is everything up to it: the queue and its order, the account of who is idle and who is
//! woken or started, the life of a pool and of its workers.
//!
//! Nothing here is part of the crate's promise of stability.

mod facts;
mod room;
mod sizes;

#[cfg(feature = "profile")]
pub use crate::profile::Recording;
pub use facts::{Facts, Run};
pub use room::{Answer, Guest, Room};

use crate::{
    Observer, Stats, WorkerThread,
    error::TaskError,
    observing::Observers,
    pool::{Pool as Core, dressing::Dressing, threads::Threads, worker},
    task::{
        Ending, Handle, Home, Turn, Work,
        reclaim::{Errand, Hosted},
        slot::Outcome,
    },
};
use std::{error::Error, fmt, io, sync::Arc, time::Duration};

/// The runtime that the threads belong to. All of it is called under no lock of the pool.
pub trait Host: Send + Sync + 'static {
    /// Starts a thread on which the worker is [run](WorkerThread::run), and which the host joins.
    /// Called by whoever submits, or by another worker.
    ///
    /// # Errors
    ///
    /// The system's, if it refuses the thread.
    fn start(&self, worker: WorkerThread) -> io::Result<()>;

    /// Called on each worker before its first task.
    ///
    /// # Errors
    ///
    /// An error breaks the pool.
    fn initialize(&self) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// Called on a worker that has nothing to do: gives away what must not be held while it
    /// sleeps, calls `sleep`, and takes it back. Workers of such a pool never spin.
    fn park(&self, sleep: &mut (dyn FnMut() + Send));
}

/// A task. It is run, or refused, once.
pub trait Item: Send + 'static {
    /// Called on its worker first of all, before that wakes or starts another one.
    fn taken(&self);

    /// Runs on a worker, after that. What it answers is what [`Pool::stats`] counts.
    fn run(self) -> Ended;

    /// It will not run.
    fn refuse(self, reason: Refusal);
}

/// How a task has ended that a worker took from the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a value.
    Completed,
    /// With an error.
    Failed,
    /// It did not run: it was cancelled before.
    Cancelled,
}

/// Why a queued task will not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The queue was emptied by [`Pool::cancel_queued`], or the pool is gone.
    Cancelled,
    /// The initializer failed.
    Broken,
    /// No thread could be started, and no worker lives.
    NoThread,
    /// The queue was emptied by [`Pool::abandon`].
    Abandoned,
    /// It gave way to a newer one, by [`Pool::make_room`].
    Discarded,
}

/// Stands for a queued task, to [make room](Pool::make_room) for it. To drop it changes nothing.
pub struct Submitted(Handle<(), ()>);

struct Queued<I>(I);

impl<I: Item> Work for Queued<I> {
    type Value = ();
    type Error = ();
    type After = ();

    fn perform(self, turn: &mut dyn Turn) -> (Outcome<(), ()>, ()) {
        self.0.taken();
        turn.leave_search();
        let outcome = match crate::unwind::catch(|| self.0.run()) {
            Ok(Ended::Completed) => Ok(()),
            Ok(Ended::Cancelled) => Err(TaskError::Cancelled),
            // A panic of the host's is its own matter; the worker goes on.
            Ok(Ended::Failed) | Err(_) => Err(TaskError::Failed(())),
        };
        (outcome, ())
    }

    fn refuse(self, ending: &Ending) {
        let reason = match ending {
            Ending::Cancelled => Refusal::Cancelled,
            Ending::Broken(_) => Refusal::Broken,
            Ending::NoThread(_) => Refusal::NoThread,
            Ending::Discarded => Refusal::Discarded,
            Ending::Shutdown | Ending::QueueFull | Ending::DeadlineExceeded | Ending::Forked => {
                Refusal::Abandoned
            }
        };
        let _ = crate::unwind::catch(|| self.0.refuse(reason));
    }
}

impl<I: Item> Hosted for Queued<I> {
    fn run(self: Box<Self>) {
        self.0.taken();
        let _ = crate::unwind::catch(|| self.0.run());
    }

    fn end(self: Box<Self>, ending: &Ending) {
        Work::refuse(*self, ending);
    }
}

/// Runs an item on a thread of its own, which has run the initializer and then ends; for a worker,
/// the calling thread, that waits for the item and has no stack for it. The thread takes nothing
/// from the queue and counts as no worker. `false` if there is no thread to be had, or the calling
/// thread is no worker; then the item is dropped.
pub fn run_on_stand_in<I: Item>(item: I) -> bool {
    let Some(pool) = worker::current_pool() else {
        return false;
    };
    pool.stand_in(Errand::Hosted(Box::new(Queued(item))))
        .is_ok()
}

/// What a pool is made with. Numbers out of range are taken into it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// From 1 to 65535.
    pub max_workers: usize,
    /// How many workers stay, however long they are idle: at most `max_workers`.
    pub min_workers: usize,
    /// How long a worker is idle before it goes; `None` is for ever.
    pub keep_alive: Option<Duration>,
    /// The names of workers begin with it.
    pub prefix: String,
    /// How many tasks have [room](Room) in the queue.
    pub queue_capacity: Option<usize>,
}

/// A handle to the pool. Dropping it closes the pool and waits for nothing: the workers finish what
/// is queued and end.
pub struct Pool {
    core: Arc<Core>,
}

impl Pool {
    /// Starts no thread.
    pub fn new<H: Host>(settings: Settings, host: Arc<H>) -> Self {
        let dressing = room::dressing(&settings);
        Self::dressed(settings, host, dressing)
    }

    /// The same for a pool whose tasks somebody [observes](Self::observe).
    pub fn observed<H: Host>(settings: Settings, host: Arc<H>, observer: impl Observer) -> Self {
        let mut dressing = room::dressing(&settings);
        let mut observers = Observers::default();
        observers.add(observer);
        dressing.set_observers(observers);
        Self::dressed(settings, host, dressing)
    }

    fn dressed<H: Host>(settings: Settings, host: Arc<H>, dressing: Dressing) -> Self {
        let (starting, initializing, parking) = (Arc::clone(&host), Arc::clone(&host), host);
        let sizing = sizes::sizing(&settings);
        Self {
            core: Core::with_parking(
                sizing,
                Threads::new(
                    settings.prefix,
                    None,
                    Some(Box::new(move |worker| {
                        starting.start(worker).map(|()| None)
                    })),
                ),
                Some(Box::new(move || initializing.initialize())),
                Some(Box::new(move |sleep| parking.park(sleep))),
                dressing,
            ),
        }
    }

    /// Queues a task, or gives it back if the pool is closed. The call may start a thread; the task
    /// may have been refused for want of one when it returns.
    ///
    /// # Errors
    ///
    /// The task, if the pool is closed.
    #[inline]
    pub fn submit<I: Item>(&self, item: I) -> Result<Submitted, I> {
        match self.core.push(Queued(item)) {
            Ok(handle) => Ok(Submitted(handle)),
            Err(Queued(item)) => Err(item),
        }
    }

    /// Refuses new tasks; what is queued still runs, then the workers end.
    pub fn close(&self) {
        self.core.close();
    }

    /// Takes out what is queued and refuses it as [`Refusal::Cancelled`].
    pub fn cancel_queued(&self) {
        self.core.cancel_queued();
    }

    /// Takes out what is queued and refuses it as [`Refusal::Abandoned`], for a process that has
    /// lost the workers, as the child of a fork has.
    pub fn abandon(&self) {
        self.core.end_queued(&Ending::Shutdown);
    }

    /// Takes the oldest task out and refuses it as [`Refusal::Abandoned`]. Whether there was one.
    pub fn abandon_one(&self) -> bool {
        match self.core.queue().pop() {
            Some(popped) => {
                popped.task.end(&Ending::Shutdown);
                true
            }
            None => false,
        }
    }

    /// How many tasks wait for a worker.
    pub fn queued(&self) -> usize {
        self.core.queued()
    }

    /// How many workers there are, those that are being started included.
    pub fn workers(&self) -> usize {
        self.core.worker_count()
    }

    /// What the pool did and does. A task counts as queued until it is taken from the queue, whatever
    /// became of it meanwhile.
    pub fn stats(&self) -> Stats {
        self.core.stats()
    }

    /// Whether new tasks are refused.
    pub fn is_closed(&self) -> bool {
        self.core.is_closed()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.core.close();
    }
}

impl fmt::Debug for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submitted").finish_non_exhaustive()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("max_workers", &self.max_workers())
            .field("workers", &self.workers())
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod facts_tests;
#[cfg(all(test, not(loom)))]
mod tests;

//! A pool whose threads belong to another runtime, and whose tasks report to that runtime.
//!
//! The Python package uses it. There a task's future is a Python object, which has attributes, weak
//! references and a garbage collector's view of it, so it cannot be a slot; what it shares with the
//! crate is everything up to it: the queue and its order, the account of who is idle and who is
//! woken or started, the life of a pool and of its workers.
//!
//! Nothing here is part of the crate's promise of stability.

use crate::{
    WorkerThread,
    pool::{Pool as Core, idle::MAX_WORKERS, threads::Threads},
    task::{Ending, Turn, Work, slot::Outcome},
};
use std::{convert::Infallible, error::Error, fmt, io, sync::Arc};

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
    /// Runs on a worker.
    fn run(self);

    /// It will not run.
    fn refuse(self, reason: Refusal);
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
}

struct Queued<I>(I);

impl<I: Item> Work for Queued<I> {
    type Value = ();
    type Error = Infallible;
    type After = ();

    fn perform(self, _: &mut dyn Turn) -> (Outcome<(), Infallible>, ()) {
        // A panic of the host's is its own matter; the worker goes on.
        let _ = crate::unwind::catch(|| self.0.run());
        (Ok(()), ())
    }

    fn refuse(self, ending: &Ending) {
        let reason = match ending {
            Ending::Cancelled => Refusal::Cancelled,
            Ending::Broken(_) => Refusal::Broken,
            Ending::NoThread(_) => Refusal::NoThread,
            Ending::Shutdown => Refusal::Abandoned,
        };
        let _ = crate::unwind::catch(|| self.0.refuse(reason));
    }
}

/// A handle to the pool. Dropping it closes the pool and waits for nothing: the workers finish what
/// is queued and end.
pub struct Pool {
    core: Arc<Core>,
}

impl Pool {
    /// Starts no thread. The number of workers is taken into the range from 1 to 65535.
    pub fn new<H: Host>(max_workers: usize, prefix: String, host: Arc<H>) -> Self {
        let (starting, initializing, parking) = (Arc::clone(&host), Arc::clone(&host), host);
        let threads = Threads::new(
            max_workers.clamp(1, MAX_WORKERS),
            prefix,
            None,
            Some(Box::new(move |worker| {
                starting.start(worker).map(|()| None)
            })),
        );
        Self {
            core: Core::with_parking(
                threads,
                Some(Box::new(move || initializing.initialize())),
                Some(Box::new(move |sleep| parking.park(sleep))),
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
    pub fn submit<I: Item>(&self, item: I) -> Result<(), I> {
        match self.core.push(Queued(item)) {
            Ok(handle) => {
                drop(handle);
                Ok(())
            }
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

    /// The most workers there may be.
    pub fn max_workers(&self) -> usize {
        self.core.max_workers()
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

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("max_workers", &self.max_workers())
            .field("workers", &self.workers())
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}

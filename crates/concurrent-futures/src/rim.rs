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
    pool::{Pool as Core, dressing::Dressing, idle::MAX_WORKERS, sizing::Sizing, threads::Threads},
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
            Ending::Shutdown | Ending::QueueFull | Ending::Discarded | Ending::DeadlineExceeded => {
                Refusal::Abandoned
            }
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
            prefix,
            None,
            Some(Box::new(move |worker| {
                starting.start(worker).map(|()| None)
            })),
        );
        Self {
            core: Core::with_parking(
                Sizing::up_to(max_workers.clamp(1, MAX_WORKERS)),
                threads,
                Some(Box::new(move || initializing.initialize())),
                Some(Box::new(move |sleep| parking.park(sleep))),
                Dressing::default(),
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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::{
        sync::{
            Mutex,
            atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
            mpsc::{Receiver, Sender, channel},
        },
        thread::JoinHandle,
        time::Duration,
    };

    const WATCHDOG: Duration = Duration::from_secs(30);

    #[derive(Default)]
    struct Threads {
        joins: Mutex<Vec<JoinHandle<()>>>,
        refuses: AtomicBool,
        fails: AtomicBool,
        parks: AtomicUsize,
    }

    impl Host for Threads {
        fn start(&self, worker: WorkerThread) -> io::Result<()> {
            if self.refuses.load(SeqCst) {
                return Err(io::Error::other("no thread"));
            }
            let join = std::thread::spawn(move || worker.run());
            self.joins.lock().unwrap().push(join);
            Ok(())
        }

        fn initialize(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
            if self.fails.load(SeqCst) {
                return Err("no use".into());
            }
            Ok(())
        }

        fn park(&self, sleep: &mut (dyn FnMut() + Send)) {
            self.parks.fetch_add(1, SeqCst);
            sleep();
        }
    }

    /// Says what became of it; a run waits for the gate first, if there is one.
    struct Note {
        number: usize,
        gate: Option<Receiver<()>>,
        sender: Sender<(usize, Option<Refusal>)>,
    }

    impl Item for Note {
        fn run(self) {
            if let Some(gate) = self.gate {
                let _ = gate.recv_timeout(WATCHDOG);
            }
            let _ = self.sender.send((self.number, None));
        }

        fn refuse(self, reason: Refusal) {
            let _ = self.sender.send((self.number, Some(reason)));
        }
    }

    struct Rig {
        host: Arc<Threads>,
        pool: Pool,
        sender: Sender<(usize, Option<Refusal>)>,
        heard: Receiver<(usize, Option<Refusal>)>,
    }

    impl Rig {
        fn new(max_workers: usize) -> Self {
            let host = Arc::new(Threads::default());
            let (sender, heard) = channel();
            let pool = Pool::new(max_workers, "rim".to_owned(), Arc::clone(&host));
            Self {
                host,
                pool,
                sender,
                heard,
            }
        }

        fn submit(&self, number: usize) -> bool {
            self.submit_gated(number, None)
        }

        fn submit_gated(&self, number: usize, gate: Option<Receiver<()>>) -> bool {
            let sender = self.sender.clone();
            let note = Note {
                number,
                gate,
                sender,
            };
            self.pool.submit(note).is_ok()
        }

        fn next(&self) -> (usize, Option<Refusal>) {
            self.heard.recv_timeout(WATCHDOG).expect("news in time")
        }

        fn end(self) {
            drop(self.pool);
            for join in self.host.joins.lock().unwrap().drain(..) {
                join.join().unwrap();
            }
        }
    }

    #[test]
    fn tasks_run_in_order_and_the_host_surrounds_the_sleep() {
        let rig = Rig::new(1);
        for number in 0..200 {
            assert!(rig.submit(number));
        }
        for number in 0..200 {
            assert_eq!(rig.next(), (number, None));
        }
        rig.pool.close();
        assert!(!rig.submit(200));
        let host = Arc::clone(&rig.host);
        rig.end();
        assert!(host.parks.load(SeqCst) <= 201);
    }

    #[test]
    fn submits_start_a_thread_for_each_task_that_has_none() {
        let rig = Rig::new(3);
        let gates: Vec<_> = (0..5)
            .map(|number| {
                let (gate, wait) = channel();
                assert!(rig.submit_gated(number, Some(wait)));
                assert_eq!(rig.pool.workers(), (number + 1).min(3));
                gate
            })
            .collect();
        for gate in gates {
            gate.send(()).unwrap();
        }
        let mut ran: Vec<_> = (0..5).map(|_| rig.next().0).collect();
        ran.sort_unstable();
        assert_eq!(ran, [0, 1, 2, 3, 4]);
        rig.end();
    }

    #[test]
    fn without_a_thread_the_task_is_refused_and_the_next_may_run() {
        let rig = Rig::new(2);
        rig.host.refuses.store(true, SeqCst);
        assert!(rig.submit(0));
        assert_eq!(rig.next(), (0, Some(Refusal::NoThread)));
        assert_eq!(rig.pool.workers(), 0);
        rig.host.refuses.store(false, SeqCst);
        assert!(rig.submit(1));
        assert_eq!(rig.next(), (1, None));
        rig.end();
    }

    #[test]
    fn each_way_to_empty_the_queue_says_so() {
        let rig = Rig::new(1);
        let (gate, wait) = channel();
        assert!(rig.submit_gated(0, Some(wait)));
        while rig.pool.queued() > 0 {
            std::thread::yield_now();
        }
        for number in 1..5 {
            assert!(rig.submit(number));
        }
        assert!(rig.pool.abandon_one());
        assert_eq!(rig.next(), (1, Some(Refusal::Abandoned)));
        rig.pool.cancel_queued();
        for number in 2..5 {
            assert_eq!(rig.next(), (number, Some(Refusal::Cancelled)));
        }
        assert!(rig.submit(5));
        rig.pool.abandon();
        assert_eq!(rig.next(), (5, Some(Refusal::Abandoned)));
        assert!(!rig.pool.abandon_one());
        gate.send(()).unwrap();
        assert_eq!(rig.next(), (0, None));
        rig.end();
    }

    #[test]
    fn a_failed_initializer_refuses_what_is_queued() {
        let rig = Rig::new(1);
        rig.host.fails.store(true, SeqCst);
        assert!(rig.submit(0));
        assert_eq!(rig.next(), (0, Some(Refusal::Broken)));
        while !rig.pool.is_closed() {
            std::thread::yield_now();
        }
        assert!(!rig.submit(1));
        rig.end();
    }
}

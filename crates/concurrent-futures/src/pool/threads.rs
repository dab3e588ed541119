//! Starting threads, and waiting for their end.
//!
//! The roster is behind a plain mutex: it changes only when a thread starts or ends, which costs a
//! thousand times more than the lock. No thread is started, joined or dropped while it is held.

use super::{
    crowd::Place,
    roster::{Entry, Roster},
};
use crate::{
    error::Panic,
    sync::{AcqRel, AtomicU32, Condvar, Mutex, MutexGuard, lock},
    task::post::Post,
    time::Limit,
    unwind::{Contained, catch, report},
};
use std::{
    fmt, io,
    sync::{Arc, PoisonError},
    thread::JoinHandle,
    time::Instant,
};

/// Why a thread could not be started. Its error may be the user's, from a factory.
pub(crate) type StartError = Contained<io::Error>;

pub(crate) fn start_error(error: io::Error) -> StartError {
    Contained::new("the error of a thread start", error)
}

/// Starts a thread; gives no handle if somebody else joins it.
pub(crate) type Factory = dyn Fn(WorkerThread) -> io::Result<Option<JoinHandle<()>>> + Send + Sync;

pub(crate) struct Threads {
    prefix: String,
    stack_size: Option<usize>,
    factory: Option<Contained<Box<Factory>>>,
    roster: Mutex<Roster>,
    /// Told after every change of the roster, and when the queue was emptied by others than workers.
    changed: Condvar,
}

impl Threads {
    pub(crate) fn new(
        prefix: String,
        stack_size: Option<usize>,
        factory: Option<Box<Factory>>,
    ) -> Self {
        Self {
            prefix,
            stack_size,
            factory: factory.map(|f| Contained::new("a thread factory", f)),
            roster: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// How large the workers' stacks are, in bytes.
    pub(crate) fn stack(&self) -> usize {
        self.stack_size.unwrap_or(Post::STACK)
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn controller_name(&self) -> String {
        format!("{}_controller", self.prefix)
    }

    /// A thread that is no worker, and ends when the last of them has ended.
    pub(crate) fn join_later(&self, handle: JoinHandle<()>) {
        self.roster().leaving.push_back(handle);
    }

    fn roster(&self) -> MutexGuard<'_, Roster> {
        lock(&self.roster)
    }

    /// Starts a thread that lives `life`; `lost` is called if the factory drops the worker only
    /// after it has answered. A start that fails leaves no trace, not even its number.
    pub(crate) fn start(
        &self,
        life: impl FnOnce(Enlisted) + Send + 'static,
        lost: impl FnOnce(usize) + Send + 'static,
    ) -> Result<(), StartError> {
        let (number, name) = self.enlist();
        let fate = Arc::new(AtomicU32::new(UNDECIDED));
        let enlisted = Enlisted {
            number,
            name: name.clone(),
        };
        let worker = WorkerThread {
            name,
            stack_size: self.stack_size,
            life: Some(Box::new(move || life(enlisted))),
            lost: Some(Box::new(move || lost(number))),
            fate: Arc::clone(&fate),
        };
        let answer = match &self.factory {
            None => worker.spawn().map(Some),
            Some(factory) => catch(|| factory(worker)).unwrap_or_else(|p| Err(panicked(&p))),
        };
        let answer = answer.map_err(start_error);
        // From here on, a worker that is dropped unrun sees to that itself.
        let dropped = fate.fetch_or(ANSWERED, AcqRel) & DROPPED != 0;
        let result = match answer {
            Ok(handle) if !dropped => Ok(handle),
            Ok(_) => Err(start_error(io::Error::other(
                "the thread factory did not run the worker it was given",
            ))),
            Err(error) if dropped => Err(error),
            // An error, and yet the worker runs or is kept to be run.
            Err(_) => Ok(None),
        };
        self.answered(number, result)
    }

    fn enlist(&self) -> (usize, String) {
        let mut roster = self.roster();
        let number = roster.next;
        let name = format!("{}_{number}", self.prefix);
        roster.next += 1;
        roster.starting += 1;
        let entry = Entry {
            name: name.clone(),
            handle: None,
        };
        roster.live.insert(number, entry);
        (number, name)
    }

    fn answered(
        &self,
        number: usize,
        result: Result<Option<JoinHandle<()>>, StartError>,
    ) -> Result<(), StartError> {
        let mut roster = self.roster();
        roster.starting -= 1;
        match result {
            Ok(handle) => {
                match roster.live.get_mut(&number) {
                    Some(entry) => entry.handle = handle,
                    // It has ended already.
                    None => roster.leaving.extend(handle),
                }
                roster.refusing = false;
                drop(roster);
                self.changed.notify_all();
                Ok(())
            }
            Err(error) => {
                let first = !std::mem::replace(&mut roster.refusing, true);
                drop(roster);
                self.strike_off(number);
                if first {
                    report(
                        log::Level::Warn,
                        format_args!("a worker thread could not be started: {}", *error),
                    );
                }
                Err(error)
            }
        }
    }

    /// A worker that never ran is forgotten.
    pub(crate) fn strike_off(&self, number: usize) {
        let mut roster = self.roster();
        roster.strike_off(number);
        if roster.next == number + 1 {
            roster.next = number;
        }
        drop(roster);
        self.changed.notify_all();
    }

    /// A worker has ended; only thread-local destructors still run on its thread.
    pub(crate) fn ended(&self, number: usize) {
        self.roster().strike_off(number);
        self.changed.notify_all();
    }

    /// The same while the pool goes on. Joins threads that ended before, on the calling one.
    pub(crate) fn retired(&self, number: usize) {
        let mut roster = self.roster();
        let finished = roster.take_finished();
        roster.strike_off(number);
        drop(roster);
        self.changed.notify_all();
        join_all(finished);
    }

    /// The queue was emptied by somebody who is no worker.
    pub(crate) fn drained(&self) {
        // With the lock, so that nobody is between asking and sleeping.
        drop(self.roster());
        self.changed.notify_all();
    }

    /// Waits until no worker lives and `is_over` says that none will come, then joins the threads. When the time is over, gives the names of the workers that live.
    ///
    /// With a time limit the threads themselves are not joined: what their thread-local destructors
    /// do has no limit.
    pub(crate) fn join(&self, is_over: impl Fn() -> bool, limit: Limit) -> Result<(), Vec<String>> {
        let mut roster = self.roster();
        let joins = matches!(limit, Limit::Forever);
        while joins && roster.joining
            || roster.starting > 0
            || !roster.live.is_empty()
            || !is_over()
        {
            if limit.is_over() {
                let names = roster.live.values().map(|entry| entry.name.clone());
                return Err(names.collect());
            }
            roster = match limit.deadline() {
                None => self
                    .changed
                    .wait(roster)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    self.changed
                        .wait_timeout(roster, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        if !joins {
            return Ok(());
        }
        let handles = std::mem::take(&mut roster.leaving);
        roster.joining = true;
        drop(roster);
        join_all(handles);
        self.roster().joining = false;
        self.changed.notify_all();
        Ok(())
    }
}

fn join_all(handles: impl IntoIterator<Item = JoinHandle<()>>) {
    for handle in handles {
        // A worker never panics; what a thread-local destructor or a factory's thread does otherwise
        // is no matter of the pool.
        let _ = handle.join();
    }
}

/// A worker's entry in the roster.
pub(crate) struct Enlisted {
    pub(crate) number: usize,
    pub(crate) name: String,
}

const UNDECIDED: u32 = 0;
/// The worker was dropped without being run.
const DROPPED: u32 = 1;
/// The factory has answered.
const ANSWERED: u32 = 2;

/// A worker that waits for its thread: what a
/// [`thread_factory`](crate::Builder::thread_factory) is given.
///
/// Call [`run`](Self::run) on a new thread, or let [`spawn`](Self::spawn) start an ordinary one.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder()
///     .thread_factory(|worker| {
///         std::thread::Builder::new()
///             .name(format!("low priority {}", worker.name()))
///             .spawn(move || {
///                 // Here is the place to set the thread's priority or processor.
///                 worker.run();
///             })
///     })
///     .build()?;
/// let name = pool.submit(|| std::thread::current().name().map(str::to_owned));
/// assert!(name.result().unwrap().unwrap().starts_with("low priority"));
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[must_use = "the pool needs this worker: run it, or spawn it"]
pub struct WorkerThread {
    name: String,
    stack_size: Option<usize>,
    life: Option<Box<dyn FnOnce() + Send>>,
    lost: Option<Box<dyn FnOnce() + Send>>,
    fate: Arc<AtomicU32>,
}

impl WorkerThread {
    /// The worker's name: prefix, underscore, number.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stack size asked for, in bytes.
    pub fn stack_size(&self) -> Option<usize> {
        self.stack_size
    }

    /// The life of the worker. Blocks until the pool is shut down and its queue is empty.
    pub fn run(mut self) {
        if let Some(life) = self.life.take() {
            life();
        }
    }

    /// Starts a thread of the standard library with the name and the stack size, and runs the
    /// worker on it. This is what a pool without a factory does.
    ///
    /// # Errors
    ///
    /// The system's, if it refuses the thread. On Linux also if the process has so many threads, about
    /// 14 000 by default, that the standard library could fail to set up one more, and end the process.
    pub fn spawn(self) -> io::Result<JoinHandle<()>> {
        let mut thread = std::thread::Builder::new().name(self.name.clone());
        if let Some(bytes) = self.stack_size {
            thread = thread.stack_size(bytes);
        }
        let place = Place::take()?;
        thread.spawn(move || {
            let _place = place;
            self.run();
        })
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        if self.life.is_none() {
            return;
        }
        let answered = self.fate.fetch_or(DROPPED, AcqRel) & ANSWERED != 0;
        if answered {
            if let Some(lost) = self.lost.take() {
                lost();
            }
        }
    }
}

impl fmt::Debug for WorkerThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerThread")
            .field("name", &self.name)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}

fn panicked(panic: &Panic) -> io::Error {
    io::Error::other(format!("the thread factory panicked: {panic}"))
}

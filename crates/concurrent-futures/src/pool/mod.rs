//! A pool: its queue, its workers, and its life.
//!
//! ```text
//! open ──► closed ──► ended          closed: the queue refuses; what is in it still runs
//!   └────► broken ──► ended          broken: closed, and what was in it has failed
//! ```
//!
//! - [`idle`]: who looks for work, who sleeps, and who is woken or started.
//! - [`threads`]: starting threads, and waiting for their end; [`roster`] is the list of them.
//! - [`rousing`]: waking and starting workers for what is queued.
//! - [`crowd`]: how many threads a process may have.
//! - [`worker`]: the loop of one worker.
//! - [`stand_in`]: a thread for the task that a worker waits for and has no stack for.
//! - [`adaptive`]: how a pool finds out how many workers it needs.
//! - [`stats`]: what a pool says about itself.
//! - [`sizing`]: how many workers there are, and changes of that.
//! - [`backlog`]: the items of maps that wait.
//! - [`bound`]: room in the queue, and those who wait for it.
//! - [`serving`]: threads that are no workers and do the pool's work all the same.
//! - [`watched`]: what a watchdog knows of it.
//! - [`dressing`]: what each task has besides its closure.
//! - [`presence`]: who hears how many workers there are.

pub(crate) mod adaptive;
pub(crate) mod backlog;
pub(crate) mod bound;
mod crowd;
pub(crate) mod dressing;
pub(crate) mod idle;
pub(crate) mod presence;
mod roster;
mod rousing;
mod serving;
mod stand_in;
pub(crate) mod sizing;
pub(crate) mod stats;
pub(crate) mod threads;
mod watched;
pub(crate) mod worker;

use crate::{
    RunningTask,
    error::{BrokenThreadPool, ShutdownError, TaskError},
    observing::Audience,
    queue::{Gate, Mark, Queue},
    submission::{Ambience, Capture, Dressed, Extras, Wardrobe},
    sync::{AtomicBool, Relaxed, SeqCst},
    task::{
        Ending, Handle, Home, Task, Turn, Work,
        post::Pause,
        reclaim::Errand,
        slot::{Outcome, SlotRef},
        source::Source,
    },
    time::Limit,
    unwind::{Contained, report},
};
use adaptive::Adaptive;
use backlog::Backlog;
use bound::Bound;
use dressing::Dressing;
use idle::Idle;
use log::Level;
use serving::{Service, Serving, is_served_here, is_started_here};
use sizing::Sizing;
use std::{
    error::Error,
    sync::{Arc, OnceLock, Weak},
};
use threads::Threads;

pub(crate) type Initializer = dyn Fn() -> Result<(), Box<dyn Error + Send + Sync>> + Send + Sync;

/// How a worker sleeps, if not at once and by itself: it is given the sleep as a function.
pub(crate) type Parking = dyn Fn(&mut (dyn FnMut() + Send)) + Send + Sync;

pub(crate) struct Pool {
    /// Never used twice, unlike an address.
    id: u64,
    queue: Queue,
    backlog: Arc<Backlog>,
    idle: Idle,
    sizing: Sizing,
    adaptive: Option<Arc<Adaptive>>,
    threads: Threads,
    dressing: Dressing,
    initializer: Option<Contained<Box<Initializer>>>,
    /// With it, workers never spin: they may hold a lock that others need to bring work.
    parking: Option<Box<Parking>>,
    /// Written before the queue is closed because of it.
    broken: OnceLock<BrokenThreadPool>,
    /// Of the slots of promises whose follow-ups run here; made with the first of them.
    promises: OnceLock<Arc<Source>>,
    /// A shutdown has cancelled what was queued: follow-ups that become due later are cancelled too.
    cancel_follow_ups: AtomicBool,
}

impl Pool {
    pub(crate) fn new(
        sizing: Sizing,
        threads: Threads,
        initializer: Option<Box<Initializer>>,
        dressing: Dressing,
    ) -> Arc<Self> {
        Self::with_parking(sizing, threads, initializer, None, dressing)
    }

    pub(crate) fn with_parking(
        sizing: Sizing,
        threads: Threads,
        initializer: Option<Box<Initializer>>,
        parking: Option<Box<Parking>>,
        dressing: Dressing,
    ) -> Arc<Self> {
        // Of std: not part of any protocol, and older than any model.
        static POOLS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        Arc::new_cyclic(|this: &Weak<Self>| {
            let queue = Queue::new(this.clone());
            if let Some(audience) = dressing.audience() {
                queue.source().set_audience(audience);
            }
            if let Some(watch) = dressing.watch() {
                watch.set_pool(this);
            }
            let backlog = Backlog::new(queue.source(), sizing.max_workers);
            let adaptive = sizing.is_adaptive.then(Adaptive::new);
            let first = adaptive.as_ref().map_or(sizing.max_workers, |adaptive| {
                adaptive.first_size(sizing.min_workers, sizing.max_workers)
            });
            Self {
                id: POOLS.fetch_add(1, Relaxed),
                queue,
                backlog,
                idle: Idle::new(sizing.max_workers, first),
                sizing,
                adaptive,
                threads,
                dressing,
                initializer: initializer.map(|f| Contained::new("an initializer", f)),
                parking,
                broken: OnceLock::new(),
                promises: OnceLock::new(),
                cancel_follow_ups: AtomicBool::new(false),
            }
        })
    }

    /// Whether its tasks have nothing besides their closure, if nobody gives it to them.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.dressing.is_plain()
    }

    pub(crate) fn bound(&self) -> Option<&Arc<Bound>> {
        self.dressing.bound()
    }

    /// Whether each task is to say how long it has waited.
    pub(crate) fn measures_wait(&self) -> bool {
        self.dressing.measures_wait()
    }

    pub(crate) fn audience(&self) -> Option<&Arc<Audience>> {
        self.dressing.audience()
    }

    pub(crate) fn wardrobe(&self) -> &Wardrobe {
        self.dressing.wardrobe()
    }

    /// Whether a map submits its items one by one.
    pub(crate) fn dresses_items(&self) -> bool {
        self.dressing.dresses_items()
    }

    /// The hooks that take the context of a thread that submits.
    pub(crate) fn contexts(&self) -> &[Capture] {
        self.dressing.contexts()
    }

    pub(crate) fn worker_count(&self) -> usize {
        self.idle.workers()
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Where promises come from whose follow-ups run here. Not the queue's own source, since no worker may
    /// take such a task for one that it could run.
    pub(crate) fn promises(self: &Arc<Self>) -> &Arc<Source> {
        self.promises.get_or_init(|| {
            let home: Weak<Self> = Arc::downgrade(self);
            Source::new(home)
        })
    }

    pub(crate) fn backlog(&self) -> &Arc<Backlog> {
        &self.backlog
    }

    /// How many tasks wait, each item of a map counted as one.
    pub(crate) fn queued(&self) -> usize {
        self.backlog.waiting(self.queue.len())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Whether its workers are in another process, from which this one was forked.
    pub(crate) fn is_inherited(&self) -> bool {
        self.queue.source().is_inherited()
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.get().is_some()
    }

    /// Accepts a task as it is, or answers with a future that has failed. What users submit comes by
    /// [`submission`](crate::submission).
    #[inline]
    pub(crate) fn submit<W>(self: &Arc<Self>, work: W) -> Handle<W::Value, W::Error>
    where
        W: Work + Send + 'static,
    {
        self.accepted(self.queue.push(work, Gate::UntilClosed))
    }

    /// Accepts a task, or gives it back if the queue is closed. Starts a thread at once if those
    /// there are will not be enough.
    #[cfg(feature = "rim")]
    #[inline]
    pub(crate) fn push<W>(self: &Arc<Self>, work: W) -> Result<Handle<W::Value, W::Error>, W>
    where
        W: Work + Send + 'static,
    {
        let handle = self.queue.push(work, Gate::UntilClosed)?;
        if self.idle.hire(|| self.queue.len()) {
            if let Err(error) = self.start_worker() {
                self.start_failed(error);
            }
        }
        self.announce();
        Ok(handle)
    }

    /// The second half of a submit: sees to a task that was pushed, or answers for the closed queue.
    #[inline]
    pub(crate) fn accepted<W: Work>(
        self: &Arc<Self>,
        pushed: Result<Handle<W::Value, W::Error>, W>,
    ) -> Handle<W::Value, W::Error> {
        match pushed {
            Ok(handle) => {
                self.announce();
                handle
            }
            Err(work) => self.refuse(work),
        }
    }

    #[cold]
    fn refuse<W: Work>(self: &Arc<Self>, work: W) -> Handle<W::Value, W::Error> {
        self.refuse_as(work, &self.refusal())
    }

    /// Does not accept a task: drops it, and answers with a future that has failed.
    pub(crate) fn refuse_as<W: Work>(
        &self,
        work: W,
        ending: &Ending,
    ) -> Handle<W::Value, W::Error> {
        if !W::STANDS_IN {
            self.queue.source().census.reject();
        }
        drop(work.refuse(ending));
        let outcome: Outcome<W::Value, W::Error> =
            Err(ending.error().unwrap_or(TaskError::Cancelled));
        Handle::done::<W>(outcome, self.queue.source())
    }

    /// Why the queue refuses.
    pub(crate) fn refusal(&self) -> Ending {
        if self.is_inherited() {
            return Ending::Forked;
        }
        match self.broken.get() {
            Some(error) => Ending::Broken(error.clone()),
            None => Ending::Shutdown,
        }
    }

    /// Ends the oldest task for that one to take its place. Whether there was one.
    pub(crate) fn discard_oldest(&self, newer: SlotRef) -> bool {
        let Some(popped) = self.queue.pop_before(newer) else {
            return false;
        };
        if self.queue.is_empty() {
            self.threads.drained();
        }
        popped.task.end(&Ending::Discarded);
        true
    }

    /// Ends what is queued, in order. All of it is taken out first: what the ending of one sets off,
    /// in callbacks and destructors, is no longer a matter of the others.
    pub(crate) fn end_queued(&self, ending: &Ending) {
        let queued: Vec<_> = std::iter::from_fn(|| self.queue.pop()).collect();
        self.threads.drained();
        let _serving = Serving::begin(self.id, Service::Ending);
        for popped in queued {
            popped.task.end(ending);
        }
    }

    /// As [`end_queued`](Self::end_queued), also for items of maps whose runners are at work.
    fn end_unstarted(&self, ending: &Ending) {
        self.end_queued(ending);
        self.backlog.end(ending);
    }

    /// The initializer failed: nothing runs here any more.
    fn break_down(&self, worker: &str, error: Box<dyn Error + Send + Sync>) {
        report(
            Level::Error,
            format_args!("the initializer failed in worker {worker}: {error}"),
        );
        let error = BrokenThreadPool::new(worker.to_owned(), error);
        let error = self.broken.get_or_init(|| error).clone();
        self.close_doors();
        self.end_unstarted(&Ending::Broken(error));
        self.wake_all();
    }

    /// Refuses new tasks, also those of submitters who wait for room.
    fn close_doors(&self) {
        self.queue.close();
        if let Some(bound) = self.dressing.bound() {
            bound.close();
        }
    }

    /// Refuses new tasks, and lets workers end when the queue is empty.
    pub(crate) fn close(self: &Arc<Self>) {
        if self.is_inherited() {
            return self.queue.close();
        }
        self.close_doors();
        self.wake_all();
        if let Some(adaptive) = &self.adaptive {
            adaptive.nudge();
        }
        self.nudge_watch();
        // A task whose submitter has not come to starting a worker must not be waited for in vain.
        if !self.queue.is_empty() {
            self.announce();
        }
    }

    /// Maps that have begun get the runners they need for so many workers. To be called before the
    /// first of these may start, so that none of them takes what stands behind an unstarted item.
    pub(super) fn reinforce_maps(self: &Arc<Self>, workers: usize) {
        let runners = self.backlog.reinforce(workers);
        if runners.is_empty() {
            return;
        }
        self.insert(runners);
    }

    /// Puts runners of maps into the queue, each at its place.
    fn insert(self: &Arc<Self>, runners: Vec<(Mark, Task)>) {
        self.queue.insert(runners);
        match self.follow_ups_end() {
            // The queue was emptied just before.
            Some(ending) => self.end_queued(&ending),
            None => self.announce(),
        }
    }

    /// How an item ends that has come when the queue was emptied.
    #[inline]
    pub(crate) fn overtaken(&self) -> Option<Ending> {
        if self.queue.is_closed() {
            self.follow_ups_end()
        } else {
            None
        }
    }

    /// How follow-ups end, if they are not to run.
    fn follow_ups_end(&self) -> Option<Ending> {
        if self.is_broken() {
            Some(self.refusal())
        } else {
            self.cancel_follow_ups
                .load(SeqCst)
                .then_some(Ending::Cancelled)
        }
    }

    /// Cancels what is queued.
    pub(crate) fn cancel_queued(&self) {
        if self.is_inherited() {
            return;
        }
        self.cancel_follow_ups.store(true, SeqCst);
        self.end_unstarted(&Ending::Cancelled);
    }

    /// Asks what runs, and what will start, to stop.
    pub(crate) fn stop_running(&self) {
        self.queue.source().stops.stop_all();
    }

    /// The tasks with a name that run.
    pub(crate) fn running_tasks(&self) -> Vec<RunningTask> {
        self.queue.source().names.running()
    }

    /// Whether the calling thread is one of the workers.
    pub(crate) fn is_own_worker(&self) -> bool {
        worker::is_current(self)
    }

    /// Whether the calling thread must not wait for room in the queue: it may be the one to make it.
    pub(crate) fn is_never_held_back(&self) -> bool {
        self.is_own_worker() || is_served_here(self.id)
    }

    /// The worker of this number takes no more tasks. Not in its loop, which is small for being run often.
    #[cold]
    #[inline(never)]
    fn lose(&self, number: usize) {
        self.queue.source().census.leave(number);
        self.dressing.presence().go();
        if let Some(adaptive) = &self.adaptive {
            adaptive.leave(number);
        }
        self.nudge_watch();
    }

    /// Waits for the end of all workers of a closed pool.
    pub(crate) fn join(&self, limit: Limit) -> Result<(), ShutdownError> {
        if self.is_inherited() {
            return Ok(());
        }
        if self.is_own_worker() || is_started_here(self.id) {
            return Err(ShutdownError {
                own_worker: true,
                running: Vec::new(),
                tasks: Vec::new(),
                queued: self.queued(),
            });
        }
        self.threads
            .join(|| self.idle.workers() == 0 && self.queue.is_empty(), limit)
            .map_err(|running| ShutdownError {
                own_worker: false,
                tasks: RunningTask::on(&running, &self.running_tasks()),
                running,
                queued: self.queued(),
            })
    }
}

impl Home for Pool {
    fn ambience(&self) -> Option<Ambience> {
        (!Ambience::is_empty(self)).then(|| Ambience::take(self))
    }

    fn audience(&self) -> Option<&Arc<Audience>> {
        self.dressing.audience()
    }

    fn adopt(self: Arc<Self>, task: Task) {
        // Cancelled before it was due: it would take room for nothing.
        if self.bound().is_some() && task.is_over() {
            return;
        }
        if let Some(ending) = self.follow_ups_end() {
            return task.end(&ending);
        }
        // A worker of this pool looks at the queue again before it ends, so it may push even into a
        // closed one: what was accepted before the shutdown still runs.
        let gate = if self.is_own_worker() {
            Gate::Always
        } else {
            Gate::UntilClosed
        };
        let adopted = Adopted(task);
        let pushed = match self.bound() {
            None => self
                .queue
                .push(adopted, gate)
                .map(drop)
                .map_err(|work| work.0),
            // It was accepted already, so it is not held back; but it counts.
            Some(bound) => {
                let extras = Extras::default().with(Some(bound.force(1)));
                let pushed = self.queue.push(Dressed::new(adopted, extras), gate);
                pushed.map(drop).map_err(|work| work.into_work().0)
            }
        };
        match pushed {
            Ok(()) => match self.follow_ups_end() {
                // The pool broke, or was cancelled, and its queue emptied, just before the push.
                Some(ending) => self.end_queued(&ending),
                None => self.announce(),
            },
            Err(task) => task.end(&self.refusal()),
        }
    }

    fn stand_in(self: Arc<Self>, errand: Errand) -> Result<(), Errand> {
        stand_in::start(&self, errand)
    }

    fn pause(self: Arc<Self>, pause: Pause) {
        if let Some(watch) = self.watch() {
            watch.pauses(pause);
        }
        Self::pause(&self, pause);
    }

    fn resume(self: Arc<Self>, pause: Pause) {
        Self::resume(&self, pause);
        if let Some(watch) = self.watch() {
            watch.resumes();
        }
    }

    fn tidy(&self) {
        if !self.is_inherited() && self.queue.tidy() {
            // Somebody may be waiting for an empty queue.
            self.threads.drained();
        }
    }
}

/// A task of its own slot, on its way through the queue.
struct Adopted(Task);

impl Work for Adopted {
    const STANDS_IN: bool = true;

    type Value = ();
    type Error = std::convert::Infallible;
    type After = ();

    const IS_VOID: Option<fn(&Self) -> bool> = Some(|adopted| adopted.0.is_over());

    fn perform(self, turn: &mut dyn Turn) -> (Outcome<(), Self::Error>, ()) {
        self.0.run(turn);
        (Ok(()), ())
    }

    fn refuse(self, ending: &Ending) {
        self.0.end(ending);
    }
}

//! A batch of items, and the runners that run them.

use super::{
    Outcomes,
    cells::{Claim, Ended, Outcome, Published, Reader, Row, Writer, drop_outcome},
    claims::{Known, Leave},
    clerk::{Clerk, count_unrun},
};
use crate::{
    error::TaskError,
    pool::{
        backlog::{Backlog, Unstarted},
        worker::current_pool,
    },
    queue::Mark,
    submission::Ambience,
    sync::{AcqRel, AtomicBool, AtomicUsize, Mutex, Thread, current, lock, park_until},
    task::{
        Ending, Handle, Task, Turn, Work,
        reclaim::{Item, Items},
        runner::Cascade,
    },
    time::Limit,
    token::ambient,
    unwind::{Contained, catch, drop_contained},
};
use std::{convert::Infallible, sync::Arc};

/// What all batches of a map share.
pub(crate) struct Job<F> {
    /// Until no item is left to be started. A runner takes its own handle of it together with its
    /// first item and lets it go before it publishes its last outcome; so the function is gone when
    /// the last outcome can be seen.
    function: Mutex<Option<Arc<Contained<F>>>>,
    /// Batches with items to be started, or to come; and one for the input, as long as it is read.
    open: AtomicUsize,
    /// The thread that iterates, set before it says that it sleeps.
    sleeper: Mutex<Option<Thread>>,
    backlog: Arc<Backlog>,
    /// What the items take over from where the map was called, if anything.
    ambience: Option<Ambience>,
}

impl<F> Job<F> {
    pub(crate) fn new(function: F, backlog: Arc<Backlog>, ambience: Option<Ambience>) -> Arc<Self> {
        let function = Arc::new(Contained::new("the function of a map", function));
        Arc::new(Self {
            function: Mutex::new(Some(function)),
            open: AtomicUsize::new(1),
            sleeper: Mutex::new(None),
            backlog,
            ambience,
        })
    }

    /// A batch has no item left to be started, or the input was read.
    pub(crate) fn close_one(&self) {
        if self.open.fetch_sub(1, AcqRel) == 1 {
            let function = lock(&self.function).take();
            drop(function);
        }
    }

    fn wake(&self) {
        let sleeper = lock(&self.sleeper).clone();
        if let Some(thread) = sleeper {
            thread.unpark();
        }
    }
}

/// A runner's first item, and its handle of the function.
type Begun<'a, I, F, R, E> = (Claim<'a, I, R, E>, Arc<Contained<F>>);

/// Items that stand in the queue one directly behind the other.
pub(crate) struct Batch<I, F, R, E> {
    row: Row<I, R, E>,
    job: Arc<Job<F>>,
    /// What was pushed before the first item was read stands before this, and only that.
    mark: Mark,
    /// No item is left to be started, and the job knows it.
    over: AtomicBool,
}

impl<I, F, R, E> Batch<I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    pub(crate) fn new(job: &Arc<Job<F>>, capacity: usize, mark: Mark) -> (Arc<Self>, Writer) {
        let (row, writer) = Row::new(capacity);
        job.open.fetch_add(1, AcqRel);
        let batch = Arc::new(Self {
            row,
            job: Arc::clone(job),
            mark,
            over: AtomicBool::new(false),
        });
        let unstarted: Arc<dyn Unstarted> = batch.clone();
        job.backlog.add(Arc::downgrade(&unstarted));
        (batch, writer)
    }

    /// The most items of a batch of at most so many bytes.
    pub(crate) const fn items_in(bytes: usize) -> usize {
        bytes / Row::<I, R, E>::CELL
    }

    pub(crate) fn is_full(&self, writer: &Writer) -> bool {
        self.row.is_full(writer)
    }

    /// Appends an item. How many runners there are to take it.
    #[inline]
    pub(crate) fn push(&self, writer: &mut Writer, input: I) -> usize {
        self.row.push(writer, input)
    }

    pub(crate) fn seal(&self, writer: Writer) -> Reader {
        let reader = writer.seal(&self.row);
        self.close_if_over();
        reader
    }

    /// A runner for the queue, on the account from now on.
    pub(crate) fn runner(self: &Arc<Self>) -> Runner<I, F, R, E> {
        self.row.enlist();
        self.enlisted()
    }

    fn enlisted(self: &Arc<Self>) -> Runner<I, F, R, E> {
        self.job.backlog.runner_queued();
        Runner {
            batch: Arc::clone(self),
        }
    }

    fn enlisted_task(self: &Arc<Self>) -> Task {
        Handle::pending(self.enlisted(), self.job.backlog.source()).0
    }

    /// Lets the job's handle of the function go, if no item is left to be started. To be called by
    /// who has taken an item and not yet published its outcome, so that this is over before the
    /// last outcome can be seen; or by the thread that iterates, which cannot look meanwhile.
    fn close_if_over(&self) {
        if self.row.is_over() && !self.over.swap(true, AcqRel) {
            self.job.backlog.forget(self);
            self.job.close_one();
        }
    }

    fn run(self: &Arc<Self>, turn: &mut dyn Turn) {
        let mut known = Known::default();
        let Some((mut claim, function)) = self.begin(&mut known) else {
            return;
        };
        let clerk = Clerk::of(turn, self.job.backlog.census());
        loop {
            clerk.begin();
            let (input, blank) = claim.begin();
            let ended = blank.fill(self.call(&function, input));
            clerk.end(ended.done());
            // What nobody wants is dropped now: after the next item is taken it would keep that one
            // waiting.
            let ended = if ended.is_abandoned() {
                self.publish(ended, turn);
                None
            } else {
                Some(ended)
            };
            if clerk.is_called() && turn.is_surplus() {
                self.close_if_over();
                drop(function);
                if let Some(ended) = ended {
                    self.publish(ended, turn);
                }
                // This runner stays on the account, and another worker goes on with it.
                turn.hand_over(self.mark, self.enlisted_task());
                return;
            }
            let next = self.next(&mut known);
            let Some(next) = next else {
                self.close_if_over();
                drop(function);
                if let Some(ended) = ended {
                    turn.about_to_publish(None);
                    self.publish(ended, turn);
                }
                return;
            };
            if let Some(ended) = ended {
                self.publish(ended, turn);
            }
            claim = next;
        }
    }

    #[inline]
    fn call(&self, function: &F, input: I) -> Outcome<R, E> {
        match &self.job.ambience {
            None => call(function, input),
            Some(ambience) => ambience.call(|input| call(function, input), input),
        }
    }

    /// Runs one item, if nobody has taken it.
    fn run_at(&self, place: usize) {
        let function = lock(&self.job.function);
        let Some(claim) = self.row.claim_at(place) else {
            return;
        };
        let own = here(function.as_ref());
        drop(function);
        let (input, blank) = claim.begin();
        let clerk = Clerk::Outside(self.job.backlog.census());
        clerk.begin();
        // Above the task that waits for it, of which it takes over nothing.
        let ended = blank.fill(ambient::apart(|| self.call(&own, input)));
        clerk.end(ended.done());
        self.close_if_over();
        drop(own);
        Cascade::outside(|cascade| self.publish(ended, cascade.turn()));
    }

    /// The first item of a runner, and the function. Both under one lock, so that no runner has the
    /// function without an item.
    fn begin(&self, known: &mut Known) -> Option<Begun<'_, I, F, R, E>> {
        let function = lock(&self.job.function);
        let claim = self.next(known)?;
        Some((claim, here(function.as_ref())))
    }

    /// The next item; if there is none, the runner is off the account.
    #[inline]
    fn next(&self, known: &mut Known) -> Option<Claim<'_, I, R, E>> {
        loop {
            let claim = self.row.claim(known);
            if claim.is_some() || self.row.leave(*known) == Leave::Left {
                return claim;
            }
        }
    }

    #[inline]
    fn publish(&self, ended: Ended<'_, I, R, E>, turn: &mut dyn Turn) {
        match ended.publish() {
            Published::Done => {}
            Published::Awaited => self.job.wake(),
            Published::Unwanted(outcome) => {
                turn.leave_search();
                drop_outcome(outcome);
            }
        }
    }

    /// Ends what has not started. It will not run.
    pub(crate) fn end_rest(&self, ending: &Ending) {
        let mut rest = self.row.claim_rest().peekable();
        if rest.peek().is_some() {
            self.close_if_over();
        }
        for claim in rest {
            let (input, blank) = claim.begin();
            drop_contained("a task that did not run", input);
            let ended = match ending.error() {
                Some(error) => blank.fill(Err(error)),
                None => blank.cancel(),
            };
            count_unrun(self.job.backlog.census(), ending, ended.done());
            match ended.publish() {
                Published::Done => {}
                Published::Awaited => self.job.wake(),
                Published::Unwanted(outcome) => drop_outcome(outcome),
            }
        }
    }
}

fn here<F>(function: Option<&Arc<Contained<F>>>) -> Arc<Contained<F>> {
    function.cloned().expect("here while an item is left")
}

fn call<I, R, E>(f: &impl Fn(I) -> Result<R, E>, input: I) -> Outcome<R, E> {
    match catch(|| f(input)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(TaskError::Failed(error)),
        Err(panic) => Err(TaskError::Panicked(panic)),
    }
}

impl<I, F, R, E> Unstarted for Batch<I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    fn count(&self) -> usize {
        self.row.unstarted()
    }

    fn came(&self) -> usize {
        self.row.came()
    }

    fn end(&self, ending: &Ending) {
        self.end_rest(ending);
    }

    fn reinforce(self: Arc<Self>, workers: usize) -> (Mark, Vec<Task>) {
        let runners = (0..self.row.reinforce(workers))
            .map(|_| self.enlisted_task())
            .collect();
        (self.mark, runners)
    }
}

impl<I, F, R, E> Outcomes<R, E> for Batch<I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    fn is_ready(&self, reader: &Reader) -> bool {
        self.row.is_ready(reader)
    }

    fn take(&self, reader: &mut Reader) -> Option<Outcome<R, E>> {
        self.row.take(reader)
    }

    fn is_own_workers(&self) -> bool {
        current_pool().is_some_and(|pool| Arc::ptr_eq(pool.backlog(), &self.job.backlog))
    }

    fn unstarted(self: Arc<Self>, reader: &Reader) -> Option<Item> {
        let place = self.row.unstarted_at(reader)?;
        Some(Item { row: self, place })
    }

    fn sleep(&self, reader: &Reader, limit: Limit) {
        *lock(&self.job.sleeper) = Some(current());
        self.row.announce_sleep(reader);
        while !self.row.is_ready(reader) && !limit.is_over() {
            park_until(limit.deadline());
        }
    }

    fn is_inherited(&self) -> bool {
        self.job.backlog.source().is_inherited()
    }

    fn cancel(&self) {
        self.end_rest(&Ending::Cancelled);
        self.job.backlog.source().bury(self.row.weight());
    }

    fn abandon(&self, reader: &mut Reader) {
        self.row.abandon(reader);
    }
}

impl<I, F, R, E> Items for Batch<I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    fn run(&self, place: usize) {
        self.run_at(place);
    }

    fn end(&self, ending: &Ending) {
        self.end_rest(ending);
    }
}

/// A task of the pool that runs items of one batch until none is left to be started.
pub(crate) struct Runner<I, F, R, E> {
    batch: Arc<Batch<I, F, R, E>>,
}

impl<I, F, R, E> Work for Runner<I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    const STANDS_IN: bool = true;

    type Value = ();
    type Error = Infallible;
    type After = ();

    const IS_VOID: Option<fn(&Self) -> bool> = Some(|runner| runner.batch.row.is_over());

    fn perform(self, turn: &mut dyn Turn) -> (Result<(), TaskError>, ()) {
        self.batch.job.backlog.runner_taken();
        self.batch.run(turn);
        (Ok(()), ())
    }

    fn refuse(self, ending: &Ending) {
        self.batch.job.backlog.runner_taken();
        // As long as others come or run, they see to the items.
        if self.batch.row.strike_off() {
            self.batch.end_rest(ending);
        }
    }
}

//! Reads the input of a map, and puts items and runners where they belong.

use super::{
    Map, Piece,
    batch::{Batch, Job},
    cells::Writer,
};
use crate::{pool::Pool, queue::Mark, task::Home};
use std::sync::Arc;

/// The items of the first batch, and of one behind a batch that was cut short.
#[cfg(not(loom))]
const FEW: usize = 16;
#[cfg(loom)]
const FEW: usize = 2;
/// The items of a large batch: enough that its runners cost little for each.
const MANY: usize = 1024;
/// Fewer, if they would take more bytes than this.
const LARGE: usize = 64 * 1024;

pub(super) struct Feed<'a, I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    pool: &'a Arc<Pool>,
    job: Arc<Job<F>>,
    open: Option<Open<I, F, R, E>>,
    capacity: usize,
    map: Map<R, E>,
}

/// The batch that is being filled.
struct Open<I, F, R, E> {
    batch: Arc<Batch<I, F, R, E>>,
    writer: Writer,
    /// The end of the queue if nobody else has pushed since the batch was begun. As long as it is
    /// there, an item that is appended to the batch stands where it would stand in the queue.
    mark: Option<Mark>,
}

impl<'a, I, F, R, E> Feed<'a, I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn new(pool: &'a Arc<Pool>, f: F) -> Self {
        let ambience = pool.ambience();
        Self {
            pool,
            job: Job::new(f, Arc::clone(pool.backlog()), ambience),
            open: None,
            capacity: FEW,
            map: Map::new(),
        }
    }

    /// The map of all that was pushed.
    pub(super) fn finish(mut self) -> Map<R, E> {
        self.seal();
        std::mem::replace(&mut self.map, Map::new())
    }

    #[inline]
    pub(super) fn push(&mut self, input: I) {
        let mut open = self.fitting();
        let runners = open.batch.push(&mut open.writer, input);
        if runners < self.pool.backlog().workers() {
            open.add_runner(self.pool);
        }
        // The pool may have been closed and its items ended just before this one came.
        if let Some(ending) = self.pool.overtaken() {
            open.batch.end_rest(&ending);
        }
        self.open = Some(open);
    }

    /// The batch to which the next item belongs.
    #[inline]
    fn fitting(&mut self) -> Open<I, F, R, E> {
        let mark = self.pool.queue().mark();
        match self.open.take() {
            Some(open) if open.mark == Some(mark) && !open.batch.is_full(&open.writer) => open,
            other => self.next(other, mark),
        }
    }

    #[cold]
    fn next(&mut self, before: Option<Open<I, F, R, E>>, mark: Mark) -> Open<I, F, R, E> {
        self.capacity = match &before {
            Some(open) if open.batch.is_full(&open.writer) => {
                let most = Batch::<I, F, R, E>::items_in(LARGE).clamp(FEW, MANY);
                (self.capacity * 2).min(most)
            }
            _ => FEW,
        };
        self.open = before;
        self.seal();
        let (batch, writer) = Batch::new(&self.job, self.capacity, mark);
        Open {
            batch,
            writer,
            mark: Some(mark),
        }
    }

    fn seal(&mut self) {
        if let Some(Open { batch, writer, .. }) = self.open.take() {
            let reader = batch.seal(writer);
            self.map.add(Piece { batch, reader });
        }
    }
}

/// Also if the input panics: what was read still runs, and nobody will look at the outcomes.
impl<I, F, R, E> Drop for Feed<'_, I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    fn drop(&mut self) {
        self.seal();
        self.job.close_one();
    }
}

impl<I, F, R, E> Open<I, F, R, E>
where
    I: Send + 'static,
    F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    fn add_runner(&mut self, pool: &Arc<Pool>) {
        drop(pool.submit(self.batch.runner()));
        let now = pool.queue().mark();
        // If somebody else pushed too, later items have to stand behind that.
        let alone = |mark: &Mark| now == *mark || now == mark.next();
        self.mark = self.mark.filter(alone).map(|_| now);
    }
}

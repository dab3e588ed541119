//! Inputs that are read one at a time and submitted each as a task of its own.

use crate::{
    Future, ThreadPoolExecutor, observing::Site, pool::Pool, submission::submit,
    task::work::Fallible, unwind::Contained,
};
use std::{fmt, sync::Arc};

/// Starts items of a map as tasks.
pub(super) struct Starter<F> {
    function: Arc<Contained<F>>,
    /// Where the map was called.
    site: Site,
}

impl<F> Starter<F> {
    pub(super) fn new(function: F, site: Site) -> Self {
        Self {
            function: Arc::new(Contained::new("the function of a map", function)),
            site,
        }
    }

    pub(super) fn start<I, R, E>(&self, pool: &Arc<Pool>, input: I) -> Future<R, E>
    where
        I: Send + 'static,
        F: Fn(I) -> Result<R, E> + Send + Sync + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let function = Arc::clone(&self.function);
        let task = Fallible(move || function(input));
        Future::new(submit(pool, task, self.site))
    }
}

/// The rest of an input, and how its items are started.
pub(super) struct Intake<I: Iterator, R, E> {
    /// Gone when nothing more is to be read, and the function with it.
    open: Option<Open<I, R, E>>,
}

struct Open<I: Iterator, R, E> {
    inputs: I,
    start: Box<Start<I::Item, R, E>>,
    pool: ThreadPoolExecutor,
}

type Start<I, R, E> = dyn Fn(&Arc<Pool>, I) -> Future<R, E> + Send + Sync;

impl<I, R, E> Intake<I, R, E>
where
    I: Iterator,
    I::Item: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn new<F>(pool: &ThreadPoolExecutor, inputs: I, f: F, site: Site) -> Self
    where
        F: Fn(I::Item) -> Result<R, E> + Send + Sync + 'static,
    {
        let starter = Starter::new(f, site);
        Self {
            open: Some(Open {
                inputs,
                start: Box::new(move |pool, input| starter.start(pool, input)),
                pool: pool.clone(),
            }),
        }
    }
}

impl<I: Iterator, R, E> Intake<I, R, E> {
    /// Reads one more input, if there is one, and submits its task.
    pub(super) fn next(&mut self) -> Option<Future<R, E>> {
        // Out of its place: an input that panics has ended.
        let mut open = self.open.take()?;
        let pool = open.pool.pool();
        // A closed pool refuses the item, which says why; then there is no point in more of them.
        let closed = pool.is_closed();
        let input = open.inputs.next()?;
        let future = (open.start)(pool, input);
        if !closed {
            self.open = Some(open);
        }
        Some(future)
    }

    /// Nothing to read.
    pub(super) fn ended() -> Self {
        Self { open: None }
    }

    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// How many inputs are left, as `size_hint` says it.
    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.open {
            Some(open) => open.inputs.size_hint(),
            None => (0, Some(0)),
        }
    }
}

impl<I: Iterator, R, E> fmt::Debug for Intake<I, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.open {
            Some(_) => "open",
            None => "ended",
        })
    }
}

use std::{error::Error, fmt, sync::Arc};

/// A wait that could never have ended: the task waited for waits in turn, perhaps by way of others,
/// for the very task that asked.
///
/// Found when the wait that closes the circle begins, among the workers of one pool. That wait ends
/// with this error and the others go on, so a program that handles it is not stuck. The text names
/// the workers, and the tasks that have a name, in the order in which they wait for each other.
///
/// ```
/// use concurrent_futures::{Future, TaskError, ThreadPoolExecutor};
/// use std::sync::mpsc;
///
/// let pool = ThreadPoolExecutor::builder().thread_name_prefix("io").build()?;
/// let (give, take) = mpsc::channel::<Future<bool>>();
/// let (tell, told) = mpsc::channel();
/// let future = pool.submit(move || {
///     let myself = take.recv().unwrap();
///     let Err(TaskError::Deadlock(deadlock)) = myself.result() else { unreachable!() };
///     tell.send(deadlock.to_string()).is_ok()
/// });
/// give.send(future)?;
/// assert_eq!(told.recv()?, "deadlock: the task in worker io_0 waits for itself");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlock(Arc<[Waiting]>);

/// One of those who wait for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) worker: Arc<str>,
    /// The name of its task.
    pub(crate) task: Option<Arc<str>>,
}

impl Deadlock {
    /// For some of whom each waits for the next, and the last for the first.
    pub(crate) fn new(circle: Vec<Waiting>) -> Self {
        Self(circle.into())
    }

    /// The names of the workers, each of which waits for the next one and the last for the first.
    /// The first one is the worker whose wait ended.
    pub fn workers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|waiting| &*waiting.worker)
    }

    /// The names of their tasks, those of them that have one, in the same order.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.0.iter().map(|waiting| waiting.task.as_deref())
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { worker, task } = self;
        match task {
            Some(task) => write!(f, "the task {task:?} in worker {worker}"),
            None => write!(f, "the task in worker {worker}"),
        }
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.0.split_first() else {
            return f.write_str("deadlock");
        };
        write!(f, "deadlock: {first} waits for ")?;
        if others.is_empty() {
            return f.write_str("itself");
        }
        for other in others {
            write!(f, "{other}, which waits for ")?;
        }
        f.write_str("the first")
    }
}

impl Error for Deadlock {}

use std::{error::Error, fmt, sync::Arc};

/// A wait that could never have ended: the task waited for waits in turn, perhaps by way of others,
/// for the very task that asked.
///
/// Found when the wait that closes the circle begins, among the workers of one pool. That wait ends
/// with this error and the others go on, so a program that handles it is not stuck. The text names
/// the workers in the order in which they wait for each other, and the tasks that have names.
///
/// A wait in the child of a fork, for a task of a pool that was made before, could never end either:
/// the task's worker is in the parent. That is [`is_forked`](Self::is_forked), and there are no names.
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
pub struct Deadlock(Arc<Vec<Step>>);

/// A task of the circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) worker: Arc<str>,
    pub(crate) task: Option<Arc<str>>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.task {
            Some(task) => write!(f, "{} ({task:?})", self.worker),
            None => f.write_str(&self.worker),
        }
    }
}

impl Deadlock {
    /// For tasks of which each waits for the next, and the last for the first.
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Self(Arc::new(steps))
    }

    /// For a wait for what another process does.
    pub(crate) fn forked() -> Self {
        Self::new(Vec::new())
    }

    /// Whether the wait was for a task whose worker is in the process that this one was forked from.
    pub fn is_forked(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the workers, each of which waits for the next one and the last for the first.
    /// The first one is the worker whose wait ended.
    pub fn workers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|step| &*step.worker)
    }

    /// The names of the tasks in the same order, of those that [have one](crate::TaskBuilder::name).
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.0.iter().map(|step| step.task.as_deref())
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.0.split_first() else {
            return f.write_str(
                "deadlock: the task's worker is in the process that this one was forked from",
            );
        };
        write!(f, "deadlock: the task in worker {first} waits for ")?;
        if others.is_empty() {
            return f.write_str("itself");
        }
        for step in others {
            write!(f, "the one in {step}, which waits for ")?;
        }
        write!(f, "the one in {first}")
    }
}

impl Error for Deadlock {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wait_across_a_fork_is_of_nobody() {
        let step = Step {
            worker: "io_0".into(),
            task: None,
        };
        assert!(Deadlock::forked().is_forked());
        assert!(!Deadlock::new(vec![step]).is_forked());
    }
}

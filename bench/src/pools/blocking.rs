use super::{Awaited, Pending, Pool};
use blocking::unblock;

/// The process's one pool; its size comes from the environment.
pub(crate) struct Blocking;

/// The variable that gives the pool's size.
pub(crate) const THREADS: &str = "BLOCKING_MAX_THREADS";

impl Pool for Blocking {
    fn start(_threads: usize) -> Self {
        Self
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Awaited(unblock(task))
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        unblock(task).detach();
    }

    fn stop(self) {}
}

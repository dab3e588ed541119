use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread::{self, Thread},
};

/// Lets the thread that made it wait for a number of tasks.
pub(crate) struct Countdown {
    left: AtomicU64,
    waiter: Thread,
}

impl Countdown {
    /// Lives as long as the process, so that a task needs to hold a pointer only.
    pub(crate) fn leaked(tasks: u64) -> &'static Self {
        Box::leak(Box::new(Self {
            left: AtomicU64::new(tasks),
            waiter: thread::current(),
        }))
    }

    pub(crate) fn count_down(&self) {
        let before = self.left.fetch_sub(1, Ordering::AcqRel);
        assert!(before > 0, "a task ran twice");
        if before == 1 {
            self.waiter.unpark();
        }
    }

    pub(crate) fn wait(&self) {
        while self.left.load(Ordering::Acquire) > 0 {
            thread::park();
        }
    }
}

/// Counts down when it is dropped: when its task has run, or was cancelled.
pub(crate) struct Token(pub(crate) &'static Countdown);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.count_down();
    }
}

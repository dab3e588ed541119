//! What the model checker lacks of threads.
//!
//! loom's own `unpark` wakes its thread from whatever it is blocked in, also from a `join` or a
//! lock, which then fail. A token of the thread's own wakes it from `park` only, as in std.

use loom::sync::{Condvar, Mutex};
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Thread(Arc<(Mutex<bool>, Condvar)>);

impl Thread {
    pub(crate) fn unpark(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_one();
    }
}

loom::thread_local! {
    static CURRENT: Thread = Thread(Arc::new((Mutex::new(false), Condvar::new())));
}

pub(crate) fn current() -> Thread {
    CURRENT.with(Thread::clone)
}

pub(crate) fn park() {
    let thread = current();
    let mut token = thread.0.0.lock().unwrap();
    if !*token {
        token = thread.0.1.wait(token).unwrap();
    }
    *token = false;
}

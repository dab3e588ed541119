//! One worker: initialise, then take, run, forget, until the pool is closed and the queue empty.

use super::{Pool, idle::Sleeper, threads::Enlisted};
use crate::{
    error::Panic,
    sync::{SeqCst, Spin},
    task::{Task, Turn},
    unwind::catch,
};
use std::{cell::Cell, ptr, sync::Arc};

thread_local! {
    /// The pool whose worker this thread is.
    static CURRENT: Cell<*const Pool> = const { Cell::new(ptr::null()) };
}

/// Whether the calling thread is a worker of that pool.
pub(crate) fn is_current(pool: &Pool) -> bool {
    CURRENT.with(Cell::get) == ptr::from_ref(pool)
}

/// The life of a worker, from its start, which is counted as searching already, to its end.
pub(crate) fn live(pool: Arc<Pool>, enlisted: Enlisted) {
    CURRENT.with(|current| current.set(Arc::as_ptr(&pool)));
    let Enlisted { number, name } = enlisted;
    let mut worker = Worker {
        sleeper: Sleeper::new(),
        pool,
        searching: true,
        more: false,
        spin: Spin::new(),
    };
    if worker.initialise(&name) {
        while let Some(task) = worker.next() {
            task.run(&mut worker);
        }
    }
    worker.pool.idle.leave();
    worker.pool.threads.ended(number);
}

struct Worker {
    pool: Arc<Pool>,
    sleeper: Arc<Sleeper>,
    /// Whether this worker counts as searching.
    searching: bool,
    /// Whether the queue held more when the task at hand was taken from it.
    more: bool,
    spin: Spin,
}

impl Worker {
    /// Whether the worker may go on.
    fn initialise(&mut self, name: &str) -> bool {
        let pool = Arc::clone(&self.pool);
        let Some(initializer) = &pool.initializer else {
            return true;
        };
        pool.initializing.fetch_add(1, SeqCst);
        self.leave_search();
        let result = catch(&***initializer);
        self.begin_search();
        pool.initializing.fetch_sub(1, SeqCst);
        let error = match result {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => error,
            Err(panic) => Box::<Panic>::new(panic),
        };
        pool.break_down(name, error);
        false
    }

    /// The next task; `None` when there will be none.
    fn next(&mut self) -> Option<Task> {
        loop {
            if let Some(popped) = self.pool.queue.pop() {
                self.leave_search();
                self.more = popped.more;
                return Some(popped.task);
            }
            // At most one worker of a pool spins: the one that began to search alone.
            let alone = self.begin_search();
            let queue = &self.pool.queue;
            if alone && self.spin.until(|| !queue.is_empty()) {
                continue;
            }
            if queue.is_closed() {
                // Closed first, empty then: nothing can come any more.
                if queue.is_empty() {
                    return None;
                }
                continue;
            }
            self.sleep();
        }
    }

    /// Counts as searching from now on, if it did not. Whether nobody else does.
    fn begin_search(&mut self) -> bool {
        self.searching || {
            self.searching = true;
            self.pool.idle.begin_search()
        }
    }

    fn sleep(&mut self) {
        let pool = &self.pool;
        pool.idle.lie_down(&self.sleeper);
        // Whoever came before we lay down may have counted on our searching.
        if !pool.queue.is_empty() {
            pool.rouse();
        }
        if pool.queue.is_closed() {
            pool.wake_all();
        }
        // Whoever wakes a sleeper has counted it as searching again.
        self.sleeper.sleep();
    }
}

impl Turn for Worker {
    fn about_to_publish(&mut self) {
        if !self.more {
            self.begin_search();
        }
    }

    fn leave_search(&mut self) {
        if std::mem::take(&mut self.searching)
            && self.pool.idle.end_search()
            && !self.pool.queue.is_empty()
        {
            self.pool.rouse();
        }
    }
}

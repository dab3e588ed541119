//! One worker: initialise, then take, run, forget, until the pool is closed and the queue empty.

use super::{Pool, idle::Sleeper, threads::Enlisted};
use crate::{
    sync::Spin,
    task::{
        Task, Turn,
        block::{Emptied, Returns},
        post::{OnDuty, Post},
    },
    unwind::catch,
};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    sync::{Arc, Weak},
};

thread_local! {
    /// The id of the pool whose worker this thread is, also in its thread-local destructors.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
    /// The pool itself, until then.
    static POOL: RefCell<Weak<Pool>> = const { RefCell::new(Weak::new()) };
}

/// Whether the calling thread is a worker of that pool.
pub(crate) fn is_current(pool: &Pool) -> bool {
    CURRENT.with(Cell::get) == pool.id
}

/// The pool whose worker the calling thread is.
pub(crate) fn current_pool() -> Option<Arc<Pool>> {
    POOL.try_with(|pool| pool.borrow().upgrade()).ok()?
}

/// The life of a worker, from its start, which is counted as coming already, to its end.
pub(crate) fn live(pool: Arc<Pool>, enlisted: Enlisted) {
    let Enlisted { number, name } = enlisted;
    enter(&pool);
    let initialised = initialise(&pool);
    let _on_duty = take_post(&pool, &name);
    pool.idle.arrive();
    let mut worker = Worker {
        pool,
        number,
        sleeper: Sleeper::new(),
        searching: true,
        more: false,
        known_tail: 0,
        spin: Spin::for_many(),
        returns: Returns::default(),
    };
    match initialised {
        Ok(()) => {
            while let Some(task) = worker.next() {
                task.run(&mut worker);
            }
        }
        Err(error) => worker.pool.break_down(&name, error),
    }
}

/// The calling thread is a worker of that pool from now on.
pub(super) fn enter(pool: &Arc<Pool>) {
    CURRENT.with(|current| current.set(pool.id));
    POOL.with(|current| current.replace(Arc::downgrade(pool)));
}

/// It is initialised: from now on it may run tasks that its task waits for.
pub(super) fn take_post(pool: &Pool, name: &str) -> OnDuty {
    Post::take(pool.queue.source(), name, pool.threads.stack())
}

pub(super) fn initialise(pool: &Pool) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Some(initializer) = &pool.initializer else {
        return Ok(());
    };
    match catch(&***initializer) {
        Ok(result) => result,
        Err(panic) => Err(Box::new(panic)),
    }
}

struct Worker {
    pool: Arc<Pool>,
    number: usize,
    sleeper: Arc<Sleeper>,
    /// Whether this worker counts as searching.
    searching: bool,
    /// Whether the queue held more when the task at hand was taken from it.
    more: bool,
    /// Where this worker last saw the end of the queue.
    known_tail: usize,
    spin: Spin,
    returns: Returns,
}

impl Worker {
    /// The next task; `None` when there will be none.
    fn next(&mut self) -> Option<Task> {
        loop {
            if let Some(popped) = self.pool.queue.pop_known(&mut self.known_tail) {
                self.leave_search();
                self.more = popped.more;
                return Some(popped.task);
            }
            // At most one worker of a pool spins: the one that began to search alone.
            let alone = self.begin_search() && self.pool.parking.is_none();
            let queue = &self.pool.queue;
            if alone && self.spin.until_given_way(|| !queue.is_empty()) {
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
        self.returns.flush();
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
        match &pool.parking {
            None => self.sleeper.sleep(),
            Some(parking) => parking(&mut || self.sleeper.sleep()),
        }
    }
}

/// The end of the worker, by whatever way.
impl Drop for Worker {
    fn drop(&mut self) {
        self.returns.flush();
        self.begin_search();
        self.pool.idle.leave();
        self.pool.threads.ended(self.number);
    }
}

impl Turn for Worker {
    fn about_to_publish(&mut self) {
        if !self.more {
            self.begin_search();
        }
    }

    fn leave_search(&mut self) {
        if std::mem::take(&mut self.searching) {
            let last = self.pool.idle.end_search();
            if !self.pool.queue.is_empty() {
                if last {
                    self.pool.rouse();
                }
                // A host's workers wait for each other's lock: one at a time is enough.
                if self.pool.parking.is_none() {
                    self.pool.rouse_for_backlog();
                }
            }
        }
    }

    fn give_back(&mut self, emptied: Emptied) {
        self.returns.add(emptied);
    }
}

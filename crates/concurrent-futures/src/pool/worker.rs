//! One worker: initialise, then take, run, forget, until the pool is closed and the queue empty.

use super::{
    Pool,
    idle::{Sleeper, Waking},
    threads::Enlisted,
};
use crate::{
    observing::Audience,
    queue::{Mark, Place, Position},
    submission::{Dress, TakenOff},
    sync::{Padded, Spin, thread_local},
    task::{
        Task, Turn,
        block::{Emptied, Returns},
        census::Count,
        notices::{FORKED, Notices, SURPLUS},
        post::{OnDuty, Post},
        state::Done,
    },
    unwind::catch,
};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    sync::{Arc, Weak},
    time::Instant,
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

/// In the child of a fork: if the calling thread, the only one there, is a worker, it takes no task
/// after the one that forked. The workers of a host are the host's to end.
#[cfg(all(unix, not(miri), not(loom)))]
pub(crate) fn bereave() {
    if CURRENT.with(Cell::get) == 0 {
        return;
    }
    if let Some(pool) = current_pool().filter(|pool| pool.parking.is_none()) {
        pool.idle.notices.post(FORKED);
    }
}

/// The life of a worker, from its start, which is counted as coming already, to its end.
pub(crate) fn live(pool: Arc<Pool>, enlisted: Enlisted) {
    let Enlisted { number, name } = enlisted;
    enter(&pool);
    let initialised = initialise(&pool);
    let _on_duty = take_post(&pool, &name);
    pool.idle.arrive();
    // Whoever started this worker may have known only an older limit.
    pool.idle.post_surplus();
    let count = pool.queue.source().census.enter(number);
    pool.dressing.presence().come();
    if let Some(adaptive) = &pool.adaptive {
        adaptive.enter(number);
    }
    let mut worker = Worker {
        pool,
        number,
        count,
        sleeper: Sleeper::new(),
        searching: true,
        retired: false,
        place: Place::default(),
        known_tail: 0,
        spin: Spin::for_many(),
        returns: Returns::default(),
        taken_off: TakenOff::default(),
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

/// The calling thread is no worker, but must not wait for the end of that pool either.
pub(crate) fn side_with(pool: &Pool) {
    CURRENT.with(|current| current.set(pool.id));
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
    count: Arc<Padded<Count>>,
    sleeper: Arc<Sleeper>,
    /// Whether this worker counts as searching.
    searching: bool,
    /// Whether this worker does not count any more.
    retired: bool,
    /// Where the task at hand was taken from the queue, and whether that held more.
    place: Place,
    /// Where this worker last saw the end of the queue.
    known_tail: Position,
    spin: Spin,
    returns: Returns,
    taken_off: TakenOff,
}

impl Worker {
    /// The next task; `None` when there will be none.
    fn next(&mut self) -> Option<Task> {
        loop {
            if self.pool.idle.notices.has(SURPLUS | FORKED) && self.leave_early() {
                return None;
            }
            if let Some(popped) = self.pool.queue.pop_known(&mut self.known_tail) {
                self.count.begin();
                // A host's task does that by itself, when it has said that it was taken.
                if self.searching && self.pool.parking.is_none() {
                    self.end_search();
                }
                self.place = popped.place;
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
            self.pool.dressing.presence().lie_down();
            self.sleep();
            self.pool.dressing.presence().get_up();
            if self.retired {
                return None;
            }
        }
    }

    /// Goes, if there are too many workers, or if a task has forked and this is the child.
    #[cold]
    fn leave_early(&mut self) -> bool {
        let idle = &self.pool.idle;
        self.retired = if idle.notices.has(FORKED) {
            true
        } else if self.searching {
            idle.leave_surplus_searching()
        } else {
            idle.leave_surplus()
        };
        if !self.retired {
            idle.withdraw_surplus();
        }
        self.retired
    }

    /// Counts as searching from now on, if it did not. Whether nobody else does.
    fn begin_search(&mut self) -> bool {
        self.searching || {
            self.searching = true;
            self.pool.idle.begin_search()
        }
    }

    /// Does not count as searching from now on.
    #[inline(never)]
    fn end_search(&mut self) {
        self.searching = false;
        let last = self.pool.idle.end_search();
        if let Some(adaptive) = &self.pool.adaptive {
            adaptive.stir(&self.pool);
        }
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
        if pool.idle.notices.has(SURPLUS) {
            pool.dismiss_surplus();
        }
        let deadline = pool
            .sizing
            .keep_alive
            .and_then(|time| Instant::now().checked_add(time));
        let mut waking = self.sleep_until(deadline);
        if waking == Waking::Expired {
            let min_workers = self.pool.sizing.min_workers;
            if self.pool.idle.expire(&self.sleeper, min_workers) {
                self.retired = true;
                return;
            }
            waking = self.sleep_until(None);
        }
        // Whoever wakes a sleeper has counted it as searching again.
        self.retired = waking == Waking::Dismissed;
    }

    fn sleep_until(&self, deadline: Option<Instant>) -> Waking {
        let Some(parking) = &self.pool.parking else {
            return self.sleeper.sleep(deadline);
        };
        let (sleeper, mut waking) = (&self.sleeper, Waking::Woken);
        parking(&mut || waking = sleeper.sleep(deadline));
        waking
    }
}

/// The end of the worker, by whatever way.
impl Drop for Worker {
    fn drop(&mut self) {
        self.returns.flush();
        let pool = &self.pool;
        // All others are in the parent, and so is the account of them.
        if pool.is_inherited() {
            return;
        }
        if !self.retired {
            if !self.searching {
                pool.idle.begin_search();
            }
            pool.idle.leave();
        }
        // Others may have counted on this one until now. What is queued in a broken pool is ended by
        // whoever put it there.
        if !pool.queue.is_empty() && !pool.is_broken() {
            pool.rouse();
        }
        pool.lose(self.number);
        if self.retired {
            pool.threads.retired(self.number);
        } else {
            pool.threads.ended(self.number);
        }
    }
}

impl Turn for Worker {
    fn about_to_publish(&mut self, ended: Option<Done>) {
        match ended {
            Some(done) => self.count.end(done),
            None => self.count.rest(),
        }
        if !self.place.has_more() {
            self.begin_search();
        }
    }

    #[inline]
    fn leave_search(&mut self) {
        if self.searching {
            self.end_search();
        }
    }

    fn nothing_ran(&mut self) {
        self.count.rest();
    }

    fn count(&self) -> Option<&Arc<Padded<Count>>> {
        Some(&self.count)
    }

    fn measures_wait(&self) -> bool {
        self.pool.measures_wait()
    }

    fn notices(&self) -> Option<&Arc<Notices>> {
        Some(&self.pool.idle.notices)
    }

    fn is_surplus(&self) -> bool {
        self.pool.idle.has_surplus() || self.pool.is_inherited()
    }

    fn audience(&self) -> Option<&Audience> {
        self.pool.audience().map(|audience| &**audience)
    }

    fn put_away(&mut self, dress: Box<Dress>) {
        self.taken_off.add(dress, self.pool.wardrobe());
    }

    fn hand_over(&mut self, mark: Mark, task: Task) {
        if self.pool.is_inherited() {
            // It is the parent's, as what is queued is.
            std::mem::forget(task);
        } else {
            self.pool.insert(vec![(mark, task)]);
        }
    }

    fn give_back(&mut self, emptied: Emptied) {
        self.returns.add(emptied);
    }
}

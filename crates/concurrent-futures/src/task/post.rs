//! The post of a worker: what its thread knows of itself when one of its tasks comes to wait.

use super::{
    Home,
    current::current,
    slot::SlotRef,
    source::Source,
    stack::here,
    state::Seen,
    waits::{Asleep, Sleeper},
};
use crate::{
    error::{Deadlock, Step},
    sync::thread_local,
    time::Limit,
};
use std::{
    cell::{Cell, RefCell},
    ptr,
    rc::Rc,
    sync::Arc,
    thread,
};

thread_local! {
    static POST: RefCell<Option<Rc<Post>>> = const { RefCell::new(None) };
}

thread_local! {
    /// The innermost of those tasks of this thread that wait while another one runs above them.
    static BELOW: Cell<*const Below> = const { Cell::new(ptr::null()) };
}

/// A task that waits, on this thread's stack.
struct Below {
    slot: Option<SlotRef>,
    outer: *const Below,
}

pub(crate) struct Post {
    /// Of the pool's slots: who has the same belongs to the same pool.
    source: Arc<Source>,
    worker: Arc<str>,
    /// Where half of the stack is used up.
    half: usize,
    pauses: Cell<bool>,
}

/// Why a worker in the middle of a task does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// It waits with a limit in time, or for what the pool knows nothing of.
    Blocked,
    /// It waits for tasks that run elsewhere.
    Asleep,
}

/// As long as this lives, this worker pauses, and the pool knows it.
#[must_use]
pub(crate) struct Paused {
    pause: Pause,
    post: Rc<Post>,
    home: Arc<dyn Home>,
}

impl Drop for Paused {
    fn drop(&mut self) {
        self.post.pauses.set(false);
        Arc::clone(&self.home).resume(self.pause);
    }
}

/// As long as this lives, the calling thread is at its post.
#[must_use]
pub(crate) struct OnDuty(Option<Rc<Post>>);

impl Drop for OnDuty {
    fn drop(&mut self) {
        let before = self.0.take();
        let _ = POST.try_with(|post| post.replace(before));
    }
}

impl Post {
    /// What a thread of the standard library has, unless it is asked for more.
    pub(crate) const STACK: usize = 2 * 1024 * 1024;

    /// The calling thread, which has just begun, is a worker with a stack of so many bytes.
    pub(crate) fn take(source: &Arc<Source>, worker: &str, stack: usize) -> OnDuty {
        let post = Rc::new(Self {
            source: Arc::clone(source),
            worker: worker.into(),
            half: here().saturating_sub(stack / 2),
            pauses: Cell::new(false),
        });
        OnDuty(POST.with(|current| current.replace(Some(post))))
    }

    /// The post of the calling thread, if it is a worker of the pool with that source.
    pub(crate) fn at(source: &Arc<Source>) -> Option<Rc<Self>> {
        Self::current().filter(|post| post.is_of(source))
    }

    /// The post of the calling thread, if it is a worker.
    pub(crate) fn current() -> Option<Rc<Self>> {
        POST.try_with(|post| post.borrow().clone()).ok()?
    }

    /// Whether a task with that source belongs to this worker's pool.
    pub(crate) fn is_of(&self, source: &Arc<Source>) -> bool {
        Arc::ptr_eq(&self.source, source)
    }

    pub(super) fn home(&self) -> Option<Arc<dyn Home>> {
        self.source.home.upgrade()
    }

    /// This worker is going to pause. Nothing if the pool knows already that it does.
    pub(crate) fn pause(self: &Rc<Self>, pause: Pause) -> Option<Paused> {
        if self.pauses.get() {
            return None;
        }
        let home = self.home()?;
        self.pauses.set(true);
        Arc::clone(&home).pause(pause);
        Some(Paused {
            pause,
            post: Rc::clone(self),
            home,
        })
    }

    /// The same for a wait with this limit.
    pub(crate) fn pause_within(self: &Rc<Self>, limit: Limit) -> Option<Paused> {
        self.pause(match limit {
            Limit::Forever => Pause::Asleep,
            Limit::Poll | Limit::Until(_) => Pause::Blocked,
        })
    }

    /// Whether no more is to be put on the stack.
    pub(super) fn is_deep(&self) -> bool {
        // Miri gives locals addresses at will.
        !cfg!(miri) && here() < self.half
    }

    /// The task that this worker runs waits, here and now, for what only its own end can bring.
    pub(super) fn waits_for_itself(&self) -> Deadlock {
        let step = Step {
            worker: Arc::clone(&self.worker),
            task: None,
        };
        Deadlock::new(vec![step])
    }

    /// This worker is going to sleep until each of `awaited`, tasks of its pool that run elsewhere,
    /// is as far as `until` says.
    pub(super) fn fall_asleep(
        &self,
        awaited: Vec<SlotRef>,
        until: fn(Seen) -> bool,
    ) -> Result<Asleep<'_>, Deadlock> {
        self.source.waits.enter(Sleeper {
            worker: Arc::clone(&self.worker),
            stack: stack(),
            awaited,
            until,
        })
    }
}

/// The name of the worker that the calling thread is; else that of the thread, which runs a task that
/// it has submitted.
pub(crate) enum ThreadName {
    Worker(Rc<Post>),
    Other(Arc<str>),
}

impl ThreadName {
    pub(crate) fn of_this() -> Self {
        let other = || thread::current().name().unwrap_or_default().into();
        Post::current().map_or_else(|| Self::Other(other()), Self::Worker)
    }

    pub(crate) fn get(&self) -> &Arc<str> {
        match self {
            Self::Worker(post) => &post.worker,
            Self::Other(name) => name,
        }
    }
}

/// The tasks that this thread runs, the innermost first.
fn stack() -> Vec<SlotRef> {
    let mut stack: Vec<_> = current().into_iter().collect();
    let mut below = BELOW.with(Cell::get);
    // SAFETY: they lie further up on this thread's stack.
    while let Some(Below { slot, outer }) = unsafe { below.as_ref() } {
        stack.extend(*slot);
        below = *outer;
    }
    stack
}

/// Runs something above the task that this thread runs, which waits for it.
pub(super) fn above<R>(run: impl FnOnce() -> R) -> R {
    struct Reset(*const Below);
    impl Drop for Reset {
        fn drop(&mut self) {
            BELOW.with(|below| below.set(self.0));
        }
    }

    let below = Below {
        slot: current(),
        outer: BELOW.with(Cell::get),
    };
    let reset = Reset(below.outer);
    BELOW.with(|innermost| innermost.set(&raw const below));
    let result = run();
    drop(reset);
    result
}

//! How a task comes to its pool.
//!
//! Most tasks are plain: a closure, pushed as it is. A task is *dressed* if it has more than its
//! closure, because [`TaskBuilder`] gave it more or because its pool gives more to all of them
//! ([`dressing`](crate::pool::dressing)). The dress lies in the slot with the closure
//! ([`dressed`]), and the queue, the workers and the futures know nothing of it.
//!
//! The boxes of dresses are used again ([`wardrobe`]). A dress may hold what a task takes over from the thread that submits it, a token and a context
//! ([`ambience`]).
//!
//! A bounded pool lets tasks in as [`admission`] says. Its law:
//!
//! - A task in the queue holds a permit of its weight; see [`bound`](crate::pool::bound).
//! - A submit from outside that finds no room does as [`WhenFull`] says.
//! - A submit by a worker of the same pool never waits and is never refused, but counts: if all
//!   workers waited for room, nobody would make any. The same holds for user code that is run by a
//!   thread which just does the pool's work; see [`serving`](crate::pool).
//! - A follow-up was accepted with the task it follows. It counts when it is queued and is never held
//!   back.
//! - An offer from anywhere says at once, or in its time, whether there is room, and changes nothing
//!   if there is none.

mod admission;
mod ambience;
mod builder;
mod context;
mod dress;
mod dressed;
mod offer;
mod wardrobe;
mod when_full;
mod wishes;

pub(crate) use admission::make_room;
pub(crate) use ambience::Ambience;
pub use builder::TaskBuilder;
pub(crate) use context::Capture;
pub(crate) use dress::Dress;
pub(crate) use dressed::{Dressed, Extras};
pub(crate) use wardrobe::{TakenOff, Wardrobe};
pub use when_full::WhenFull;
pub(crate) use wishes::Wishes;

use crate::{
    observing::Site,
    pool::Pool,
    task::{Ending, Handle, Task, Work, slot::SlotRef},
    time::Limit,
    token::ambient,
};
use admission::{Admission, admit, ask};
use std::{convert::Infallible, sync::Arc};

/// Submits a task of which no more was said than its closure.
#[inline]
pub(crate) fn submit<W>(pool: &Arc<Pool>, work: W, site: Site) -> Handle<W::Value, W::Error>
where
    W: Work + Send + 'static,
{
    if is_plain(pool) {
        pool.submit(work)
    } else {
        submit_dressed(pool, work, 1, Wishes::default(), site)
    }
}

/// Whether a task that is submitted now to that pool has nothing besides its closure.
#[inline]
pub(crate) fn is_plain(pool: &Pool) -> bool {
    pool.is_plain() && ambient::is_empty()
}

/// Submits a task with what was said of it, and with what the pool adds.
#[inline(never)]
pub(crate) fn submit_dressed<W>(
    pool: &Arc<Pool>,
    work: W,
    weight: usize,
    wishes: Wishes,
    site: Site,
) -> Handle<W::Value, W::Error>
where
    W: Work + Send + 'static,
{
    let pending = |work| Handle::pending(work, pool.queue().source());
    place(
        pool,
        work,
        weight,
        wishes.dress(pool, site),
        |work| Pushed::itself(pool.submit(work)),
        pending,
    )
}

/// The caller's end of a task that was pushed.
pub(crate) struct Pushed<T, E> {
    pub(crate) handle: Handle<T, E>,
    /// What stands in the queue for it, if it does not do so itself.
    pub(crate) runner: Option<Handle<(), Infallible>>,
}

impl<T, E> Pushed<T, E> {
    pub(crate) fn itself(handle: Handle<T, E>) -> Self {
        Self {
            handle,
            runner: None,
        }
    }

    /// What stands in the queue.
    fn slot(&self) -> SlotRef {
        let runner = self.runner.as_ref().map(Handle::slot);
        runner.unwrap_or_else(|| self.handle.slot())
    }
}

/// Does not take a task, and says so to those who observe the pool.
pub(crate) fn refuse<W: Work>(
    pool: &Arc<Pool>,
    work: W,
    ending: &Ending,
    site: Site,
) -> Handle<W::Value, W::Error> {
    let extras = Extras::of_refused(pool, site);
    pool.refuse_as(Dressed::new(work, extras), ending)
}

/// Puts a task where it belongs: into the queue by `push`, or into a slot of its own by `pending`, if
/// it is to run here. It has all that it takes over and that the pool adds.
pub(crate) fn place<W: Work>(
    pool: &Arc<Pool>,
    work: W,
    weight: usize,
    extras: Extras,
    push: impl FnOnce(Dressed<W>) -> Pushed<W::Value, W::Error>,
    pending: impl FnOnce(Dressed<W>) -> (Task, Handle<W::Value, W::Error>),
) -> Handle<W::Value, W::Error> {
    let name = extras.name();
    let handle = match admit(pool, weight) {
        Admission::Enter(permit) => push(Dressed::new(work, extras.with(permit))).handle,
        Admission::Displace(permit) => {
            let pushed = push(Dressed::new(work, extras.with(Some(permit))));
            make_room(pool, pushed.slot());
            pushed.handle
        }
        Admission::Refuse => pool.refuse_as(Dressed::new(work, extras), &Ending::QueueFull),
        Admission::RunHere => {
            let (task, handle) = pending(Dressed::new(work, extras));
            task.run_outside();
            handle
        }
    };
    if let Some(name) = name {
        handle.show(name);
    }
    handle
}

/// Submits a task, or gives it back if there is no room for it in the time given.
pub(crate) fn offer<W>(
    pool: &Arc<Pool>,
    work: W,
    weight: usize,
    wishes: Wishes,
    limit: Limit,
    site: Site,
) -> Result<Handle<W::Value, W::Error>, W>
where
    W: Work + Send + 'static,
{
    // First, because it may run user code, and nobody's room is to be held meanwhile.
    let extras = wishes.dress(pool, site);
    let Ok(permit) = ask(pool, weight, limit) else {
        pool.queue().source().census.reject();
        extras.rejected();
        return Err(work);
    };
    let name = extras.name();
    let handle = pool.submit(Dressed::new(work, extras.with(permit)));
    if let Some(name) = name {
        handle.show(name);
    }
    Ok(handle)
}

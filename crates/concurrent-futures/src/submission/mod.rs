//! How a task comes to its pool.
//!
//! Most tasks are plain: a closure, pushed as it is. A task is *dressed* if it has more than its
//! closure, because [`TaskBuilder`] gave it more or because its pool gives more to all of them
//! ([`dressing`](crate::pool::dressing)). The dress lies in the slot with the closure
//! ([`dressed`]), and the queue, the workers and the futures know nothing of it.

mod builder;
mod dressed;

pub use builder::TaskBuilder;
pub(crate) use dressed::{Dressed, Extras};

use crate::{
    pool::Pool,
    task::{Handle, Work},
};
use std::sync::Arc;

/// Submits a task of which no more was said than its closure.
#[inline]
pub(crate) fn submit<W>(pool: &Arc<Pool>, work: W) -> Handle<W::Value, W::Error>
where
    W: Work + Send + 'static,
{
    if pool.is_plain() {
        pool.submit(work)
    } else {
        submit_dressed(pool, work, Extras::default())
    }
}

/// Submits a task with what was said of it, and with what the pool adds.
#[cold]
#[inline(never)]
pub(crate) fn submit_dressed<W>(
    pool: &Arc<Pool>,
    work: W,
    extras: Extras,
) -> Handle<W::Value, W::Error>
where
    W: Work + Send + 'static,
{
    pool.submit(Dressed::new(work, extras))
}

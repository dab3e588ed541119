//! The token of the task at hand, without a parameter.
//!
//! What can ask a task to stop lies in three places: a flag of its slot, a flag of its pool, and the
//! token it was given. The first two are always there and cost nothing; [`check_cancelled`] looks at
//! them where they are. The third lies in a *frame* on a stack of the thread's, as long as the task
//! runs. A token of the task's own, below all three, is made when [`current`] is called for the
//! first time, and stays in the frame.
//!
//! A frame belongs to the task of one slot. While another task runs above that one, because that one
//! waits for it, the slot at hand is another, and so the frame is not looked at: nothing has to be
//! done to hide it.

use super::CancelToken;
use crate::{
    error::{Cancelled, Cause},
    sync::thread_local,
    task::{current, slot::SlotRef},
};
use std::cell::{Cell, RefCell};

thread_local! {
    /// How many frames this thread has: all that most threads ever look at.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

struct Frame {
    /// Whose it is; none outside of tasks.
    slot: Option<SlotRef>,
    given: Option<CancelToken>,
    own: Option<CancelToken>,
}

/// Asks whether the task that the calling thread runs is to stop, wherever in it the call is.
///
/// It is if the token it was given is cancelled, if somebody called
/// [`Future::request_cancel`](crate::Future::request_cancel), or if the pool is being shut down with
/// [`Shutdown::cancel_running`](crate::Shutdown::cancel_running). Outside of tasks, only the token of
/// [`CancelToken::enter`] counts.
///
/// Costs a few loads.
///
/// # Errors
///
/// If the task is to stop; the error says why.
///
/// ```
/// use concurrent_futures::{Cancelled, ThreadPoolExecutor, check_cancelled};
///
/// // Deep inside, with no token at hand:
/// fn step() -> Result<(), Cancelled> {
///     check_cancelled()?;
///     // … a piece of work …
///     Ok(())
/// }
///
/// let pool = ThreadPoolExecutor::new();
/// let endless = pool.try_submit(|| -> Result<(), Cancelled> {
///     loop {
///         step()?;
///     }
/// });
/// endless.request_cancel();
/// assert!(endless.result().is_err());
/// ```
pub fn check_cancelled() -> Result<(), Cancelled> {
    let slot = current::current();
    if let Some(slot) = slot {
        if slot.state.look().is_stop_requested() {
            return Err(Cause::Requested.into());
        }
        if slot.source().stops.is_stopping() {
            return Err(Cause::Shutdown.into());
        }
    }
    if is_empty() {
        return Ok(());
    }
    with_top(slot, |frame| {
        match frame.own.as_ref().or(frame.given.as_ref()) {
            Some(token) => token.check(),
            None => Ok(()),
        }
    })
    .unwrap_or(Ok(()))
}

/// Whether this thread has no frame at all.
#[inline]
pub(crate) fn is_empty() -> bool {
    DEPTH.with(Cell::get) == 0
}

/// What a task that is submitted now inherits.
#[inline]
pub(crate) fn inherited() -> Option<CancelToken> {
    if is_empty() {
        return None;
    }
    with_top(current::current(), |frame| frame.given.clone())?
}

pub(super) fn current() -> CancelToken {
    let slot = current::current();
    let own = if is_empty() {
        None
    } else {
        with_top(slot, |frame| {
            let own = frame.own.clone();
            own.ok_or_else(|| frame.given.clone())
        })
    };
    match own {
        Some(Ok(own)) => own,
        // The frame is not borrowed meanwhile, though nothing here is user code.
        Some(Err(given)) => {
            let own = below(slot, given.as_ref());
            with_top(slot, |frame| frame.own = Some(own.clone()));
            own
        }
        None => {
            let own = below(slot, None);
            // Taken off again by `forget`; there is nobody to do that outside of tasks.
            if slot.is_some() {
                push(Frame {
                    slot,
                    given: None,
                    own: Some(own.clone()),
                });
            }
            own
        }
    }
}

/// A token below all that can ask the task of this slot to stop.
fn below(slot: Option<SlotRef>, given: Option<&CancelToken>) -> CancelToken {
    let asked = slot.map(|slot| CancelToken::of(slot.source().stops.enter(slot)));
    match (asked, given) {
        (Some(asked), None) => asked,
        (asked, given) => CancelToken::any(asked.iter().chain(given)),
    }
}

/// Runs `f` with the token given to it.
pub(super) fn enter<R>(token: &CancelToken, f: impl FnOnce() -> R) -> R {
    within(Some(token.clone()), f)
}

/// Runs `f` with no token given to it, as if it had not been called by the task at hand.
pub(crate) fn apart<R>(f: impl FnOnce() -> R) -> R {
    if is_empty() { f() } else { within(None, f) }
}

/// Runs `f` in a frame.
fn within<R>(given: Option<CancelToken>, f: impl FnOnce() -> R) -> R {
    push(Frame {
        slot: current::current(),
        given,
        own: None,
    });
    let entered = Entered;
    let result = f();
    drop(entered);
    result
}

/// The topmost frame is taken off, also while unwinding.
struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        drop(pop());
    }
}

/// The task of the slot has ended on this thread.
pub(crate) fn forget(slot: SlotRef) {
    slot.source().stops.leave(slot);
    let on_top = with_top(Some(slot), |_| ()).is_some();
    if on_top {
        drop(pop());
    }
}

fn push(frame: Frame) {
    FRAMES.with(|frames| frames.borrow_mut().push(frame));
    DEPTH.with(|depth| depth.set(depth.get() + 1));
}

fn pop() -> Option<Frame> {
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    FRAMES.with(|frames| frames.borrow_mut().pop())
}

/// The topmost frame, if it belongs to the task of this slot.
fn with_top<R>(slot: Option<SlotRef>, look: impl FnOnce(&mut Frame) -> R) -> Option<R> {
    FRAMES.with(|frames| {
        let mut frames = frames.borrow_mut();
        let top = frames.last_mut().filter(|top| top.slot == slot)?;
        Some(look(top))
    })
}

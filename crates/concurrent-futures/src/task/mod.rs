//! One task: a slot in which its closure lies, then its outcome, and the two ends that hold it.
//!
//! - [`state`]: the state word and its law.
//! - [`block`]: many slots in one allocation.
//! - [`source`]: where blocks come from and go back to.
//! - [`tombstones`]: when it pays to look for slots that are of no more use.
//! - [`slot`]: the 64 bytes; who may touch which field when.
//! - [`work`]: what a slot can run, and how a typed closure becomes a slot's table of functions.
//! - [`census`]: how many there are.
//! - [`notices`]: what a worker is told between two tasks.
//! - [`current`]: which task the calling thread runs.
//! - [`runner`]: [`Task`], the pool's end: run it, or end it otherwise.
//! - [`promised`]: a task that nobody here runs, [`revokers`] who is asked to cancel one.
//! - [`stops`]: how a running task hears that it is to stop.
//! - [`handle`]: [`Handle`], the caller's end: ask, cancel, wait, take the outcome.
//! - [`hooks`]: callbacks and follow-ups.
//! - [`waiters`]: who is told when the task is done.
//! - [`countdown`], [`ready`], [`awaiting`]: the ways to wait: a thread for a number of tasks, a
//!   thread for each of many in turn, an async task for one.
//! - [`names`]: the names of tasks that have one.
//! - [`post`], [`reclaim`], [`waits`], [`stack`]: a worker that waits: what it knows of itself, what
//!   it runs instead of waiting, how a wait that would never end is found, and how deep it is.
//! - [`clock`]: how long the calling thread has used a processor.
//! - [`repr`]: what `Debug` shows.

pub(crate) mod awaiting;
pub(crate) mod block;
pub(crate) mod census;
pub(crate) mod clock;
pub(crate) mod countdown;
pub(crate) mod current;
pub(crate) mod handle;
mod hooks;
pub(crate) mod names;
pub(crate) mod notices;
pub(crate) mod post;
pub(crate) mod ready;
pub(crate) mod promised;
pub(crate) mod reclaim;
mod repr;
pub(crate) mod revokers;
pub(crate) mod runner;
pub(crate) mod slot;
pub(crate) mod source;
mod stack;
pub(crate) mod state;
pub(crate) mod stops;
mod tombstones;
pub(crate) mod waiters;
mod waits;
pub(crate) mod work;

pub(crate) use handle::Handle;
pub(crate) use runner::{Ending, Home, Task, Turn};
pub(crate) use work::Work;

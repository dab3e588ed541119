//! Models of the lock-free pieces for loom: the real code, in every order that its threads can
//! take and with every old value that its orderings let them read.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test --release -p concurrent-futures --lib loom_models
//! ```
//!
//! `LOOM_MAX_PREEMPTIONS` bounds how often a thread is interrupted in one run; without it the bound
//! is 2. Each model says which bug it would catch. A lost wake-up shows as a deadlock, a wrong
//! ordering as a causality violation, a block that is never freed as a leak, and one that is
//! touched after its end as nonsense, because freed memory is overwritten.
//!
//! - [`outcome`]: one task and its outcome: run, cancel, refuse, drop, take.
//! - [`waiters`]: who is told: threads that come and go, callbacks, readers.
//! - [`awaiting`]: wakers.
//! - [`follow`]: follow-ups.
//! - [`promised`]: promises: kept, cancelled, dropped, decided elsewhere.
//! - [`many`]: one thread that waits for several tasks.
//! - [`queue`]: push, pop, close, the blocks.
//! - [`lane`]: what waits before the head of the queue, and sweeps.
//! - [`reclaim`]: waiters that run what they wait for.
//! - [`source`]: memory of blocks that is used again.
//! - [`idle`]: the handshake of sleeping and waking, with mutants that must fail.
//! - [`handshakes`]: each of them by itself.
//! - [`pool`]: a small pool, one matter at a time. [`whole`]: all of them at once.
//! - [`sizing`]: workers that leave an open pool, and limits that change, with mutants that must fail.
//! - [`scope`]: tasks that borrow.
//! - [`bound`]: room in a bounded queue, and those who wait for it.
//! - [`stops`]: tokens, and requests to running tasks.
//! - `storms`: whole pools by their public interface, under shuttle's random schedules.
//! - [`map`]: the items of a map and their runners, with mutants that must fail. [`own_map`]: the same, read on a worker of
//!   its own pool.

mod awaiting;
mod bound;
mod follow;
mod handshakes;
mod idle;
mod ledger;
mod lane;
mod many;
mod map;
mod outcome;
mod own_map;
mod pool;
mod promised;
mod queue;
mod reclaim;
#[allow(unsafe_code)] // an allocator that spoils what is freed
mod rig;
mod scope;
mod sizing;
#[allow(unsafe_code)] // hands memory over
mod source;
mod stops;
#[cfg(shuttle)]
mod storms;
#[allow(unsafe_code)] // links a node of its own
mod waiters;
mod whole;

//! What the tests here share; a part of it belongs to the other test program.

#[path = "../it/support/gate.rs"]
#[allow(dead_code, reason = "the other program uses more of it")]
mod gate;
#[path = "../it/support/held.rs"]
#[allow(dead_code, reason = "the other program uses more of it")]
mod held;
#[path = "../it/support/watchdog.rs"]
#[allow(dead_code, reason = "the other program uses more of it")]
mod watchdog;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use concurrent_futures::ThreadPoolExecutor;

use gate::Gate;
pub(crate) use held::hold;

use crate::counting::Heap;

/// A small task's part of a block of 63 tasks, which is a page: 65 bytes and a bit, in thousandths.
pub(crate) const SMALL_TASK: usize = 65_100;

/// Tasks of one block.
pub(crate) const BLOCK: usize = 63;

/// So many slots of tasks that are over may stay in a queue, and as many as there are tasks in it.
pub(crate) const TOMBSTONES: usize = 2 * (8 + 1) * 1024;

/// What a living pool may hold whatever the number of tasks: the blocks at both ends of its queue, and up to 32 that
/// it keeps for its next tasks.
pub(crate) const RESERVE: usize = 34 * 4096;

/// What the test harness and the watchdog allocate beside.
pub(crate) const BESIDE: usize = 24 * 1024;

const PATIENCE: Duration = Duration::from_secs(300);

/// Runs `test` while no other test of this program runs.
pub(crate) fn counted(test: impl FnOnce()) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    watchdog::watchdog_for(PATIENCE, test);
}

/// One worker.
pub(crate) fn pool() -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(1)
        .build()
        .expect("a valid number of workers")
}

/// Returns when the worker has passed all that is queued now.
pub(crate) fn drain(pool: &ThreadPoolExecutor) {
    pool.submit(|| ()).result().expect("the pool is open");
}

/// At most so many thousandths of a byte for each of `count`.
#[track_caller]
pub(crate) fn expect_at_most(since: Heap, count: usize, thousandths: usize) {
    let growth = since.growth();
    let limit = count * thousandths / 1000 + RESERVE + BESIDE;
    assert!(growth <= limit, "{growth} bytes, limit {limit}");
}

/// The tasks are gone, the pool is still there.
#[track_caller]
pub(crate) fn expect_no_more_than_a_reserve(since: Heap) {
    expect_at_most(since, 0, 0);
}

/// The pool is gone, too.
#[track_caller]
pub(crate) fn expect_all_returned(since: Heap) {
    let growth = since.growth();
    assert!(growth <= BESIDE, "{growth} bytes are left");
}

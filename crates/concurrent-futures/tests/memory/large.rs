//! What does not fit into the queue: one allocation for closure and outcome together.

use crate::{
    counting::Heap,
    support::{
        BLOCK, SMALL_TASK, counted, drain, expect_at_most, expect_no_more_than_a_reserve, hold,
        pool,
    },
};

const TASKS: usize = 100 * BLOCK;
const LARGE: usize = 1000;

fn expect_one_allocation<T: Send + 'static>(task: impl FnOnce() -> T + Clone + Send + 'static) {
    let pool = pool();
    let held = hold(&pool, 1);
    let mut futures = Vec::with_capacity(TASKS);
    let before = Heap::now();
    futures.extend((0..TASKS).map(|_| pool.submit(task.clone())));
    // A word or two beside the closure or the outcome, whichever is larger.
    expect_at_most(before, TASKS, SMALL_TASK + (LARGE + 64) * 1000);
    held.release();
    drain(&pool);
    let allocations = before.allocations();
    assert!(
        allocations * 100 <= TASKS * 102,
        "{allocations} for {TASKS}"
    );
    expect_at_most(before, TASKS, SMALL_TASK + (LARGE + 64) * 1000);
    for future in futures.drain(..) {
        assert!(future.result().is_ok());
    }
    expect_no_more_than_a_reserve(before);
}

#[test]
fn captures() {
    counted(|| {
        let captures = [7_u8; LARGE];
        expect_one_allocation(move || captures.len());
    });
}

#[test]
fn an_outcome() {
    counted(|| expect_one_allocation(|| [7_u8; LARGE]));
}

#[test]
fn both() {
    counted(|| {
        let captures = [7_u8; LARGE];
        expect_one_allocation(move || captures);
    });
}

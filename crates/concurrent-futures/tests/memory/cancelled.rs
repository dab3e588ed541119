//! Of a cancelled task the captures go at once, and its slot before long.

use concurrent_futures::{Future, Shutdown, ThreadPoolExecutor};

use crate::{
    counting::Heap,
    support::{
        BLOCK, SMALL_TASK, TOMBSTONES, counted, drain, expect_at_most,
        expect_no_more_than_a_reserve, hold, pool,
    },
};

const TASKS: usize = 100_000;

/// A task that waits before the head of the queue takes two words more, and there may be room for four times as many.
const BEFORE_THE_HEAD: usize = SMALL_TASK + 4 * 16_000;

/// Captures on the heap, 100 MB in all.
fn fill(pool: &ThreadPoolExecutor, futures: &mut Vec<Future<usize>>) -> Heap {
    let before = Heap::now();
    futures.extend((0..TASKS).map(|_| {
        let capture = vec![7_u8; 1000];
        pool.submit(move || capture.len())
    }));
    assert!(before.growth() > TASKS * 1000);
    before
}

#[test]
fn by_their_futures() {
    counted(|| {
        let pool = pool();
        let held = hold(&pool, 1);
        let mut futures = Vec::with_capacity(TASKS);
        let before = fill(&pool, &mut futures);
        assert!(futures.iter().all(Future::cancel));
        // Each future keeps its slot.
        let lane = TOMBSTONES * (BEFORE_THE_HEAD - SMALL_TASK) / TASKS;
        expect_at_most(before, TASKS, SMALL_TASK + lane);
        futures.clear();
        expect_at_most(before, TOMBSTONES, BEFORE_THE_HEAD);
        held.release();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

#[test]
fn by_a_shutdown() {
    counted(|| {
        let pool = pool();
        let held = hold(&pool, 1);
        let mut futures = Vec::with_capacity(TASKS);
        let before = fill(&pool, &mut futures);
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        expect_at_most(before, TASKS, SMALL_TASK);
        futures.clear();
        expect_no_more_than_a_reserve(before);
        held.release();
    });
}

#[test]
fn one_after_another_while_the_worker_is_blocked() {
    counted(|| {
        let pool = pool();
        let held = hold(&pool, 1);
        let before = Heap::now();
        for _ in 0..TASKS {
            let capture = vec![7_u8; 10_000];
            assert!(pool.submit(move || capture.len()).cancel());
        }
        expect_at_most(before, TOMBSTONES, SMALL_TASK);
        held.release();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

#[test]
fn captures_too_large_for_the_queue_go_as_well() {
    counted(|| {
        let pool = pool();
        let held = hold(&pool, 1);
        let before = Heap::now();
        for _ in 0..TASKS {
            let capture = [7_u8; 1000];
            assert!(pool.submit(move || capture.len()).cancel());
        }
        expect_at_most(before, TASKS, SMALL_TASK);
        held.release();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

/// Submits, cancels all but one in `every`, and checks what stays while the worker is blocked: what is kept, each at
/// the price of a block at the worst, and a number of tombstones that does not depend on `tasks`.
fn keep_one_in(every: usize, tasks: usize) {
    let pool = pool();
    let held = hold(&pool, 1);
    let mut futures = Vec::with_capacity(tasks);
    let before = Heap::now();
    futures.extend((0..tasks).map(|index| pool.submit(move || index)));
    for (index, future) in futures.drain(..).enumerate() {
        if index % every != 0 {
            assert!(future.cancel());
        }
    }
    let kept = tasks.div_ceil(every) * every.min(BLOCK);
    expect_at_most(before, kept + TOMBSTONES, BEFORE_THE_HEAD);
    held.release();
    drain(&pool);
    expect_no_more_than_a_reserve(before);
}

#[test]
fn a_million_behind_one_that_takes_long() {
    counted(|| keep_one_in(1_000_000, 1_000_000));
}

#[test]
fn a_million_among_a_few_that_shall_run() {
    counted(|| keep_one_in(10_000, 1_000_000));
}

#[test]
fn half_of_them() {
    counted(|| keep_one_in(2, TASKS));
}

#[test]
fn follow_ups_that_wait_for_their_turn() {
    counted(|| {
        let pool = pool();
        let mut parents = Vec::with_capacity(TASKS);
        let mut follow_ups = Vec::with_capacity(TASKS);
        let before = Heap::now();
        parents.extend((0..TASKS).map(|index| pool.submit(move || index)));
        drain(&pool);
        let held = hold(&pool, 1);
        follow_ups.extend(parents.drain(..).map(|parent| parent.then(|n| n)));
        assert!(follow_ups.drain(..).all(|follow_up| follow_up.cancel()));
        // Each beside the slot that stands for it in the queue.
        expect_at_most(before, TOMBSTONES, 4 * BEFORE_THE_HEAD);
        held.release();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

#[test]
fn items_of_maps() {
    counted(|| {
        let pool = pool();
        let held = hold(&pool, 1);
        let before = Heap::now();
        for _ in 0..100 {
            let mut results = pool
                .map(0..TASKS / 10, |index| index)
                .timeout(std::time::Duration::ZERO);
            assert!(results.next().unwrap().is_err());
        }
        expect_at_most(before, TOMBSTONES, SMALL_TASK);
        held.release();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

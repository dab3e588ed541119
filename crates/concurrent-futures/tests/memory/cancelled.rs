//! A cancelled task leaves a tombstone in the queue, and its captures go at once.

use concurrent_futures::{Future, Shutdown, ThreadPoolExecutor};

use crate::{
    counting::Heap,
    support::{
        SMALL_TASK, counted, drain, expect_at_most, expect_no_more_than_a_reserve, hold, pool,
    },
};

const TASKS: usize = 100_000;

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
        expect_at_most(before, TASKS, SMALL_TASK);
        futures.clear();
        expect_at_most(before, TASKS, SMALL_TASK);
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
        expect_at_most(before, TASKS, SMALL_TASK);
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

//! What a future that is kept keeps alive: its block, which is a page, and its outcome.

use concurrent_futures::Future;

use crate::{
    counting::Heap,
    support::{
        BLOCK, SMALL_TASK, counted, drain, expect_all_returned, expect_at_most,
        expect_no_more_than_a_reserve, hold, pool,
    },
};

const KEPT: usize = 2000;

/// Thousandths of a byte that one kept future may pin beside its outcome, at the worst: 4.2 KiB.
const PAGE: usize = 4_300 * 1000;

/// Runs tasks, keeps one future in `every`, and checks what each of these costs with its outcome; then takes the
/// outcomes, and nothing may be left.
fn keep_one_in<T: Send + 'static>(every: usize, outcome: fn() -> T, thousandths: usize) {
    let beginning = Heap::now();
    let pool = pool();
    let held = hold(&pool, 1);
    let mut kept: Vec<Future<T>> = Vec::with_capacity(KEPT);
    let before = Heap::now();
    for index in 0..KEPT * every {
        let future = pool.submit(outcome);
        if index % every == every / 2 {
            kept.push(future);
        }
    }
    held.release();
    drain(&pool);
    expect_at_most(before, KEPT, thousandths);
    for future in kept.drain(..) {
        drop(future.result().unwrap());
    }
    expect_no_more_than_a_reserve(before);
    drop((pool, held, kept));
    expect_all_returned(beginning);
}

#[test]
fn one_in_each_block_keeps_its_block() {
    counted(|| keep_one_in(BLOCK, || 7_usize, PAGE));
}

#[test]
fn one_in_several_blocks_keeps_no_more() {
    counted(|| keep_one_in(5 * BLOCK, || 7_usize, PAGE));
}

#[test]
fn one_in_each_block_keeps_its_outcome_as_well() {
    counted(|| keep_one_in(BLOCK, || vec![7_u8; 1024], PAGE + 1024 * 1000));
}

#[test]
fn one_in_each_block_keeps_an_outcome_too_large_for_it_as_well() {
    counted(|| keep_one_in(BLOCK, || [7_u8; 1024], PAGE + 1100 * 1000));
}

#[test]
fn all_of_them_cost_what_they_cost_in_the_queue() {
    counted(|| keep_one_in(1, || 7_usize, SMALL_TASK));
}

#[test]
fn none_of_them_leaves_nothing() {
    counted(|| {
        let pool = pool();
        let held = hold(&pool, 1);
        let mut futures = Vec::with_capacity(100_000);
        let before = Heap::now();
        futures.extend((0..100_000).map(|_| pool.submit(|| vec![7_u8; 100])));
        held.release();
        drain(&pool);
        futures.clear();
        expect_no_more_than_a_reserve(before);
    });
}

#[test]
fn a_kept_future_outlives_its_pool_at_no_higher_price() {
    counted(|| {
        let pool = pool();
        let mut kept = Vec::with_capacity(KEPT);
        let before = Heap::now();
        for index in 0..KEPT * BLOCK {
            let future = pool.submit(move || index);
            if index % BLOCK == 0 {
                kept.push(future);
            }
        }
        drop(pool);
        expect_at_most(before, KEPT, PAGE);
        for (block, future) in kept.drain(..).enumerate() {
            assert_eq!(future.result().unwrap(), block * BLOCK);
        }
        expect_all_returned(before);
    });
}

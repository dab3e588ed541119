//! Items of a `map`.

use concurrent_futures::Map;

use crate::{
    counting::Heap,
    support::{BESIDE, BLOCK, RESERVE, counted, drain, expect_no_more_than_a_reserve, hold, pool},
};

/// Bytes of one queued item, in thousandths.
fn cost_of_one_in(items: usize) -> usize {
    let pool = pool();
    let held = hold(&pool, 1);
    let before = Heap::now();
    let results = pool.map(0..items, |index| index);
    let cost = before.growth() * 1000 / items;
    held.release();
    assert!(results.map(Result::unwrap).eq(0..items));
    drain(&pool);
    expect_no_more_than_a_reserve(before);
    cost
}

#[test]
fn a_queued_item_costs_the_same_whatever_their_number() {
    counted(|| {
        let costs = [1_600, 16_000, 160_000].map(|blocks| cost_of_one_in(blocks * BLOCK / 10));
        let largest = costs.iter().max().unwrap();
        let smallest = costs.iter().min().unwrap();
        assert!(largest * 100 <= smallest * 105, "{costs:?}");
    });
}

#[test]
fn cancelled_items_leave_none_of_their_inputs() {
    const ITEMS: usize = 10_000;
    counted(|| {
        let pool = pool();
        let held = hold(&pool, 1);
        let before = Heap::now();
        let inputs = (0..ITEMS).map(|_| vec![7_u8; 10_000]);
        let results: Map<usize> = pool.map(inputs, |input| input.len());
        assert!(before.growth() > ITEMS * 10_000);
        let mut results = results.timeout(std::time::Duration::ZERO);
        assert!(results.next().unwrap().is_err());
        drop(results);
        // Tombstones of the items may stay.
        assert!(before.growth() <= ITEMS * 200 + RESERVE + BESIDE);
        held.release();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

#[test]
fn a_result_that_was_taken_is_not_kept() {
    const ITEMS: usize = 10_000;
    counted(|| {
        let pool = pool();
        let mut results = pool.map(0..ITEMS, |_| vec![7_u8; 10_000]);
        drain(&pool);
        let before = Heap::now();
        for _ in 0..ITEMS {
            drop(results.next().unwrap().unwrap());
        }
        let left = Heap::now();
        drop(results);
        drop(pool);
        assert_eq!(before.growth(), 0);
        assert!(left.growth() <= BESIDE);
    });
}

//! A queued task costs the same whether a thousand are queued or ten million.

use std::hint::black_box;

use crate::{
    counting::Heap,
    support::{
        BLOCK, counted, drain, expect_all_returned, expect_no_more_than_a_reserve, hold, pool,
    },
};

/// About 10^3, 10^5, 10^6 and 10^7, in whole blocks: so a block just begun does not blur the first figure.
const SIZES: [usize; 4] = [16 * BLOCK, 1588 * BLOCK, 15_873 * BLOCK, 158_730 * BLOCK];

/// Of one queued task, in thousandths.
#[derive(Clone, Copy, Debug)]
struct Cost {
    bytes: usize,
    allocations: usize,
}

fn cost_of_one_in(tasks: usize) -> Cost {
    let beginning = Heap::now();
    let pool = pool();
    let held = hold(&pool, 1);
    let before = Heap::now();
    for index in 0..tasks {
        drop(pool.submit(move || black_box(index)));
    }
    let cost = Cost {
        bytes: before.growth() * 1000 / tasks,
        allocations: before.allocations() * 1000 / tasks,
    };
    held.release();
    drain(&pool);
    expect_no_more_than_a_reserve(before);
    drop((pool, held));
    expect_all_returned(beginning);
    cost
}

#[test]
fn bytes_and_allocations_of_a_queued_task_do_not_depend_on_their_number() {
    counted(|| {
        let costs = SIZES.map(cost_of_one_in);
        let largest = costs.iter().map(|cost| cost.bytes).max().unwrap();
        let smallest = costs.iter().map(|cost| cost.bytes).min().unwrap();
        assert!(largest * 100 <= smallest * 105, "{costs:?}");
        assert!(costs.iter().all(|cost| cost.allocations <= 20), "{costs:?}");
        assert!((64_000..=66_000).contains(&largest), "{costs:?}");
    });
}

/// Allocations for tasks like this one and all their futures, in thousandths of one.
fn allocations_of<T: Send + 'static>(task: impl FnOnce() -> T + Clone + Send + 'static) -> usize {
    const TASKS: usize = 10_000;
    let pool = pool();
    let held = hold(&pool, 1);
    let mut futures = Vec::with_capacity(TASKS);
    let before = Heap::now();
    futures.extend((0..TASKS).map(|_| pool.submit(task.clone())));
    held.release();
    for future in futures.drain(..) {
        black_box(future.result().unwrap());
    }
    let allocations = before.allocations();
    drain(&pool);
    expect_no_more_than_a_reserve(before);
    allocations * 1000 / TASKS
}

#[test]
fn a_task_with_captures_of_forty_bytes_allocates_nothing_of_its_own() {
    counted(|| {
        let captures = [7_u64; 5];
        assert!(allocations_of(move || captures.len()) <= 20);
    });
}

#[test]
fn a_task_with_a_result_of_thirty_two_bytes_allocates_nothing_of_its_own() {
    counted(|| {
        let costs = [
            allocations_of(|| ()),
            allocations_of(|| [7_u64; 1]),
            allocations_of(|| [7_u64; 2]),
            allocations_of(|| [7_u64; 3]),
            allocations_of(|| [7_u64; 4]),
        ];
        assert!(costs.into_iter().all(|cost| cost <= 20), "{costs:?}");
    });
}

#[test]
fn a_task_with_a_result_above_thirty_two_bytes_costs_one_allocation() {
    counted(|| {
        let cost = allocations_of(|| [7_u64; 5]);
        assert!(
            (1000..=1020).contains(&cost),
            "{cost} thousandths of an allocation"
        );
    });
}

#[test]
fn a_task_that_may_fail_is_small_if_its_result_is() {
    counted(|| {
        let text = allocations_of(Box::<str>::default);
        let number = allocations_of(|| Ok::<u64, Box<str>>(7));
        assert!(text <= 20 && number <= 20, "{text} {number}");
    });
}

#[test]
fn a_pool_in_use_does_not_grow() {
    const ROUNDS: usize = 1000;
    counted(|| {
        let pool = pool();
        drain(&pool);
        let before = Heap::now();
        for _ in 0..ROUNDS {
            for index in 0..200 {
                drop(pool.submit(move || black_box(index)));
            }
            drain(&pool);
            expect_no_more_than_a_reserve(before);
        }
    });
}

//! The block, the loop turned into a map, the right verb for the order wanted, one pool per stage.

use std::collections::BTreeSet;

use concurrent_futures::{ThreadPoolExecutor, as_completed};

use super::stand_ins::work;
use crate::support::{Gate, pool, watchdog};

fn squares(pool: &ThreadPoolExecutor) -> Vec<u64> {
    pool.map(0..10_u64, |number| {
        work(number % 2);
        number * number
    })
    .map(Result::unwrap)
    .collect()
}

#[test]
fn a_block_and_an_explicit_shutdown_give_the_same() {
    watchdog(|| {
        let by_block = {
            let pool = pool(4);
            squares(&pool)
        };
        let by_hand = pool(4);
        let values = squares(&by_hand);
        by_hand.shutdown();
        assert_eq!(by_block, values);
        assert_eq!(by_hand.worker_count(), 0);
    });
}

#[test]
fn a_loop_becomes_a_map() {
    watchdog(|| {
        let mut looped = Vec::new();
        for number in 0..10_u64 {
            looped.push(number * number);
        }
        assert_eq!(squares(&pool(4)), looped);
    });
}

#[test]
fn results_come_by_completion_where_that_matters() {
    watchdog(|| {
        let gates: Vec<Gate> = (0..10).map(|_| Gate::new()).collect();
        let pool = pool(10);
        let futures = gates.iter().enumerate().map(|(number, gate)| {
            let gate = gate.clone();
            pool.submit(move || {
                gate.wait();
                number
            })
        });
        let mut completed = as_completed(futures);
        let order = [3, 9, 0, 7, 1, 8, 2, 6, 4, 5];
        for number in order {
            gates[number].open();
            assert_eq!(completed.next().unwrap().result().unwrap(), number);
        }
        assert!(completed.next().is_none());
    });
}

#[test]
fn a_pipeline_has_one_pool_per_stage() {
    watchdog(|| {
        let (parsers, adders) = (pool(3), pool(2));
        let parsed = ["1 2", "3 4", "5 6"].map(|line| {
            parsers.submit(move || {
                work(1);
                line.split(' ')
                    .map(|word| word.parse::<u32>().unwrap())
                    .collect::<Vec<_>>()
            })
        });
        let added: Vec<_> = as_completed(parsed)
            .map(|future| {
                let numbers = future.result().unwrap();
                adders.submit(move || numbers.iter().sum::<u32>())
            })
            .collect();
        let sums: BTreeSet<_> = added
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(sums, [3, 7, 11].into());
    });
}

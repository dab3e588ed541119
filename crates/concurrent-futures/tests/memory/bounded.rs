//! Memory does not grow with what passes through a bounded queue or a lazy map.

use std::hint::black_box;

use concurrent_futures::ThreadPoolExecutor;

use crate::{
    counting::Heap,
    support::{SMALL_TASK, counted, drain, expect_all_returned, expect_at_most, pool},
};

const TASKS: usize = 200_000;
const CAPACITY: usize = 1000;

fn bounded() -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(2)
        .queue_capacity(CAPACITY)
        .build()
        .expect("a valid capacity")
}

#[test]
fn producers_who_wait_for_room_keep_memory_flat() {
    counted(|| {
        let beginning = Heap::now();
        let pool = bounded();
        drain(&pool);
        let before = Heap::now();
        for index in 0..TASKS {
            drop(pool.submit(move || black_box(index)));
            if index % 1000 == 0 {
                expect_at_most(before, CAPACITY, SMALL_TASK);
            }
        }
        drop(pool);
        expect_all_returned(beginning);
    });
}

#[test]
fn large_tasks_weigh_what_they_take() {
    const BYTES: usize = 1 << 20;
    const PAGE: usize = 10_000;
    counted(|| {
        let beginning = Heap::now();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .queue_capacity(BYTES)
            .build()
            .expect("a valid capacity");
        drain(&pool);
        let before = Heap::now();
        for index in 0..5000 {
            let page = vec![7_u8; PAGE];
            drop(
                pool.task()
                    .weight(PAGE)
                    .submit(move || black_box(page).len()),
            );
            if index % 100 == 0 {
                // What is queued, and one that runs.
                expect_at_most(before, BYTES + PAGE, 1100);
            }
        }
        drop(pool);
        expect_all_returned(beginning);
    });
}

#[test]
fn an_endless_map_keeps_memory_flat() {
    const BUFFER: usize = 64;
    counted(|| {
        let pool = pool();
        drain(&pool);
        for unordered in [false, true] {
            let before = Heap::now();
            let results = pool.map_buffered(BUFFER, 0_usize.., |n| [n; 8]);
            let mut results: Box<dyn Iterator<Item = _>> = if unordered {
                Box::new(results.unordered())
            } else {
                Box::new(results)
            };
            for index in 0..TASKS {
                black_box(results.next().unwrap().unwrap());
                if index % 1000 == 0 {
                    expect_at_most(before, BUFFER, 400_000);
                }
            }
        }
    });
}

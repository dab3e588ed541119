//! A worker that waits for tasks of its own pool runs them itself. Nobody passes the queue meanwhile, and yet what
//! they have left there goes.

use crate::{
    counting::Heap,
    support::{
        SMALL_TASK, TOMBSTONES, counted, drain, expect_at_most, expect_no_more_than_a_reserve, pool,
    },
};

const TASKS: usize = 200_000;

#[test]
fn by_their_futures() {
    counted(|| {
        let pool = pool();
        drain(&pool);
        let before = Heap::now();
        let inner = pool.clone();
        let root = pool.submit(move || {
            for index in 0..TASKS {
                let captures = [index; 10];
                assert_eq!(inner.submit(move || captures[3]).result().unwrap(), index);
            }
            expect_at_most(before, TOMBSTONES, SMALL_TASK);
        });
        root.result().unwrap();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

#[test]
fn by_scopes() {
    counted(|| {
        let pool = pool();
        drain(&pool);
        let before = Heap::now();
        let inner = pool.clone();
        let root = pool.submit(move || {
            for _ in 0..TASKS / 10 {
                inner.scope(|scope| {
                    for index in 0..10 {
                        scope.submit(move || index);
                    }
                });
            }
            expect_at_most(before, TOMBSTONES, SMALL_TASK);
        });
        root.result().unwrap();
        drain(&pool);
        expect_no_more_than_a_reserve(before);
    });
}

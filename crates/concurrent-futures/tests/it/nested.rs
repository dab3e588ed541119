//! A worker that waits for tasks of its own pool: fine as long as another worker is free for them.

use concurrent_futures::{ReturnWhen, ThreadPoolExecutor, as_completed, wait};

use crate::support::{pool, watchdog};

#[test]
fn result_beside_a_free_worker() {
    watchdog(|| {
        let pool = pool(2);
        let task = pool.submit({
            let pool = pool.clone();
            move || pool.submit(|| 20).result().unwrap() + 1
        });
        assert_eq!(task.result().unwrap(), 21);
    });
}

#[test]
fn as_deep_as_the_pool_is_wide() {
    fn depth(pool: &ThreadPoolExecutor, below: usize) -> usize {
        if below == 0 {
            return 1;
        }
        let next = pool.clone();
        1 + pool
            .submit(move || depth(&next, below - 1))
            .result()
            .unwrap()
    }

    watchdog(|| {
        for workers in 1..=8 {
            for _ in 0..20 {
                let pool = pool(workers);
                let root = pool.submit({
                    let pool = pool.clone();
                    move || depth(&pool, workers - 1)
                });
                assert_eq!(root.result().unwrap(), workers);
            }
        }
    });
}

#[test]
fn a_chain_needs_no_free_worker() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit({
            let pool = pool.clone();
            move || pool.submit(|| 20).then(|n| n + 1)
        });
        assert_eq!(task.result().unwrap().result().unwrap(), 21);
    });
}

#[test]
fn wait_beside_a_free_worker() {
    watchdog(|| {
        let pool = pool(2);
        let task = pool.submit({
            let pool = pool.clone();
            move || {
                let futures: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
                let (done, not_done) = wait(futures, ReturnWhen::AllCompleted);
                (done.len(), not_done.len())
            }
        });
        assert_eq!(task.result().unwrap(), (10, 0));
    });
}

#[test]
fn as_completed_beside_a_free_worker() {
    watchdog(|| {
        let pool = pool(2);
        let task = pool.submit({
            let pool = pool.clone();
            move || {
                let futures: Vec<_> = (0..10_u32).map(|n| pool.submit(move || n)).collect();
                as_completed(futures)
                    .map(|future| future.result().unwrap())
                    .sum::<u32>()
            }
        });
        assert_eq!(task.result().unwrap(), 45);
    });
}

#[test]
fn map_beside_a_free_worker() {
    watchdog(|| {
        let pool = pool(2);
        let task = pool.submit({
            let pool = pool.clone();
            move || pool.map(0..10_u32, |n| n).map(Result::unwrap).sum::<u32>()
        });
        assert_eq!(task.result().unwrap(), 45);
    });
}

#[test]
fn scope_beside_a_free_worker() {
    watchdog(|| {
        let pool = pool(2);
        let task = pool.submit({
            let pool = pool.clone();
            move || {
                let words = ["borrowed", "here"];
                pool.scope(|scope| {
                    let lengths = words.map(|word| scope.submit(move || word.len()));
                    lengths.map(|length| length.result().unwrap())
                })
            }
        });
        assert_eq!(task.result().unwrap(), [8, 4]);
    });
}

#[test]
fn exception_and_shared_result_beside_a_free_worker() {
    watchdog(|| {
        let pool = pool(2);
        let task = pool.submit({
            let pool = pool.clone();
            move || {
                let failing = pool.try_submit(|| Err::<(), _>("failed"));
                let shared = pool.submit(|| 5).shared();
                (failing.exception().is_some(), *shared.result().unwrap())
            }
        });
        assert_eq!(task.result().unwrap(), (true, 5));
    });
}

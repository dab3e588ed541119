//! Arguments that no sensible caller would give.

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{alone, pool, watchdog};

#[test]
fn no_workers() {
    let error = ThreadPoolExecutor::builder()
        .max_workers(0)
        .build()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("max_workers") && text.contains(" 0"),
        "{text}"
    );
}

#[test]
fn a_name_that_no_thread_can_have() {
    for prefix in ["\0", "a\0b", "end\0"] {
        let error = ThreadPoolExecutor::builder()
            .thread_name_prefix(prefix)
            .build()
            .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("thread_name_prefix"), "{text}");
    }
}

#[test]
fn names_of_odd_but_possible_kinds() {
    watchdog(|| {
        for prefix in ["ü名前", " ", "%s{}", &"long".repeat(1000)] {
            let pool = ThreadPoolExecutor::builder()
                .thread_name_prefix(prefix)
                .build()
                .unwrap();
            let name = pool
                .submit(|| std::thread::current().name().map(str::to_owned))
                .result()
                .unwrap();
            assert_eq!(name, Some(format!("{prefix}_0")));
        }
    });
}

#[test]
fn more_workers_than_a_system_can_start() {
    watchdog(|| {
        let pool = pool(65_535);
        assert_eq!(pool.max_workers(), 65_535);
        for number in 0..10 {
            assert_eq!(pool.submit(move || number).result().unwrap(), number);
        }
        assert!((1..=10).contains(&pool.worker_count()));
    });
}

#[test]
fn more_workers_than_can_be_counted() {
    for max_workers in [100_000, usize::MAX] {
        let error = ThreadPoolExecutor::builder()
            .max_workers(max_workers)
            .build()
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("max_workers") && text.contains(&max_workers.to_string()),
            "{text}"
        );
    }
}

#[test]
fn a_stack_of_no_size() {
    // A stack that is too small for the pool itself would end the process.
    alone(&[], || {
        watchdog(|| {
            let pool = ThreadPoolExecutor::builder()
                .max_workers(1)
                .stack_size(0)
                .build()
                .unwrap();
            assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
        });
    });
}

#[test]
fn a_stack_of_impossible_size() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .stack_size(usize::MAX / 2)
            .build()
            .unwrap();
        match pool.submit(|| 1).result() {
            Err(concurrent_futures::TaskError::Rejected(rejected)) => {
                assert!(rejected.is_thread_start());
            }
            other => panic!("not rejected: {other:?}"),
        }
    });
}

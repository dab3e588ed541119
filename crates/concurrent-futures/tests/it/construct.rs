//! Making a pool: arguments, defaults, and nothing started yet.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{Probe, hold, pool, watchdog};

#[test]
fn the_asked_number_of_workers_is_readable() {
    watchdog(|| {
        for max_workers in [1, 2, 500] {
            assert_eq!(pool(max_workers).max_workers(), max_workers);
        }
    });
}

#[test]
fn zero_workers_are_refused_naming_the_argument_and_its_value() {
    watchdog(|| {
        let error = ThreadPoolExecutor::builder()
            .max_workers(0)
            .build()
            .expect_err("a pool without workers runs nothing");
        let text = error.to_string();
        assert!(text.contains("max_workers"), "{text}");
        assert!(text.contains('0'), "{text}");
    });
}

#[test]
fn a_prefix_no_thread_can_carry_is_refused_naming_the_argument() {
    watchdog(|| {
        let error = ThreadPoolExecutor::builder()
            .thread_name_prefix("down\0load")
            .build()
            .expect_err("a thread's name cannot hold a NUL");
        let text = error.to_string();
        assert!(text.contains("thread_name_prefix"), "{text}");
    });
}

#[test]
fn a_limit_beyond_most_machines_costs_nothing_until_used() {
    watchdog(|| {
        let pool = pool(65_535);
        assert_eq!(pool.max_workers(), 65_535);
        assert_eq!(pool.submit(|| 7).result().unwrap(), 7);
    });
}

#[test]
fn a_limit_beyond_all_machines_is_no_panic() {
    watchdog(|| {
        let built = ThreadPoolExecutor::builder()
            .max_workers(usize::MAX)
            .build();
        match built {
            Ok(pool) => assert_eq!(pool.submit(|| 7).result().unwrap(), 7),
            Err(error) => assert!(error.to_string().contains("max_workers"), "{error}"),
        }
    });
}

#[test]
fn a_refused_build_drops_its_parts_unrun() {
    watchdog(|| {
        let probe = Probe::new();
        let (first, second) = (probe.value(), probe.value());
        let error = ThreadPoolExecutor::builder()
            .max_workers(0)
            .initializer(move || {
                let _ = &first;
            })
            .thread_factory(move |worker| {
                let _ = &second;
                worker.spawn()
            })
            .build();
        assert!(error.is_err());
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn building_starts_no_thread_and_calls_no_initializer() {
    watchdog(|| {
        let calls = Arc::new(AtomicUsize::new(0));
        let starts = Arc::new(AtomicUsize::new(0));
        let pool = ThreadPoolExecutor::builder()
            .max_workers(4)
            .initializer({
                let calls = Arc::clone(&calls);
                move || {
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            })
            .thread_factory({
                let starts = Arc::clone(&starts);
                move |worker| {
                    starts.fetch_add(1, Ordering::SeqCst);
                    worker.spawn()
                }
            })
            .build()
            .unwrap();
        assert_eq!(pool.worker_count(), 0);
        drop(pool);
        assert_eq!(calls.load(Ordering::SeqCst), 0);
        assert_eq!(starts.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn clones_are_handles_to_the_same_pool() {
    watchdog(|| {
        let pool = pool(3);
        let clone = pool.clone();
        let _held = hold(&clone, 2);
        assert_eq!(pool.worker_count(), 2);
        assert_eq!(clone.worker_count(), 2);
        assert_eq!(clone.max_workers(), 3);
    });
}

#[test]
fn the_stack_size_reaches_the_thread() {
    watchdog(|| {
        let size = 16 * 1024 * 1024;
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .stack_size(size)
            .thread_factory(move |worker| {
                assert_eq!(worker.stack_size(), Some(size));
                worker.spawn()
            })
            .build()
            .unwrap();
        // More than the standard library's default of 2 MiB.
        #[expect(
            clippy::large_stack_arrays,
            reason = "the size of the stack is what is asked"
        )]
        let sum = pool.submit(|| {
            let pages = [1_u8; 3 * 1024 * 1024];
            black_box(&pages)
                .iter()
                .map(|&byte| usize::from(byte))
                .sum::<usize>()
        });
        assert_eq!(sum.result().unwrap(), 3 * 1024 * 1024);
    });
}

#[test]
fn without_a_stack_size_the_thread_is_told_none() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_factory(|worker| {
                assert_eq!(worker.stack_size(), None);
                worker.spawn()
            })
            .build()
            .unwrap();
        pool.submit(|| ()).result().unwrap();
    });
}

use std::{cell::RefCell, collections::HashSet, thread, time::Duration};

use concurrent_futures::{Builder, ThreadPoolExecutor};

use super::wait_for_workers;
use crate::support::{Probe, hold, watchdog};

const SHORT: Duration = Duration::from_millis(1);

fn builder(max_workers: usize) -> Builder {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .thread_name_prefix("idle")
}

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

#[test]
fn idle_workers_go_after_the_time() {
    watchdog(|| {
        let pool = builder(8).keep_alive(SHORT).build().unwrap();
        drop(hold(&pool, 8));
        wait_for_workers(&pool, 0);
        drop(hold(&pool, 8));
        wait_for_workers(&pool, 0);
    });
}

#[test]
fn so_many_stay() {
    watchdog(|| {
        let pool = builder(8).keep_alive(SHORT).min_workers(3).build().unwrap();
        assert_eq!(pool.worker_count(), 0);
        for _ in 0..10 {
            drop(hold(&pool, 8));
            wait_for_workers(&pool, 3);
            thread::sleep(3 * SHORT);
            assert_eq!(pool.worker_count(), 3);
            // Those that were started first may have gone before the last one is.
            assert!(pool.prestart(8) >= 5);
            wait_for_workers(&pool, 3);
        }
    });
}

#[test]
fn without_a_time_or_with_an_endless_one_all_stay() {
    watchdog(|| {
        let pools = [
            builder(4).min_workers(1).build().unwrap(),
            builder(4).keep_alive(Duration::MAX).build().unwrap(),
        ];
        for pool in &pools {
            drop(hold(pool, 4));
            thread::sleep(3 * SHORT);
            assert_eq!(pool.worker_count(), 4);
        }
    });
}

#[test]
fn a_time_of_zero_keeps_nobody() {
    watchdog(|| {
        let pool = builder(4).keep_alive(Duration::ZERO).build().unwrap();
        for _ in 0..50 {
            drop(hold(&pool, 4));
        }
        wait_for_workers(&pool, 0);
    });
}

#[test]
fn after_a_burst_a_trickle_keeps_one_or_two() {
    watchdog(|| {
        let time = Duration::from_millis(50);
        let pool = builder(64).keep_alive(time).build().unwrap();
        drop(hold(&pool, 64));
        assert_eq!(pool.worker_count(), 64);
        while pool.worker_count() > 2 {
            pool.submit(|| ()).result().unwrap();
        }
        for _ in 0..100 {
            pool.submit(|| ()).result().unwrap();
            assert!(pool.worker_count() <= 2);
        }
    });
}

#[test]
fn no_two_living_workers_share_a_name() {
    watchdog(|| {
        let pool = builder(4).keep_alive(Duration::ZERO).build().unwrap();
        for _ in 0..100 {
            let names: HashSet<_> = {
                let meeting = std::sync::Arc::new(std::sync::Barrier::new(4));
                let tasks = [(); 4].map(|()| {
                    let meeting = std::sync::Arc::clone(&meeting);
                    pool.submit(move || {
                        meeting.wait();
                        thread_name()
                    })
                });
                tasks
                    .map(|task| task.result().unwrap())
                    .into_iter()
                    .collect()
            };
            assert_eq!(names.len(), 4);
        }
    });
}

#[test]
fn a_shutdown_waits_for_the_last_code_of_workers_that_have_gone() {
    thread_local!(static KEPT: RefCell<Option<Box<dyn std::any::Any>>> = const { RefCell::new(None) });
    watchdog(|| {
        for _ in 0..50 {
            let probe = Probe::new();
            let pool = builder(4)
                .keep_alive(Duration::ZERO)
                .initializer({
                    let probe = probe.clone();
                    move || KEPT.with_borrow_mut(|kept| *kept = Some(Box::new(probe.value())))
                })
                .build()
                .unwrap();
            drop(hold(&pool, 4));
            drop(hold(&pool, 4));
            pool.shutdown();
            assert!(probe.births() >= 4);
            assert_eq!(probe.alive(), 0);
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn workers_that_have_gone_leave_no_stack_behind() {
    use crate::support::alone;
    let mappings = || {
        std::fs::read_to_string("/proc/self/maps")
            .unwrap()
            .lines()
            .count()
    };
    alone(&[], || {
        watchdog(|| {
            let pool = builder(4).keep_alive(Duration::ZERO).build().unwrap();
            drop(hold(&pool, 4));
            let before = mappings();
            for _ in 0..200 {
                drop(hold(&pool, 4));
                wait_for_workers(&pool, 0);
            }
            assert!(mappings() < before + 100);
        });
    });
}

//! The numbers of a pool fit each other, whatever became of its tasks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use concurrent_futures::{Shutdown, Stats, ThreadPoolExecutor};

use crate::support::{Gate, hold, pool, watchdog};

/// The snapshot, whose sum is right.
fn stats(pool: &ThreadPoolExecutor) -> Stats {
    let stats = pool.stats();
    let Stats {
        submitted,
        queued,
        running,
        completed,
        failed,
        cancelled,
        ..
    } = stats;
    assert_eq!(submitted, queued + running + completed + failed + cancelled);
    assert!(stats.idle <= stats.workers);
    stats
}

/// Submitted, completed, failed, cancelled, rejected.
fn ended(stats: &Stats) -> [u64; 5] {
    [
        stats.submitted,
        stats.completed,
        stats.failed,
        stats.cancelled,
        stats.rejected,
    ]
}

#[test]
fn a_new_pool_has_done_nothing() {
    watchdog(|| {
        let stats = stats(&pool(3));
        assert_eq!(ended(&stats), [0; 5]);
        assert_eq!((stats.max_workers, stats.workers, stats.idle), (3, 0, 0));
    });
}

#[test]
fn each_ending_is_counted_once_and_before_it_is_seen() {
    watchdog(|| {
        let pool = pool(1);
        pool.submit(|| 1).result().unwrap();
        assert_eq!(ended(&stats(&pool)), [1, 1, 0, 0, 0]);
        assert!(pool.try_submit(|| Err::<(), _>("no")).result().is_err());
        assert_eq!(ended(&stats(&pool)), [2, 1, 1, 0, 0]);
        assert!(
            pool.submit(|| panic!("a task's own affair"))
                .result()
                .is_err()
        );
        assert_eq!(ended(&stats(&pool)), [3, 1, 2, 0, 0]);
        let held = hold(&pool, 1);
        let late = pool.submit(|| ());
        let numbers = stats(&pool);
        assert_eq!((numbers.running, numbers.queued), (1, 1));
        assert!(late.cancel() && late.cancel());
        assert_eq!(ended(&stats(&pool)), [5, 1, 2, 1, 0]);
        held.release();
        pool.shutdown();
        assert!(pool.submit(|| ()).result().is_err());
        let numbers = stats(&pool);
        assert_eq!(ended(&numbers), [5, 2, 2, 1, 1]);
        assert_eq!(
            (numbers.workers, numbers.running, numbers.queued),
            (0, 0, 0)
        );
    });
}

#[test]
fn items_of_a_map_count_as_tasks() {
    watchdog(|| {
        let pool = pool(2);
        assert_eq!(pool.map(0..5000, |n| n).count(), 5000);
        assert_eq!(ended(&stats(&pool)), [5000, 5000, 0, 0, 0]);
        let held = hold(&pool, 2);
        let mut results = pool.try_map(0..100, |n| if n < 10 { Ok(n) } else { Err(n) });
        let numbers = stats(&pool);
        assert_eq!((numbers.running, numbers.queued), (2, 100));
        held.release();
        while let Some(Ok(_)) = results.next() {}
        drop(results);
        pool.shutdown_with(Shutdown::new().cancel_futures())
            .unwrap();
        let numbers = stats(&pool);
        assert_eq!((numbers.submitted, numbers.rejected), (5102, 0));
        assert_eq!(numbers.completed, 5012);
        assert!(numbers.failed >= 1);
        drop(pool.map(0..10, |n| n));
        assert_eq!(stats(&pool).rejected, 10);
        assert_eq!(stats(&pool).submitted, 5102);
    });
}

#[test]
fn follow_ups_count_once() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let last = pool.submit(|| 1).then(|n| n + 1).then(|n| n + 1);
        assert_eq!(stats(&pool).queued, 3);
        held.release();
        assert_eq!(last.result().unwrap(), 3);
        let failing = pool.try_submit(|| Err::<u8, _>("no")).then(|n| n + 1);
        assert!(failing.result().is_err());
        pool.shutdown();
        assert_eq!(ended(&stats(&pool)), [7, 5, 2, 0, 0]);
    });
}

#[test]
fn tasks_of_a_scope_count_also_in_a_worker() {
    watchdog(|| {
        let pool = pool(3);
        let inner = pool.clone();
        let task = pool.submit(move || {
            inner.scope(|scope| {
                for n in 0..10 {
                    scope.submit(move || n);
                }
            });
        });
        task.result().unwrap();
        pool.scope(|scope| assert_eq!(scope.submit(|| 5).result().unwrap(), 5));
        assert_eq!(ended(&stats(&pool)), [12, 12, 0, 0, 0]);
    });
}

#[test]
fn a_broken_pool_has_failed_what_was_queued() {
    watchdog(|| {
        let gate = Gate::new();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer({
                let gate = gate.clone();
                move || {
                    gate.wait();
                    Err::<(), _>("no")
                }
            })
            .build()
            .unwrap();
        let tasks = [(); 3].map(|()| pool.submit(|| ()));
        assert_eq!(stats(&pool).queued, 3);
        gate.open();
        for task in tasks {
            assert!(task.result().is_err());
        }
        assert!(pool.submit(|| ()).result().is_err());
        assert_eq!(ended(&stats(&pool)), [3, 0, 3, 0, 1]);
    });
}

#[test]
fn a_task_without_a_thread_has_failed() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .thread_factory(|_| Err(std::io::Error::other("no thread")))
            .build()
            .unwrap();
        assert!(pool.submit(|| ()).result().is_err());
        assert_eq!(ended(&stats(&pool)), [1, 0, 1, 0, 0]);
    });
}

#[test]
fn a_callback_that_takes_its_time_is_no_running_task() {
    watchdog(|| {
        let pool = pool(1);
        let (start, entered, leave) = (Gate::new(), Gate::new(), Gate::new());
        let task = pool.submit({
            let start = start.clone();
            move || start.wait()
        });
        task.add_done_callback({
            let (entered, leave) = (entered.clone(), leave.clone());
            move |_| {
                entered.open();
                leave.wait();
            }
        });
        let next = pool.submit(|| ());
        start.open();
        entered.wait();
        let numbers = stats(&pool);
        assert_eq!(
            (numbers.completed, numbers.running, numbers.queued),
            (1, 0, 1)
        );
        leave.open();
        next.result().unwrap();
    });
}

#[test]
fn idle_workers_are_told_from_busy_ones() {
    watchdog(|| {
        let pool = pool(4);
        pool.prestart(4);
        let held = hold(&pool, 2);
        while stats(&pool).idle < 2 {
            thread::yield_now();
        }
        let numbers = stats(&pool);
        assert_eq!((numbers.workers, numbers.idle, numbers.running), (4, 2, 2));
        held.release();
    });
}

/// Tasks, maps, cancellations and follow-ups from several threads, while workers come and go.
#[test]
fn the_sum_is_right_at_every_moment() {
    const ROUNDS: usize = 300;
    const THREADS: usize = 3;
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(4)
            .keep_alive(Duration::from_micros(50))
            .build()
            .unwrap();
        let over = Arc::new(AtomicBool::new(false));
        thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut last = stats(&pool);
                while !over.load(SeqCst) {
                    let now = stats(&pool);
                    assert!(now.completed >= last.completed);
                    assert!(now.failed >= last.failed);
                    assert!(now.cancelled >= last.cancelled);
                    assert!(now.running <= 4);
                    last = now;
                }
            });
            let submitters = [(); THREADS].map(|()| {
                scope.spawn(|| {
                    for round in 0..ROUNDS {
                        let tasks = [(); 10].map(|()| pool.submit(|| ()));
                        let cancelled = tasks.iter().filter(|task| task.cancel()).count();
                        assert!(cancelled <= 10);
                        assert_eq!(pool.map(0..20, |n| n).count(), 20);
                        drop(pool.submit(|| ()).then(|()| ()));
                        pool.set_max_workers(1 + round % 4).unwrap();
                    }
                })
            });
            for submitter in submitters {
                submitter.join().unwrap();
            }
            over.store(true, SeqCst);
            watcher.join().unwrap();
        });
        pool.shutdown();
        let numbers = stats(&pool);
        assert_eq!(numbers.submitted, (THREADS * ROUNDS * 32) as u64);
        assert_eq!((numbers.queued, numbers.running, numbers.failed), (0, 0, 0));
    });
}

#[test]
fn the_longest_wait_is_measured_if_one_asks_for_it() {
    watchdog(|| {
        assert_eq!(pool(1).stats().longest_wait, None);
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .measure_wait()
            .build()
            .unwrap();
        assert_eq!(pool.stats().longest_wait, Some(Duration::ZERO));
        let held = hold(&pool, 1);
        let before = Instant::now();
        let waiting = pool.map(0..10, |n| n);
        let waited = Duration::from_millis(20);
        thread::sleep(waited);
        held.release();
        assert_eq!(waiting.count(), 10);
        let longest = pool.stats().longest_wait.unwrap();
        assert!((waited..=before.elapsed()).contains(&longest));
        assert_eq!(stats(&pool).completed, 11);
    });
}

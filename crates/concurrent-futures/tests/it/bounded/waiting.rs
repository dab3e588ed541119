//! Submitters who wait for room.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use concurrent_futures::{TaskError, ThreadPoolExecutor, WhenFull};

use super::{bounded, is_queue_full};
use crate::support::{Gate, hold, pool, watchdog, watchdog_for};

#[test]
fn a_submitter_goes_on_as_far_as_there_is_room() {
    watchdog(|| {
        const CAPACITY: usize = 3;
        let pool = bounded(1, CAPACITY, WhenFull::Block);
        let held = hold(&pool, 1);
        let submitted = AtomicUsize::new(0);
        thread::scope(|scope| {
            let producer = scope.spawn(|| {
                let futures = (0..10).map(|n| {
                    let future = pool.submit(move || n);
                    submitted.fetch_add(1, SeqCst);
                    future
                });
                futures.collect::<Vec<_>>()
            });
            while submitted.load(SeqCst) < CAPACITY {
                thread::yield_now();
            }
            // Now it waits, or is about to: the queue has no room for the next one.
            assert!(pool.offer(|| ()).is_err());
            assert_eq!(submitted.load(SeqCst), CAPACITY);
            held.release();
            let futures = producer.join().unwrap();
            assert!(futures.into_iter().map(|f| f.result().unwrap()).eq(0..10));
        });
    });
}

/// The tasks themselves count how many submits had returned, and how many had started.
#[test]
fn no_more_wait_than_there_is_room_for() {
    const CAPACITY: usize = 5;
    const WORKERS: usize = 2;
    const PRODUCERS: usize = 3;
    const TASKS: usize = 2000;
    watchdog_for(Duration::from_secs(60), || {
        let pool = bounded(WORKERS, CAPACITY, WhenFull::Block);
        let (submitted, started) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        thread::scope(|scope| {
            for _ in 0..PRODUCERS {
                scope.spawn(|| {
                    for _ in 0..TASKS {
                        let count = Arc::clone(&started);
                        drop(pool.submit(move || count.fetch_add(1, SeqCst)));
                        let submitted = submitted.fetch_add(1, SeqCst) + 1;
                        // A task has room no more, and is not counted yet, for a moment on each
                        // worker; a producer is counted late for a moment.
                        let waiting = submitted.saturating_sub(started.load(SeqCst));
                        assert!(waiting <= CAPACITY + WORKERS, "{waiting}");
                    }
                });
            }
        });
        drop(pool);
        assert_eq!(started.load(SeqCst), PRODUCERS * TASKS);
    });
}

#[test]
fn tasks_of_one_submitter_start_in_order_however_often_it_waits() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::Block);
        let (send, received) = std::sync::mpsc::channel();
        thread::scope(|scope| {
            for producer in 0..3 {
                let (pool, send) = (&pool, send.clone());
                scope.spawn(move || {
                    for n in 0..300 {
                        let send = send.clone();
                        drop(pool.submit(move || send.send((producer, n)).unwrap()));
                    }
                });
            }
        });
        drop((pool, send));
        let all: Vec<_> = received.iter().collect();
        assert_eq!(all.len(), 900);
        for producer in 0..3 {
            let own = all.iter().filter(|(of, _)| *of == producer);
            assert!(own.map(|(_, n)| *n).eq(0..300));
        }
    });
}

#[test]
fn a_submitter_who_waits_long_enough_is_told_that_the_queue_is_full() {
    watchdog(|| {
        for patience in [Duration::ZERO, Duration::from_millis(20)] {
            let pool = bounded(1, 1, WhenFull::BlockFor(patience));
            let held = hold(&pool, 1);
            let queued = pool.submit(|| 1);
            let late = pool.submit(|| 2);
            assert!(late.done());
            let error = late.exception().unwrap().to_string();
            assert!(error.contains("full"), "{error}");
            assert!(is_queue_full(late));
            held.release();
            assert_eq!(queued.result().unwrap(), 1);
        }
    });
}

#[test]
fn a_patient_submitter_gets_its_room() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::BlockFor(Duration::MAX));
        let held = hold(&pool, 1);
        let queued = pool.submit(|| 1);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| pool.submit(|| 2).result().unwrap());
            held.release();
            assert_eq!(waiting.join().unwrap(), 2);
        });
        assert_eq!(queued.result().unwrap(), 1);
    });
}

#[test]
fn a_worker_of_another_pool_waits_like_anybody() {
    watchdog(|| {
        let narrow = bounded(1, 1, WhenFull::Block);
        let held = hold(&narrow, 1);
        let queued = narrow.submit(|| 1);
        let outside = pool(1);
        let begun = Gate::new();
        let outer = outside.submit({
            let (narrow, begun) = (narrow.clone(), begun.clone());
            move || {
                assert!(narrow.offer(|| ()).is_err());
                begun.open();
                narrow.submit(|| 2).result().unwrap()
            }
        });
        begun.wait();
        held.release();
        assert_eq!((queued.result().unwrap(), outer.result().unwrap()), (1, 2));
    });
}

#[test]
fn cancelling_lets_a_submitter_in() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| 1);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| pool.submit(|| 2));
            assert!(queued.cancel());
            // It is in the queue although no task has ended since.
            let future = waiting.join().unwrap();
            assert!(!future.done());
            held.release();
            assert_eq!(future.result().unwrap(), 2);
        });
    });
}

/// Submits when it is dropped.
struct Farewell(ThreadPoolExecutor);

impl Drop for Farewell {
    fn drop(&mut self) {
        drop(self.0.submit(|| ()));
    }
}

#[test]
fn a_destructor_of_a_cancelled_task_finds_its_room() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let held = hold(&pool, 1);
        let farewell = Farewell(pool.clone());
        let queued = pool.submit(move || drop(farewell));
        assert!(queued.cancel());
        // What the destructor submitted is in the queue.
        assert!(pool.offer(|| ()).is_err());
        held.release();
    });
}

#[test]
fn callbacks_of_what_finds_no_thread_do_not_wait_for_those_behind_it() {
    watchdog(|| {
        let (asked, answer) = (Gate::new(), Gate::new());
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .queue_capacity(3)
            .thread_factory({
                let (asked, answer) = (asked.clone(), answer.clone());
                move |_| {
                    asked.open();
                    answer.wait();
                    Err(std::io::Error::other("no threads today"))
                }
            })
            .build()
            .unwrap();
        thread::scope(|scope| {
            let first = scope.spawn(|| pool.submit(|| ()));
            asked.wait();
            let (second, third) = (pool.submit(|| ()), pool.submit(|| ()));
            let (tell, told) = std::sync::mpsc::channel();
            second.add_done_callback({
                let pool = pool.clone();
                move |_| tell.send(pool.task().weight(3).submit(|| ())).unwrap()
            });
            answer.open();
            for future in [first.join().unwrap(), second, third, told.recv().unwrap()] {
                let error = future.result().unwrap_err();
                assert!(matches!(error, TaskError::Rejected(why) if why.is_thread_start()));
            }
        });
    });
}

//! `submit` and `try_submit`: at once, from anywhere, every task exactly once.

use std::{
    collections::HashSet,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use concurrent_futures::TaskError;

use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn the_value_comes_back() {
    watchdog(|| {
        let pool = pool(2);
        assert_eq!(pool.submit(|| 6 * 7).result().unwrap(), 42);
        let text = String::from("moved in and out");
        assert_eq!(
            pool.submit(move || text).result().unwrap(),
            "moved in and out"
        );
    });
}

#[test]
fn a_task_without_a_value_gives_unit() {
    watchdog(|| {
        let pool = pool(1);
        assert_eq!(pool.submit(|| ()).result().unwrap(), ());
    });
}

#[test]
fn ok_is_the_value_and_err_is_the_exception() {
    watchdog(|| {
        let pool = pool(1);
        let good = pool.try_submit(|| "12".parse::<u32>());
        assert_eq!(good.result().unwrap(), 12);
        let bad = pool.try_submit(|| "twelve".parse::<u32>());
        assert!(matches!(bad.result(), Err(TaskError::Failed(_))));
    });
}

#[test]
fn a_result_given_to_submit_is_just_a_value() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit(|| Err::<(), _>("no exception, only a value"));
        assert!(task.exception().is_none());
        assert_eq!(task.result().unwrap(), Err("no exception, only a value"));
    });
}

#[test]
fn never_blocks_however_many_are_queued() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let tasks: Vec<_> = (0..10_000).map(|n| pool.submit(move || n)).collect();
        assert!(tasks.iter().all(|task| !task.done()));
        held.release();
        for (index, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.result().unwrap(), index);
        }
    });
}

#[test]
fn each_task_runs_exactly_once() {
    watchdog(|| {
        let pool = pool(4);
        let runs: Arc<Vec<AtomicUsize>> =
            Arc::new((0..5000).map(|_| AtomicUsize::new(0)).collect());
        thread::scope(|scope| {
            for submitter in 0..4 {
                let (pool, runs) = (&pool, &runs);
                scope.spawn(move || {
                    for index in (0..5000).skip(submitter).step_by(4) {
                        let runs = Arc::clone(runs);
                        drop(pool.submit(move || runs[index].fetch_add(1, Ordering::Relaxed)));
                    }
                });
            }
        });
        pool.shutdown();
        assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 1));
    });
}

#[test]
fn a_dropped_future_does_not_cancel_its_task() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let ran = Gate::new();
        drop(pool.submit({
            let ran = ran.clone();
            move || ran.open()
        }));
        held.release();
        ran.wait();
    });
}

#[test]
fn from_within_a_task() {
    watchdog(|| {
        let pool = pool(1);
        let inner = pool.submit({
            let pool = pool.clone();
            move || pool.submit(|| "inner")
        });
        assert_eq!(inner.result().unwrap().result().unwrap(), "inner");
    });
}

#[test]
fn from_within_a_callback_on_a_worker() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, futures) = mpsc::channel();
        let first = pool.submit(|| 20);
        first.add_done_callback({
            let pool = pool.clone();
            move |outcome| {
                let value = *outcome.unwrap();
                sender.send(pool.submit(move || value + 1)).unwrap();
            }
        });
        held.release();
        assert_eq!(futures.recv().unwrap().result().unwrap(), 21);
    });
}

#[test]
fn a_panic_is_the_exception_and_the_pool_goes_on() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit(|| -> u32 { panic!("boom {}", 7) });
        match task.result() {
            Err(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "boom 7"),
            other => panic!("{other:?}"),
        }
        assert_eq!(pool.submit(|| 8).result().unwrap(), 8);
    });
}

#[test]
fn ids_of_living_futures_differ() {
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..1000).map(|n| pool.submit(move || n)).collect();
        let ids: HashSet<_> = futures.iter().map(concurrent_futures::Future::id).collect();
        assert_eq!(ids.len(), futures.len());
        for future in &futures {
            assert!(future.exception().is_none());
            assert!(ids.contains(&future.id()), "an id changed");
        }
    });
}

#[test]
fn closures_and_values_of_any_size() {
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(align(256))]
    struct Aligned([u8; 256]);

    watchdog(|| {
        let pool = pool(1);
        let large = [3_u8; 10_000];
        let same = pool.submit(move || black_box(large)).result().unwrap();
        assert_eq!(same, large);
        let aligned = Aligned([5; 256]);
        let same = pool.submit(move || {
            assert_eq!((&raw const aligned).addr() % 256, 0);
            aligned
        });
        let same = same.result().unwrap();
        assert_eq!(same, aligned);
        assert_eq!((&raw const same).addr() % 256, 0);
    });
}

#[test]
fn what_a_task_did_is_visible_to_who_sees_it_done() {
    watchdog(|| {
        let pool = pool(2);
        for round in 0..500 {
            let cell = Arc::new(AtomicUsize::new(usize::MAX));
            let task = pool.submit({
                let cell = Arc::clone(&cell);
                move || cell.store(round, Ordering::Relaxed)
            });
            while !task.done() {
                thread::yield_now();
            }
            assert_eq!(cell.load(Ordering::Relaxed), round);
        }
    });
}

//! The context that a pool carries from who submits to the task.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use concurrent_futures::{TaskError, ThreadPoolExecutor};

use crate::support::{LogCapture, Probe, watchdog};

thread_local!(static REQUEST: Cell<u32> = const { Cell::new(0) });

/// A pool whose tasks find in `REQUEST` what it was where they were submitted.
fn carrying(max_workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .context(|| {
            let request = REQUEST.get();
            move |task| {
                let before = REQUEST.replace(request);
                task();
                REQUEST.set(before);
            }
        })
        .build()
        .unwrap()
}

#[test]
fn every_way_to_submit_carries_it() {
    watchdog(|| {
        let pool = carrying(2);
        REQUEST.set(1);
        let submitted = pool.submit(|| REQUEST.get());
        let tried = pool.try_submit(|| Ok::<_, ()>(REQUEST.get()));
        let built = pool.task().name("built").submit(|| REQUEST.get());
        let offered = pool.offer(|| REQUEST.get()).unwrap();
        let followed = pool.submit(|| ()).then(|()| REQUEST.get());
        let mapped = pool.map(0..100, |_| REQUEST.get());
        let scoped = pool.scope(|scope| scope.submit(|| REQUEST.get()).result());
        REQUEST.set(2);
        assert_eq!(submitted.result().unwrap(), 1);
        assert_eq!(tried.result().unwrap(), 1);
        assert_eq!(built.result().unwrap(), 1);
        assert_eq!(offered.result().unwrap(), 1);
        assert_eq!(followed.result().unwrap(), 1);
        assert!(mapped.map(Result::unwrap).all(|request| request == 1));
        assert_eq!(scoped.unwrap(), 1);
        assert_eq!(pool.submit(|| REQUEST.get()).result().unwrap(), 2);
    });
}

#[test]
fn tasks_of_tasks_carry_what_their_parents_run_in() {
    watchdog(|| {
        let pool = carrying(1);
        REQUEST.set(7);
        let child = pool.submit({
            let pool = pool.clone();
            move || pool.submit(|| REQUEST.get())
        });
        assert_eq!(child.result().unwrap().result().unwrap(), 7);
    });
}

#[test]
fn is_taken_once_for_each_task_and_once_for_a_map() {
    watchdog(|| {
        let taken = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&taken);
        let pool = ThreadPoolExecutor::builder()
            .context(move || {
                counting.fetch_add(1, SeqCst);
                |task| task()
            })
            .build()
            .unwrap();
        pool.submit(|| ()).result().unwrap();
        assert_eq!(taken.load(SeqCst), 1);
        assert_eq!(pool.map(0..1000, |n| n).count(), 1000);
        assert_eq!(taken.load(SeqCst), 2);
    });
}

#[test]
fn goes_with_its_task_also_if_that_does_not_run() {
    watchdog(|| {
        let probe = Probe::new();
        let values = probe.clone();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .context(move || {
                let value = values.value();
                move |task| {
                    let _in_use = &value;
                    task();
                }
            })
            .build()
            .unwrap();
        pool.submit(|| ()).result().unwrap();
        pool.map(0..10, |n| n).for_each(drop);
        pool.shutdown();
        drop(pool.submit(|| ()));
        assert_eq!(probe.births(), 3);
        drop(pool);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn a_context_that_panics_fails_its_task() {
    watchdog(|| {
        let pool = |after: bool| {
            ThreadPoolExecutor::builder()
                .max_workers(1)
                .context(move || {
                    move |task| {
                        if after {
                            task();
                        }
                        panic!("no such span");
                    }
                })
                .build()
                .unwrap()
        };
        for after in [false, true] {
            let pool = pool(after);
            let probe = Probe::new();
            let value = probe.value();
            let task = pool.submit(move || value);
            let Err(TaskError::Panicked(panic)) = task.result() else {
                panic!("it does not fail");
            };
            assert_eq!(panic.message(), "no such span");
            assert_eq!(probe.alive(), 0);
            let error = pool.map(0..3, |n| n).next().unwrap().unwrap_err();
            assert_eq!(error.to_string(), "item 0: the task panicked: no such span");
        }
    });
}

#[test]
fn a_context_that_does_not_run_its_task_fails_it() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .context(|| |_| ())
            .build()
            .unwrap();
        let probe = Probe::new();
        let value = probe.value();
        let error = pool.submit(move || drop(value)).result().unwrap_err();
        assert!(error.is_panic());
        assert!(error.to_string().contains("did not run its task"));
        assert_eq!(probe.alive(), 0);
        assert!(pool.map(0..3, |n| n).next().unwrap().is_err());
    });
}

#[test]
fn a_context_that_runs_its_task_twice_runs_it_once() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .context(|| {
                |task| {
                    task();
                    task();
                }
            })
            .build()
            .unwrap();
        let runs = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&runs);
        let task = pool.submit(move || counting.fetch_add(1, SeqCst));
        assert_eq!(task.result().unwrap(), 0);
        assert_eq!(runs.load(SeqCst), 1);
    });
}

#[test]
fn a_capture_that_panics_is_logged_and_the_task_runs() {
    watchdog(|| {
        let log = LogCapture::containing("no context today");
        let pool = ThreadPoolExecutor::builder()
            .context(|| -> fn(&mut dyn FnMut()) { panic!("no context today") })
            .build()
            .unwrap();
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
        assert_eq!(log.records().len(), 1);
    });
}

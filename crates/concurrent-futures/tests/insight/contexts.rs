//! Several contexts of one pool.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use concurrent_futures::{Builder, ThreadPoolExecutor};

use crate::support::{Probe, watchdog};

thread_local!(static AROUND: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });

/// With a context that is seen in `AROUND` by what runs in it.
fn around(builder: Builder, name: &'static str) -> Builder {
    builder.context(move || {
        move |task| {
            AROUND.with_borrow_mut(|around| around.push(name));
            task();
            let gone = AROUND.with_borrow_mut(Vec::pop);
            assert_eq!(gone, Some(name));
        }
    })
}

fn here() -> Vec<&'static str> {
    AROUND.with_borrow(Clone::clone)
}

#[test]
fn the_first_is_outermost() {
    watchdog(|| {
        let builder = ThreadPoolExecutor::builder();
        let builder = around(around(around(builder, "first"), "second"), "third");
        let pool = builder.build().unwrap();
        let all = ["first", "second", "third"];
        assert_eq!(pool.submit(here).result().unwrap(), all);
        assert_eq!(pool.submit(|| ()).then(|()| here()).result().unwrap(), all);
        for around in pool.map(0..3, |_| here()) {
            assert_eq!(around.unwrap(), all);
        }
    });
}

#[test]
fn one_that_panics_fails_the_task_whichever_it_is() {
    watchdog(|| {
        for place in 0..3 {
            let mut builder = ThreadPoolExecutor::builder();
            for at in 0..3 {
                builder = builder.context(move || {
                    move |task| {
                        task();
                        assert_ne!(at, place, "no such context");
                    }
                });
            }
            let pool = builder.build().unwrap();
            let probe = Probe::new();
            let value = probe.value();
            let error = pool.submit(move || value).result().unwrap_err();
            assert!(error.to_string().contains("no such context"), "{error}");
            assert_eq!(probe.alive(), 0);
        }
    });
}

#[test]
fn a_task_runs_once_though_each_calls_it_twice() {
    watchdog(|| {
        let twice = |builder: Builder| {
            builder.context(|| {
                |task| {
                    task();
                    task();
                }
            })
        };
        let pool = twice(twice(ThreadPoolExecutor::builder())).build().unwrap();
        let runs = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&runs);
        let task = pool.submit(move || counting.fetch_add(1, SeqCst));
        assert_eq!(task.result().unwrap(), 0);
        assert_eq!(runs.load(SeqCst), 1);
    });
}

#[test]
fn one_that_does_not_run_what_is_in_it_fails_the_task() {
    watchdog(|| {
        let builder = around(ThreadPoolExecutor::builder(), "outer");
        let pool = builder.context(|| |_| ()).build().unwrap();
        let error = pool.submit(|| ()).result().unwrap_err();
        assert!(
            error.to_string().contains("did not run its task"),
            "{error}"
        );
        assert!(pool.map(0..1, |n| n).next().unwrap().is_err());
    });
}

#[test]
fn one_whose_capture_panics_is_left_out() {
    watchdog(|| {
        let builder = ThreadPoolExecutor::builder()
            .context(|| -> fn(&mut dyn FnMut()) { panic!("nothing to carry") });
        let pool = around(builder, "other").build().unwrap();
        assert_eq!(pool.submit(here).result().unwrap(), ["other"]);
    });
}

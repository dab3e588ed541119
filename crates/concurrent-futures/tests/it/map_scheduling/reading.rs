//! The input is read to its end by the caller of `map`, and what has been read may run.

use std::{
    iter,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::MANY;
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn the_input_is_read_to_its_end_before_map_returns() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let read = AtomicUsize::new(0);
        let inputs = (0..MANY).inspect(|_| {
            read.fetch_add(1, Ordering::SeqCst);
        });
        let calls = Arc::new(AtomicUsize::new(0));
        let results = pool.map(inputs, {
            let calls = Arc::clone(&calls);
            move |_| calls.fetch_add(1, Ordering::SeqCst)
        });
        assert_eq!(read.load(Ordering::SeqCst), MANY);
        assert_eq!(calls.load(Ordering::SeqCst), 0, "no worker was free");
        held.release();
        assert_eq!(results.count(), MANY);
        assert_eq!(read.load(Ordering::SeqCst), MANY);
    });
}

#[test]
fn the_input_is_read_on_the_calling_thread() {
    watchdog(|| {
        let pool = pool(2);
        let caller = thread::current().id();
        let inputs = iter::repeat_with(|| thread::current().id()).take(1000);
        let results = pool.map(inputs, move |reader| {
            (reader == caller, thread::current().id() == caller)
        });
        for result in results {
            assert_eq!(result.unwrap(), (true, false));
        }
    });
}

#[test]
fn items_run_on_workers_only() {
    watchdog(|| {
        let pool = concurrent_futures::ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("mapper")
            .build()
            .unwrap();
        let names = pool.map(0..1000, |_| thread::current().name().map(str::to_owned));
        for name in names {
            let name = name.unwrap().unwrap();
            assert!(["mapper_0", "mapper_1"].contains(&&*name), "{name}");
        }
    });
}

#[test]
fn an_item_may_run_while_the_input_is_still_being_read() {
    watchdog(|| {
        for workers in 1..=3 {
            let pool = pool(workers);
            let ran = [Gate::new(), Gate::new(), Gate::new()];
            // As a generator does that asks for what the items before have brought about.
            let inputs = (0..3).inspect(|&index: &usize| {
                if let Some(before) = index.checked_sub(1) {
                    ran[before].wait();
                }
            });
            let results = pool.map(inputs, {
                let ran = ran.clone();
                move |index: usize| ran[index].open()
            });
            assert_eq!(results.count(), 3);
        }
    });
}

/// An iterator that promises less than it holds.
struct Understated(Range<usize>);

impl Iterator for Understated {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(0))
    }
}

#[test]
fn a_wrong_size_hint_loses_nothing() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.map(Understated(0..1000), |index| index);
        assert_eq!(results.len(), 1000);
        assert!(results.by_ref().map(Result::unwrap).eq(0..1000));
    });
}

#[test]
fn an_input_of_unknown_length() {
    watchdog(|| {
        let pool = pool(2);
        let even = (0..MANY).filter(|index| index % 2 == 0);
        let results = pool.map(even, |index| index / 2);
        assert!(results.map(Result::unwrap).eq(0..MANY / 2));
    });
}

#[test]
fn the_input_is_not_asked_again_after_its_end() {
    watchdog(|| {
        let pool = pool(2);
        let mut asked = 0;
        let inputs = iter::from_fn(|| {
            asked += 1;
            assert!(asked <= 4, "asked after its end");
            (asked < 4).then_some(asked)
        });
        assert!(pool.map(inputs, |n| n).map(Result::unwrap).eq(1..4));
        assert_eq!(asked, 4);
    });
}

//! How much is read, and when.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use super::Reads;
use crate::support::{hold, pool, watchdog};

#[test]
fn the_first_inputs_are_read_and_started_at_once() {
    watchdog(|| {
        let pool = pool(2);
        let (reads, (tell, told)) = (Reads::default(), std::sync::mpsc::channel());
        let results = pool.map_buffered(5, reads.endless(), move |n| tell.send(n).unwrap());
        assert_eq!(reads.count(), 5);
        let mut ran: Vec<_> = told.iter().take(5).collect();
        ran.sort_unstable();
        assert_eq!(ran, [0, 1, 2, 3, 4]);
        assert_eq!(reads.count(), 5);
        drop(results);
    });
}

#[test]
fn never_more_is_read_than_given_out_and_room_in_the_buffer() {
    watchdog(|| {
        for buffer in [1, 2, 7] {
            let pool = pool(3);
            let reads = Reads::default();
            let mut results = pool.map_buffered(buffer, reads.endless(), |n| n);
            for given in 0..500 {
                assert!(reads.count() <= given + buffer);
                assert_eq!(results.next().unwrap().unwrap(), given);
                assert!(reads.count() <= given + buffer);
            }
        }
    });
}

#[test]
fn no_buffer_counts_as_one() {
    watchdog(|| {
        let reads = Reads::default();
        let pool = pool(2);
        let mut results = pool.map_buffered(0, reads.endless(), |n| n);
        assert_eq!(reads.count(), 1);
        assert_eq!(results.next().unwrap().unwrap(), 0);
        assert_eq!(results.next().unwrap().unwrap(), 1);
        assert_eq!(reads.count(), 2);
    });
}

#[test]
fn a_buffer_larger_than_the_input_reads_it_all() {
    watchdog(|| {
        let results = pool(2).map_buffered(usize::MAX, 0..1000, |n| n);
        assert_eq!(results.size_hint(), (1, Some(1000)));
        assert!(results.map(Result::unwrap).eq(0..1000));
    });
}

#[test]
fn an_empty_input() {
    watchdog(|| {
        let pool = pool(1);
        let mut results = pool.map_buffered(3, Vec::<u8>::new(), |n| n);
        assert_eq!(results.size_hint(), (0, Some(0)));
        assert!(results.next().is_none());
        assert!(results.next().is_none());
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn the_input_may_borrow_and_need_not_cross_threads() {
    watchdog(|| {
        let words = std::rc::Rc::new([String::from("a"), String::from("bb")]);
        let pool = pool(1);
        let inputs = words.iter().map(String::len);
        let results = pool.map_buffered(1, inputs, |n| n * 10);
        assert!(results.map(Result::unwrap).eq([10, 20]));
    });
}

#[test]
fn an_input_that_panics_at_once_passes_its_panic_on_and_cancels() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let inputs = (0..5).inspect(|n| assert!(*n < 3, "no third"));
        let ran = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&ran);
        let call = || {
            pool.map_buffered(5, inputs, move |_| {
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
        held.release();
        pool.shutdown();
        assert_eq!(ran.load(std::sync::atomic::Ordering::SeqCst), 0);
    });
}

#[test]
fn an_input_that_panics_later_ends_and_what_was_read_is_given_out() {
    watchdog(|| {
        let pool = pool(2);
        let inputs = (0..).inspect(|n| assert!(*n < 4, "no fourth"));
        let mut results = pool.map_buffered(2, inputs, |n| n);
        let mut given = Vec::new();
        let mut panics = 0;
        loop {
            match catch_unwind(AssertUnwindSafe(|| results.next())) {
                Ok(Some(result)) => given.push(result.unwrap()),
                Ok(None) => break,
                Err(_) => panics += 1,
            }
        }
        assert_eq!((given, panics), (vec![0, 1, 2, 3], 1));
    });
}

#[test]
fn an_iteration_can_move_to_another_thread() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.map_buffered(3, 0..100, |n| n);
        assert_eq!(results.next().unwrap().unwrap(), 0);
        let rest = thread::spawn(move || results.map(Result::unwrap).sum::<i32>());
        assert_eq!(rest.join().unwrap(), 4950);
    });
}

#[test]
fn a_task_may_iterate_over_its_own_pool() {
    watchdog(|| {
        let pool = pool(1);
        let inside = pool.clone();
        let task = pool.submit(move || {
            let results = inside.map_buffered(4, 0..100, |n| n);
            let ordered = results.map(Result::unwrap).sum::<i32>();
            let results = inside.map_buffered(4, 0..100, |n| n).unordered();
            let unordered = results.map(Result::unwrap).sum::<i32>();
            let results = inside.map_unordered(0..100, |n| n);
            (ordered, unordered, results.map(Result::unwrap).sum::<i32>())
        });
        assert_eq!(task.result().unwrap(), (4950, 4950, 4950));
    });
}

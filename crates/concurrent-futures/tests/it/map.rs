//! `map` and `try_map`: eager, in input order, ended by the first error.

use std::{
    iter,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use concurrent_futures::TaskError;

use crate::support::{Gate, Probe, hold, pool, watchdog};

#[test]
fn results_in_input_order() {
    watchdog(|| {
        let pool = pool(4);
        let squares: Vec<_> = pool
            .map(0..100_u32, |n| n * n)
            .map(Result::unwrap)
            .collect();
        assert!(squares.into_iter().eq((0..100).map(|n| n * n)));
    });
}

#[test]
fn the_order_is_kept_when_the_ends_are_reversed() {
    watchdog(|| {
        let pool = pool(3);
        let gates = [Gate::new(), Gate::new(), Gate::new()];
        let results = pool.map([0, 1, 2], {
            let gates = gates.clone();
            move |index: usize| {
                gates[index].wait();
                if let Some(before) = index.checked_sub(1) {
                    gates[before].open();
                }
                index
            }
        });
        gates[2].open();
        assert!(results.map(Result::unwrap).eq([0, 1, 2]));
    });
}

#[test]
fn eager_without_any_iteration() {
    watchdog(|| {
        let pool = pool(2);
        let calls = Arc::new(AtomicUsize::new(0));
        let read = AtomicUsize::new(0);
        let inputs = (0..50).inspect(|_| {
            read.fetch_add(1, Ordering::SeqCst);
        });
        let results = pool.map(inputs, {
            let calls = Arc::clone(&calls);
            move |_| calls.fetch_add(1, Ordering::SeqCst)
        });
        assert_eq!(read.load(Ordering::SeqCst), 50);
        pool.shutdown();
        assert_eq!(calls.load(Ordering::SeqCst), 50);
        drop(results);
    });
}

#[test]
fn nothing_in_nothing_out() {
    watchdog(|| {
        let pool = pool(1);
        let mut results = pool.map(iter::empty::<u8>(), |_| panic!("called"));
        assert_eq!(results.len(), 0);
        assert!(results.next().is_none());
        assert_eq!(pool.worker_count(), 0);
        pool.shutdown();
        assert_eq!(pool.map(iter::empty::<u8>(), |n| n).count(), 0);
    });
}

#[test]
fn several_inputs_are_zipped_to_the_shortest() {
    watchdog(|| {
        let pool = pool(2);
        let sums = pool.map(iter::zip([1, 2, 3], 10..), |(a, b): (i32, i32)| a + b);
        assert!(sums.map(Result::unwrap).eq([11, 13, 15]));
    });
}

#[test]
fn len_counts_what_is_still_to_come() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.map(0..3, |n| n);
        for left in (0..3).rev() {
            assert!(results.next().unwrap().is_ok());
            assert_eq!(results.len(), left);
        }
    });
}

#[test]
fn the_first_error_comes_at_its_place_and_ends_it() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.try_map(0..5_u32, |n| if n == 2 { Err("two") } else { Ok(n) });
        assert_eq!(results.next().unwrap().unwrap(), 0);
        assert_eq!(results.next().unwrap().unwrap(), 1);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 2);
        assert!(!error.is_timeout());
        assert!(matches!(error.task_error(), Some(TaskError::Failed("two"))));
        assert_eq!(error.into_task_error().unwrap().into_failure(), Some("two"));
        for _ in 0..3 {
            assert!(results.next().is_none());
        }
        assert_eq!(results.len(), 0);
    });
}

#[test]
fn a_panic_ends_it_as_well() {
    watchdog(|| {
        let pool = pool(1);
        let mut results = pool.map(0..3_u32, |n| assert_ne!(n, 1, "boom"));
        assert!(results.next().unwrap().is_ok());
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 1);
        assert!(error.task_error().unwrap().is_panic());
        assert!(results.next().is_none());
    });
}

#[test]
fn errors_all_the_way_are_one_error() {
    watchdog(|| {
        let pool = pool(2);
        let errors = pool.try_map(0..1000_u32, Err::<(), _>);
        assert_eq!(errors.take(2000).count(), 1);
    });
}

/// A task that ends at once, then ones that wait, then many queued behind them.
fn ran_after(
    stop: impl FnOnce(&mut dyn Iterator<Item = Result<u32, concurrent_futures::MapError<u32>>>),
    first: Result<u32, u32>,
) -> usize {
    let pool = pool(1);
    let (entered, leave) = (Gate::new(), Gate::new());
    let calls = Arc::new(AtomicUsize::new(0));
    let mut results = pool.try_map(0..100, {
        let (entered, leave, calls) = (entered.clone(), leave.clone(), Arc::clone(&calls));
        move |n| {
            calls.fetch_add(1, Ordering::SeqCst);
            if n == 0 {
                return first;
            }
            entered.open();
            leave.wait();
            Ok(n)
        }
    });
    entered.wait();
    stop(&mut results);
    drop(results);
    leave.open();
    pool.shutdown();
    calls.load(Ordering::SeqCst)
}

#[test]
fn an_error_cancels_the_rest() {
    watchdog(|| {
        let ran = ran_after(|results| assert!(results.next().unwrap().is_err()), Err(0));
        assert_eq!(ran, 2, "the failed one and the one that was running");
    });
}

#[test]
fn an_error_cancels_the_rest_at_once_not_at_the_drop() {
    watchdog(|| {
        let pool = pool(1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let probe = Probe::new();
        let inputs: Vec<_> = (0..50).map(|n| (n, probe.value())).collect();
        let mut results = pool.try_map(inputs, {
            let (entered, leave) = (entered.clone(), leave.clone());
            move |(n, _value)| {
                if n == 0 {
                    return Err(());
                }
                entered.open();
                leave.wait();
                Ok(())
            }
        });
        entered.wait();
        assert!(results.next().unwrap().is_err());
        assert_eq!(probe.alive(), 1, "the inputs of cancelled tasks are gone");
        leave.open();
    });
}

#[test]
fn dropping_a_started_iteration_cancels_the_rest() {
    watchdog(|| {
        let ran = ran_after(
            |results| assert_eq!(results.next().unwrap().unwrap(), 7),
            Ok(7),
        );
        assert_eq!(ran, 2);
    });
}

#[test]
fn dropping_one_that_was_never_started_cancels_nothing() {
    watchdog(|| assert_eq!(ran_after(|_| (), Ok(7)), 100));
}

#[test]
fn expiry_cancels_the_rest_and_the_awaited_one() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let inputs: Vec<_> = (0..10).map(|_| probe.value()).collect();
        let mut results = pool.map(inputs, drop).timeout(Duration::from_millis(10));
        let error = results.next().unwrap().unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(error.index(), 0);
        assert!(error.task_error().is_none());
        assert!(error.into_task_error().is_none());
        assert!(results.next().is_none());
        assert_eq!(probe.alive(), 0, "none of them will run");
        held.release();
    });
}

#[test]
fn the_limit_bounds_the_whole_iteration_and_is_never_early() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let begin = Instant::now();
        let timeout = Duration::from_millis(30);
        let mut results = pool.map(0..3, |n| n).timeout(timeout);
        assert!(results.next().unwrap().unwrap_err().is_timeout());
        assert!(begin.elapsed() >= timeout);
        held.release();
    });
}

#[test]
fn the_limit_counts_from_the_call_of_map() {
    const TIMEOUT: Duration = Duration::from_millis(100);
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let rest_is_shorter = || {
            let results = pool.map(0..3, |n| n);
            thread::sleep(TIMEOUT);
            let begin = Instant::now();
            let error = results.timeout(TIMEOUT).next().unwrap().unwrap_err();
            assert!(error.is_timeout());
            begin.elapsed() < TIMEOUT
        };
        // A loaded machine may spoil any single measurement, a limit counted from later spoils all.
        assert!((0..20).any(|_| rest_is_shorter()));
        held.release();
    });
}

#[test]
fn a_ready_result_is_given_even_after_the_limit() {
    watchdog(|| {
        let pool = pool(1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let results = pool.map([0, 1, 2], {
            let (entered, leave) = (entered.clone(), leave.clone());
            move |n: u32| {
                if n == 2 {
                    entered.open();
                    leave.wait();
                }
                n
            }
        });
        entered.wait();
        let mut results = results.timeout(Duration::ZERO);
        assert_eq!(results.next().unwrap().unwrap(), 0);
        assert_eq!(results.next().unwrap().unwrap(), 1);
        let error = results.next().unwrap().unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(error.index(), 2);
        assert!(results.next().is_none());
        leave.open();
    });
}

#[test]
fn max_waits_for_ever() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let results = pool.map(0..3_u32, |n| n).timeout(Duration::MAX);
        let reader = thread::spawn(move || results.map(Result::unwrap).sum::<u32>());
        thread::sleep(Duration::from_millis(10));
        held.release();
        assert_eq!(reader.join().unwrap(), 3);
    });
}

#[test]
fn a_task_s_own_timeout_is_no_expiry() {
    watchdog(|| {
        let pool = pool(1);
        let mut results = pool
            .try_map([()], |()| {
                Err::<(), _>(std::io::Error::from(std::io::ErrorKind::TimedOut))
            })
            .timeout(Duration::MAX);
        let error = results.next().unwrap().unwrap_err();
        assert!(!error.is_timeout());
        assert!(matches!(error.task_error(), Some(TaskError::Failed(_))));
    });
}

#[test]
fn inputs_that_panic_leave_the_earlier_tasks_running() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let calls = Arc::new(AtomicUsize::new(0));
        let inputs = (0..10).inspect(|&n| assert_ne!(n, 6, "the input fails"));
        let count = {
            let calls = Arc::clone(&calls);
            move |_| calls.fetch_add(1, Ordering::SeqCst)
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| drop(pool.map(inputs, count))));
        assert!(outcome.is_err());
        held.release();
        pool.shutdown();
        assert_eq!(calls.load(Ordering::SeqCst), 6);
    });
}

#[test]
fn on_a_pool_that_is_shut_down_the_first_item_says_so() {
    watchdog(|| {
        let pool = pool(1);
        pool.shutdown();
        let mut results = pool.map([1, 2], |n: u32| n);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 0);
        match error.task_error() {
            Some(TaskError::Rejected(rejected)) => assert!(rejected.is_shutdown()),
            other => panic!("{other:?}"),
        }
        assert!(results.next().is_none());
    });
}

#[test]
fn results_already_given_are_not_kept() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let inputs: Vec<_> = (0..10).map(|_| probe.value()).collect();
        let results = pool.map(inputs, |value| value);
        for (index, result) in results.enumerate() {
            assert_eq!(probe.deaths(), index);
            drop(result);
        }
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn the_function_goes_with_the_last_task() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let value = probe.value();
        let results = pool.map(0..10, move |n| {
            let _ = &value;
            n
        });
        assert_eq!(results.map(Result::unwrap).sum::<i32>(), 45);
        pool.shutdown();
        assert_eq!(probe.deaths(), 1);
    });
}

#[test]
fn one_bad_input_does_not_keep_the_others_from_running() {
    watchdog(|| {
        let pool = pool(1);
        let calls = Arc::new(AtomicUsize::new(0));
        let results = pool.try_map(0..10, {
            let calls = Arc::clone(&calls);
            move |n| {
                calls.fetch_add(1, Ordering::SeqCst);
                if n == 0 { Err("bad") } else { Ok(n) }
            }
        });
        pool.shutdown();
        assert_eq!(calls.load(Ordering::SeqCst), 10);
        drop(results);
    });
}

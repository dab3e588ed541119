//! An iteration that ends early: by an error, a panic, its time limit, or its drop.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use concurrent_futures::{Map, TaskError};

use super::{MANY, journal::Journal};
use crate::support::{Gate, Probe, hold, pool, watchdog};

const POSITIONS: [usize; 8] = [0, 1, 7, 62, 63, 64, 1000, 1999];
const ITEMS: usize = 2100;

/// A map whose items up to `position` end at once, the last of these with `outcome`, while all behind them wait.
/// All workers are at one of those when `stop` is called. Checks what has run, and what is left.
fn stopped_behind(
    workers: usize,
    position: usize,
    outcome: fn() -> Result<usize, &'static str>,
    stop: impl FnOnce(&mut Map<usize, &'static str>),
) {
    let pool = pool(workers);
    let (leave, entered) = (Gate::new(), Journal::new());
    let (calls, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let probe = Probe::new();
    let inputs: Vec<_> = (0..ITEMS).map(|index| (index, probe.value())).collect();
    let mut results = pool.try_map(inputs, {
        let (leave, entered) = (leave.clone(), entered.clone());
        let (calls, ended) = (Arc::clone(&calls), Arc::clone(&ended));
        move |(index, _value)| {
            calls.fetch_add(1, Ordering::SeqCst);
            if index == position {
                return outcome();
            }
            if index > position {
                entered.note(index);
                leave.wait();
                ended.fetch_add(1, Ordering::SeqCst);
            }
            Ok(index)
        }
    });
    let mut running = entered.first(workers);
    running.sort_unstable();
    assert!(running.into_iter().eq(position + 1..=position + workers));

    stop(&mut results);
    assert!(results.next().is_none());
    assert_eq!(results.len(), 0);
    assert_eq!(probe.alive(), workers, "the inputs of the running items");
    drop(results);
    leave.open();
    pool.shutdown();
    assert_eq!(calls.load(Ordering::SeqCst), position + 1 + workers);
    assert_eq!(ended.load(Ordering::SeqCst), workers, "running ones finish");
    assert_eq!(probe.alive(), 0);
}

#[test]
fn an_error_ends_the_iteration_and_cancels_the_rest() {
    watchdog(|| {
        for workers in 1..=4 {
            for position in POSITIONS {
                stopped_behind(
                    workers,
                    position,
                    || Err("here"),
                    |results| {
                        let before = results.by_ref().take(position);
                        assert!(before.map(Result::unwrap).eq(0..position));
                        let error = results.next().unwrap().unwrap_err();
                        assert_eq!(error.index(), position);
                        assert!(matches!(
                            error.task_error(),
                            Some(TaskError::Failed("here"))
                        ));
                    },
                );
            }
        }
    });
}

#[test]
fn a_panic_ends_the_iteration_and_cancels_the_rest() {
    watchdog(|| {
        for workers in 1..=4 {
            for position in POSITIONS {
                let panics = || resume_unwind(Box::new("here"));
                stopped_behind(workers, position, panics, |results| {
                    let before = results.by_ref().take(position);
                    assert!(before.map(Result::unwrap).eq(0..position));
                    let error = results.next().unwrap().unwrap_err();
                    assert_eq!(error.index(), position);
                    match error.into_task_error() {
                        Some(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "here"),
                        other => panic!("{other:?}"),
                    }
                });
            }
        }
    });
}

#[test]
fn the_limit_comes_after_all_results_that_are_ready() {
    watchdog(|| {
        for workers in 1..=4 {
            for position in POSITIONS {
                stopped_behind(
                    workers,
                    position,
                    || Ok(7),
                    |results| {
                        *results = take_limited(results, Duration::ZERO);
                        let ready = results.by_ref().take(position + 1);
                        assert_eq!(ready.map(Result::unwrap).last(), Some(7));
                        let error = results.next().unwrap().unwrap_err();
                        assert!(error.is_timeout());
                        assert_eq!(error.index(), position + 1);
                    },
                );
            }
        }
    });
}

/// The iteration with a limit, in exchange for an empty one.
fn take_limited<R: Send + 'static, E: Send + 'static>(
    results: &mut Map<R, E>,
    limit: Duration,
) -> Map<R, E> {
    let empty = pool(1).try_map([], |never: std::convert::Infallible| match never {});
    std::mem::replace(results, empty).timeout(limit)
}

/// As `stopped_behind`, ended by the drop of the iteration after `taken` results. Gives the calls.
fn calls_when_dropped_after(workers: usize, fast: usize, taken: usize) -> usize {
    let pool = pool(workers);
    let (leave, entered) = (Gate::new(), Journal::new());
    let calls = Arc::new(AtomicUsize::new(0));
    let probe = Probe::new();
    let inputs: Vec<_> = (0..ITEMS).map(|index| (index, probe.value())).collect();
    let mut results = pool.map(inputs, {
        let (leave, entered, calls) = (leave.clone(), entered.clone(), Arc::clone(&calls));
        move |(index, value)| {
            calls.fetch_add(1, Ordering::SeqCst);
            if index >= fast {
                entered.note(());
                leave.wait();
            }
            value
        }
    });
    entered.first(workers);
    assert_eq!(results.len(), ITEMS);
    assert_eq!(results.size_hint(), (ITEMS, Some(ITEMS)));
    assert!(format!("{results:?}").contains("Map"));
    assert_eq!(results.by_ref().take(taken).count(), taken);
    results = results.timeout(Duration::MAX);
    drop(results);
    let left = if taken == 0 { ITEMS - fast } else { workers };
    assert_eq!(probe.alive(), left, "results not taken are gone as well");
    leave.open();
    pool.shutdown();
    assert_eq!(probe.alive(), 0);
    calls.load(Ordering::SeqCst)
}

#[test]
fn the_drop_of_a_begun_iteration_cancels_the_rest() {
    watchdog(|| {
        for workers in 1..=4 {
            for (fast, taken) in [(1, 1), (2, 1), (64, 1), (64, 64), (1000, 3), (2000, 2000)] {
                let calls = calls_when_dropped_after(workers, fast, taken);
                assert_eq!(calls, fast + workers);
            }
        }
    });
}

#[test]
fn the_drop_of_one_not_begun_cancels_nothing() {
    watchdog(|| {
        for workers in 1..=4 {
            for fast in [0, 1, 64, 1000, 2000] {
                assert_eq!(calls_when_dropped_after(workers, fast, 0), ITEMS);
            }
        }
    });
}

#[test]
fn an_item_that_never_started_never_runs_though_workers_get_free() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let calls = Arc::new(AtomicUsize::new(0));
        let mut results = pool.map(0..MANY, {
            let calls = Arc::clone(&calls);
            move |_| calls.fetch_add(1, Ordering::SeqCst)
        });
        results = results.timeout(Duration::from_millis(1));
        assert!(results.next().unwrap().unwrap_err().is_timeout());
        held.release();
        pool.submit(|| ()).result().unwrap();
        pool.shutdown();
        assert_eq!(calls.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn the_error_that_counts_is_the_first_by_place_not_by_time() {
    watchdog(|| {
        let pool = pool(2);
        let (last_failed, leave) = (Gate::new(), Gate::new());
        let mut results = pool.try_map(0..3, {
            let (last_failed, leave) = (last_failed.clone(), leave.clone());
            move |index| {
                if index == 2 {
                    last_failed.open();
                    return Err(2);
                }
                if index == 0 {
                    leave.wait();
                }
                if index == 1 { Err(1) } else { Ok(()) }
            }
        });
        last_failed.wait();
        leave.open();
        assert!(results.next().unwrap().is_ok());
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 1);
        assert_eq!(error.into_task_error().unwrap().into_failure(), Some(1));
        assert!(results.next().is_none());
    });
}

#[test]
fn panics_do_not_keep_the_other_items_from_running() {
    watchdog(|| {
        for workers in [1, 3] {
            let pool = pool(workers);
            let calls = Arc::new(AtomicUsize::new(0));
            let mut results = pool.map(0..1000, {
                let calls = Arc::clone(&calls);
                move |index| {
                    calls.fetch_add(1, Ordering::SeqCst);
                    if index % 3 == 0 {
                        resume_unwind(Box::new("every third"));
                    }
                }
            });
            pool.shutdown();
            assert_eq!(calls.load(Ordering::SeqCst), 1000);
            let error = results.next().unwrap().unwrap_err();
            assert_eq!(error.index(), 0);
            assert!(error.task_error().unwrap().is_panic());
            assert!(results.next().is_none());
        }
    });
}

#[test]
fn workers_outlive_the_panics_of_items() {
    watchdog(|| {
        let pool = pool(3);
        for _ in 0..20 {
            let results = pool.map(0..100, |_| resume_unwind(Box::new("each")));
            assert_eq!(results.filter(Result::is_err).count(), 1);
        }
        let workers = pool.worker_count();
        let meeting = std::sync::Barrier::new(3);
        assert_eq!(
            pool.map(0..3, move |_| meeting.wait().is_leader()).count(),
            3
        );
        assert!(workers <= 3 && pool.worker_count() == 3);
    });
}

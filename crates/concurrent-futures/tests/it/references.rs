//! When closures, values and errors die: each once, and at a moment one can rely on.

use std::thread;

use concurrent_futures::{Future, TaskError};

use crate::support::{Probe, hold, pool, watchdog};

#[test]
fn the_closure_is_gone_before_the_outcome_is_seen() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        for count in 1..=1000 {
            let value = probe.value();
            let task = pool.submit(move || {
                let _ = &value;
            });
            task.result().unwrap();
            assert_eq!(probe.deaths(), count);
        }
    });
}

#[test]
fn the_closure_is_gone_before_the_future_is_done() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        for count in 1..=300 {
            let value = probe.value();
            let task = pool.submit(move || {
                let _ = &value;
            });
            while !task.done() {
                thread::yield_now();
            }
            assert_eq!(probe.deaths(), count);
        }
    });
}

#[test]
fn the_closure_of_a_failing_task_too() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let value = probe.value();
        let failing = pool.try_submit(move || {
            let _ = &value;
            Err::<(), _>("failed")
        });
        assert!(failing.exception().is_some());
        assert_eq!(probe.deaths(), 1);
        let value = probe.value();
        let panicking = pool.submit(move || {
            let _ = &value;
            panic!("boom");
        });
        assert!(panicking.exception().is_some());
        assert_eq!(probe.deaths(), 2);
    });
}

#[test]
fn closures_die_on_their_worker() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let value = probe.value();
        let worker = pool.submit(move || {
            let _ = &value;
            thread::current().id()
        });
        assert_eq!(worker.result().unwrap(), probe.died_on()[0]);
    });
}

#[test]
fn an_idle_worker_keeps_nothing_of_its_last_task() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let (argument, value) = (probe.value(), probe.value());
        let task = pool.submit(move || {
            drop(argument);
            value
        });
        drop(task.result().unwrap());
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn a_value_moves_to_who_asks_for_it() {
    watchdog(|| {
        let probe = Probe::new();
        let value = probe.value();
        let task = pool(1).submit(move || value);
        let value = task.result().unwrap();
        assert_eq!(probe.alive(), 1);
        drop(value);
        assert_eq!(probe.died_on(), [thread::current().id()]);
    });
}

#[test]
fn an_unread_value_goes_with_its_future() {
    watchdog(|| {
        let probe = Probe::new();
        let value = probe.value();
        let task = pool(1).submit(move || value);
        assert!(task.done());
        assert_eq!(probe.alive(), 1);
        drop(task);
        assert_eq!(probe.died_on(), [thread::current().id()]);
    });
}

#[test]
fn an_abandoned_value_goes_on_the_worker() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        drop(pool.submit(move || value));
        let worker = pool.submit(|| thread::current().id());
        held.release();
        let worker = worker.result().unwrap();
        assert_eq!(probe.died_on(), [worker]);
    });
}

#[test]
fn an_abandoned_closure_goes_after_its_run_and_not_before() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        drop(pool.submit(move || drop(value)));
        assert_eq!(probe.alive(), 1);
        held.release();
        probe.wait_for_deaths(1);
    });
}

#[test]
fn futures_dropped_while_their_tasks_end() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        for _ in 0..2000 {
            let (argument, value) = (probe.value(), probe.value());
            let task = pool.submit(move || {
                drop(argument);
                value
            });
            drop(task);
        }
        pool.shutdown();
        assert_eq!((probe.births(), probe.deaths()), (4000, 4000));
    });
}

#[test]
fn errors_and_payloads_go_with_their_futures() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let value = probe.value();
        let failed = pool.try_submit(move || Err::<(), _>(value));
        let value = probe.value();
        let panicked = pool.submit(move || std::panic::panic_any(value));
        pool.shutdown();
        assert_eq!(probe.alive(), 2);
        drop(failed);
        assert_eq!(probe.alive(), 1);
        drop(panicked);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn a_payload_moves_to_who_asks_for_it() {
    watchdog(|| {
        let probe = Probe::new();
        let value = probe.value();
        let task = pool(1).submit(move || std::panic::panic_any(value));
        let Err(TaskError::Panicked(panic)) = task.result() else {
            panic!("no panic");
        };
        let payload = panic.into_payload();
        assert_eq!(probe.alive(), 1);
        drop(payload);
        assert_eq!(probe.deaths(), 1);
    });
}

#[test]
fn callbacks_lend_and_do_not_keep() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let task = pool.submit(move || value);
        for _ in 0..3 {
            task.add_done_callback(|outcome| assert!(outcome.is_ok()));
        }
        held.release();
        drop(task.result().unwrap());
        assert_eq!((probe.births(), probe.deaths()), (1, 1));
    });
}

#[test]
fn a_callback_s_captures_go_also_when_the_task_is_cancelled_or_fails() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let capture = |task: &Future<u8>| {
            let value = probe.value();
            task.add_done_callback(move |_| {
                let _ = &value;
            });
        };
        let (cancelled, panicking) = (pool.submit(|| 1), pool.submit(|| panic!("boom")));
        capture(&cancelled);
        capture(&panicking);
        cancelled.cancel();
        assert_eq!(probe.deaths(), 1);
        held.release();
        pool.shutdown();
        assert_eq!(probe.deaths(), 2);
    });
}

#[test]
fn follow_ups_hand_values_over_once() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let value = probe.value();
        let capture = probe.value();
        let last = pool.submit(move || value).then(move |value| {
            drop(capture);
            value
        });
        drop(last.then(|value| value).result().unwrap());
        pool.shutdown();
        assert_eq!((probe.births(), probe.deaths()), (2, 2));
    });
}

#[test]
fn every_ending_counts_once() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let mut kept = Vec::new();
        for n in 0..600 {
            let (argument, value) = (probe.value(), probe.value());
            let task = pool.try_submit(move || {
                let _argument = argument;
                match n % 3 {
                    0 => Ok(value),
                    1 => Err(value),
                    _ => std::panic::panic_any(value),
                }
            });
            match n % 5 {
                0 => drop(task),
                1 => drop(task.cancel()),
                2 => drop(task.result()),
                3 => kept.push(task.shared()),
                _ => drop(task.then(|value| value)),
            }
        }
        pool.shutdown();
        drop(kept);
        assert_eq!((probe.births(), probe.deaths()), (1200, 1200));
    });
}

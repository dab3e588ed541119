//! Groups: tasks that are waited for together, and of which one may end the work of all.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use concurrent_futures::{
    CancelToken, Cancelled, CollectAll, FailFast, FirstSuccess, TaskError, ThreadPoolExecutor,
    check_cancelled,
};

use crate::support::{Gate, Probe, hold, pool, watchdog};

const LONG: Duration = Duration::from_secs(3600);

fn sleep() -> Result<(), Cancelled> {
    CancelToken::current().sleep(LONG)
}

#[test]
fn fail_fast_gives_all_values_in_order() {
    watchdog(|| {
        let pool = pool(4);
        let numbers: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let parsed = pool.group(FailFast).scope(|group| {
            for number in &numbers {
                group.try_submit(|| number.parse::<usize>());
            }
        });
        assert!(parsed.unwrap().into_iter().eq(0..100));
    });
}

#[test]
fn fail_fast_stops_the_others_and_gives_the_first_error() {
    watchdog(|| {
        let pool = pool(2);
        let (probe, ran) = (Probe::new(), AtomicUsize::new(0));
        let (about, ready) = mpsc::channel();
        let result = pool.group(FailFast).scope(|group| {
            group.try_submit(|| {
                about.send(()).unwrap();
                sleep().map_err(|_| "stopped")
            });
            ready.recv().unwrap();
            let gate = Gate::new();
            group.try_submit({
                let gate = gate.clone();
                move || {
                    gate.wait();
                    Err("the first")
                }
            });
            for _ in 0..100 {
                let (value, ran) = (probe.value(), &ran);
                group.try_submit(move || {
                    drop(value);
                    ran.fetch_add(1, SeqCst);
                    Ok(())
                });
            }
            gate.open();
        });
        let error = result.unwrap_err();
        assert_eq!(error.index(), 1);
        assert!(matches!(error.task_error(), TaskError::Failed("the first")));
        assert_eq!(error.to_string(), "task 1: the first");
        assert_eq!(ran.load(SeqCst), 0);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn queued_siblings_go_at_once_while_others_keep_the_workers() {
    watchdog(|| {
        let pool = pool(2);
        let _held = hold(&pool, 1);
        let probe = Probe::new();
        let gate = Gate::new();
        let group = pool.group(FailFast).open::<(), &str>();
        group.try_submit({
            let gate = gate.clone();
            move || {
                gate.wait();
                Err("over")
            }
        });
        for _ in 0..10 {
            let value = probe.value();
            group.try_submit(move || {
                drop(value);
                Ok(())
            });
        }
        assert_eq!(probe.alive(), 10);
        gate.open();
        let error = group.join().unwrap_err();
        assert_eq!(error.index(), 0);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn a_panic_is_an_error() {
    watchdog(|| {
        let pool = pool(2);
        let result = pool.group(FailFast).scope(|group| {
            group.submit(|| panic!("on fire"));
            group.submit(|| assert!(sleep().is_err()));
        });
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), "task 0: the task panicked: on fire");
    });
}

#[test]
fn what_is_submitted_after_the_end_is_dropped_at_once() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let result = pool.group(FailFast).scope(|group| {
            group.try_submit(|| Err::<(), _>("over"));
            while check_cancelled().is_ok() {}
            let value = probe.value();
            group.try_submit(move || {
                drop(value);
                Ok(())
            });
            assert_eq!(probe.alive(), 0);
        });
        assert_eq!(result.unwrap_err().index(), 0);
    });
}

#[test]
fn collect_all_stops_nobody() {
    watchdog(|| {
        let pool = pool(2);
        let outcomes = pool.group(CollectAll).scope(|group| {
            group.try_submit(|| Err("one"));
            group.try_submit(|| Ok(2));
            group.try_submit(|| panic!("three"));
            group.try_submit(|| Ok(4));
        });
        assert!(matches!(outcomes[0], Err(TaskError::Failed("one"))));
        assert_eq!(*outcomes[1].as_ref().unwrap(), 2);
        assert!(outcomes[2].as_ref().unwrap_err().is_panic());
        assert_eq!(*outcomes[3].as_ref().unwrap(), 4);
    });
}

#[test]
fn first_success_stops_the_others() {
    watchdog(|| {
        let pool = pool(3);
        let fastest = pool.group(FirstSuccess).scope(|group| {
            group.try_submit(|| sleep().map(|()| 1).map_err(|_| "stopped"));
            group.try_submit(|| Err("down"));
            group.try_submit(|| Ok(3));
            for _ in 0..50 {
                group.try_submit(|| sleep().map(|()| 4).map_err(|_| "stopped"));
            }
        });
        assert_eq!(fastest.unwrap(), 3);
    });
}

#[test]
fn without_a_success_all_errors_are_given_in_order() {
    watchdog(|| {
        let pool = pool(3);
        let nothing = pool.group(FirstSuccess).scope(|group| {
            for n in 0..5 {
                group.try_submit(move || Err::<(), _>(n));
            }
        });
        let errors = nothing.unwrap_err().into_errors();
        let numbers = errors
            .into_iter()
            .map(|error| error.into_failure().unwrap());
        assert!(numbers.eq(0..5));
        let empty = pool
            .group(FirstSuccess)
            .scope(|_: &concurrent_futures::Group<'_, '_, ()>| ());
        assert!(empty.unwrap_err().errors().is_empty());
    });
}

#[test]
fn an_empty_group_is_no_error() {
    watchdog(|| {
        let pool = pool(1);
        let group = pool.group(FailFast).open::<i32, ()>();
        assert!(group.join().unwrap().is_empty());
        let group = pool.group(CollectAll).open::<i32, ()>();
        assert!(group.join().is_empty());
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn tasks_may_submit_to_their_group() {
    watchdog(|| {
        let pool = pool(2);
        let count = AtomicUsize::new(0);
        let depths = pool.group(FailFast).scope(|group| {
            fn grow<'scope>(
                group: &concurrent_futures::Group<'scope, '_, usize>,
                depth: usize,
                count: &'scope AtomicUsize,
            ) {
                let more = group.clone();
                group.submit(move || {
                    count.fetch_add(1, SeqCst);
                    if depth < 6 {
                        grow(&more, depth + 1, count);
                        grow(&more, depth + 1, count);
                    }
                    depth
                });
            }
            grow(group, 0, &count);
        });
        assert_eq!(depths.unwrap().len(), 127);
        assert_eq!(count.load(SeqCst), 127);
    });
}

#[test]
fn the_deadline_ends_what_is_queued_and_asks_what_runs() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let value = probe.value();
        let outcomes = pool
            .group(CollectAll)
            .timeout(Duration::from_millis(5))
            .scope(|group| {
                group.submit(sleep);
                group.submit(move || {
                    drop(value);
                    Ok(())
                });
            });
        match &outcomes[0] {
            Ok(slept) => assert!(slept.unwrap_err().is_deadline()),
            Err(error) => assert!(error.is_deadline_exceeded()),
        }
        assert!(outcomes[1].is_err());
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn the_deadline_ends_a_group_whose_turn_does_not_come() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let group = pool
            .group(FailFast)
            .timeout(Duration::from_millis(1))
            .open();
        group.submit(|| 1);
        group.submit(|| 2);
        let error = group.join().unwrap_err();
        assert!(error.task_error().is_deadline_exceeded());
    });
}

#[test]
fn a_cancelled_token_ends_a_group_whose_turn_does_not_come() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let token = CancelToken::new();
        let group = pool.group(FailFast).token(&token).open();
        group.submit(|| 1);
        std::thread::scope(|scope| {
            let joined = scope.spawn(|| group.join());
            token.cancel();
            let error = joined.join().unwrap().unwrap_err();
            assert!(error.task_error().is_cancelled());
        });
    });
}

#[test]
fn a_group_inherits_the_token_of_its_task() {
    watchdog(|| {
        let pool = pool(3);
        let token = CancelToken::new();
        let (about, ready) = mpsc::channel();
        let outer = pool.task().token(&token).submit({
            let pool = pool.clone();
            move || {
                pool.group(CollectAll).scope(|group| {
                    group.submit(|| {
                        about.send(()).unwrap();
                        sleep()
                    });
                })
            }
        });
        ready.recv().unwrap();
        token.cancel();
        let outcomes = outer.result().unwrap();
        assert!(outcomes[0].as_ref().unwrap().is_err());
    });
}

#[test]
fn groups_nest_and_an_outer_error_stops_the_inner_one() {
    watchdog(|| {
        let pool = pool(4);
        let (about, ready) = mpsc::channel();
        let about = &about;
        let ready = Mutex::new(ready);
        let inner_pool = pool.clone();
        let result = pool.group(FailFast).scope(|outer| {
            outer.try_submit(|| {
                let inner = inner_pool.group(FailFast).scope(|inner| {
                    for _ in 0..2 {
                        inner.try_submit(|| {
                            about.send(()).unwrap();
                            sleep().map_err(|_| "inner")
                        });
                    }
                });
                inner.map(drop).map_err(|_| "inner")
            });
            outer.try_submit(|| {
                let ready = ready.lock().unwrap();
                ready.recv().unwrap();
                Err("outer")
            });
        });
        let error = result.unwrap_err();
        assert_eq!(error.index(), 1);
        assert_eq!(error.to_string(), "task 1: outer");
    });
}

#[test]
fn an_inner_error_is_the_outer_task_s_own() {
    watchdog(|| {
        let pool = pool(2);
        let inner_pool = pool.clone();
        let result = pool.group(CollectAll).scope(|outer| {
            outer.submit(|| {
                let group = inner_pool.group(FailFast);
                group.scope(|inner| inner.try_submit(|| Err::<(), _>("inner")))
            });
        });
        let inner = result.into_iter().next().unwrap().unwrap();
        assert_eq!(inner.unwrap_err().to_string(), "task 0: inner");
    });
}

#[test]
fn a_panicking_body_stops_its_tasks_and_goes_on_panicking() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.group(FailFast).scope(|group| {
                let (one, other) = (probe.value(), probe.value());
                group.submit(move || {
                    drop(one);
                    assert!(sleep().is_err());
                });
                group.submit(move || drop(other));
                panic!("the body");
            })
        }));
        assert!(unwound.is_err());
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn dropping_an_owned_group_stops_it_and_does_not_wait() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let (about, ready) = mpsc::channel();
        let group = pool.group(FailFast).open();
        let (running, queued) = (probe.value(), probe.value());
        group.submit(move || {
            about.send(()).unwrap();
            assert!(sleep().is_err());
            drop(running);
        });
        ready.recv().unwrap();
        group.submit(move || drop(queued));
        let token = group.token().clone();
        drop(group);
        assert!(token.is_cancelled());
        probe.wait_for_deaths(2);
    });
}

#[test]
fn an_owned_group_can_be_shared_and_joined_elsewhere() {
    watchdog(|| {
        let pool = pool(4);
        let group = Arc::new(pool.group(FailFast).open::<usize, ()>());
        std::thread::scope(|scope| {
            for start in [0, 100, 200] {
                let group = Arc::clone(&group);
                scope.spawn(move || {
                    for n in start..start + 100 {
                        group.try_submit(move || Ok(n));
                    }
                });
            }
        });
        let group = Arc::into_inner(group).unwrap();
        let mut numbers = group.join().unwrap();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..300));
    });
}

#[test]
fn a_pool_that_is_shut_down_is_the_error() {
    watchdog(|| {
        let pool = pool(1);
        pool.shutdown();
        let result = pool.group(FailFast).scope(|group| {
            group.submit(|| 1);
            group.submit(|| 2);
        });
        let error = result.unwrap_err();
        assert_eq!(error.index(), 0);
        assert!(matches!(error.task_error(), TaskError::Rejected(r) if r.is_shutdown()));
    });
}

#[test]
fn a_shutdown_that_cancels_ends_a_group() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let group = pool.group(FailFast).open();
        group.submit(|| 1);
        let how = concurrent_futures::Shutdown::new()
            .cancel_futures()
            .no_wait();
        pool.shutdown_with(how).unwrap();
        assert!(group.join().unwrap_err().task_error().is_cancelled());
        held.release();
    });
}

#[test]
fn a_bounded_pool_runs_groups() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .queue_capacity(2)
            .build()
            .unwrap();
        let values = pool.group(FailFast).scope(|group| {
            for n in 0..100 {
                group.submit(move || n);
            }
        });
        assert!(values.unwrap().into_iter().eq(0..100));
    });
}

#[test]
fn errors_and_values_of_those_that_were_not_wanted_are_dropped() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let first = pool.group(FirstSuccess).scope(|group| {
            for _ in 0..20 {
                let value = probe.value();
                group.submit(move || value);
            }
        });
        assert_eq!(probe.alive(), 1);
        drop(first);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn what_a_joined_groups_tasks_have_submitted_goes_on() {
    watchdog(|| {
        let (pool, other) = (pool(1), pool(1));
        let held = hold(&other, 1);
        let group = pool.group(CollectAll).open();
        let elsewhere = other.clone();
        group.submit(move || elsewhere.submit(|| 7));
        let outer = group.join().remove(0);
        held.release();
        assert_eq!(outer.unwrap().result().unwrap(), 7);
    });
}

//! Tasks with a token or a deadline: what does not start, what inherits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    time::{Duration, Instant},
};

use concurrent_futures::{
    CancelToken, Cancelled, Future, Map, MapError, ReturnWhen, TaskError, ThreadPoolExecutor,
    check_cancelled, wait,
};

use crate::support::{Gate, Probe, hold, pool, watchdog};

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_task_whose_token_is_cancelled_while_it_waits_does_not_start() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (token, probe) = (CancelToken::new(), Probe::new());
        let value = probe.value();
        let task = pool.task().token(&token).submit(move || drop(value));
        let other = pool.task().token(&token).try_submit(|| Ok::<_, ()>(1));
        let free = pool.submit(|| 2);
        token.cancel();
        assert!(!task.done());
        held.release();
        assert_eq!(free.result().unwrap(), 2);
        assert!(task.cancelled());
        assert_eq!(probe.alive(), 0);
        assert_eq!(
            format!("{task:?}").split(' ').next_back(),
            Some("state=cancelled>")
        );
        assert!(task.result().unwrap_err().is_cancelled());
        assert!(other.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn who_waits_hears_of_a_task_that_does_not_start() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let token = CancelToken::new();
        let (tell, told) = mpsc::channel();
        let task = pool.task().token(&token).submit(|| 1);
        task.add_done_callback(move |outcome| tell.send(outcome.is_err()).unwrap());
        let follow_up = pool.task().token(&token).submit(|| 1).then(|n| n + 1);
        // A box: larger than a slot.
        let large = pool.task().token(&token).submit(|| [0_u8; 1000]);
        token.cancel();
        held.release();
        let (done, _) = wait([task], ReturnWhen::AllCompleted);
        assert!(done[0].cancelled());
        assert!(told.recv().unwrap());
        assert!(follow_up.result().unwrap_err().is_cancelled());
        assert!(large.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn a_cancelled_token_is_no_exception_to_wait() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        token.cancel();
        let tasks = [pool.task().token(&token).submit(|| 1), pool.submit(|| 2)];
        let (done, not_done) = wait(&tasks, ReturnWhen::FirstException);
        assert_eq!((done.len(), not_done.len()), (2, 0));
    });
}

#[test]
fn a_running_task_asks_its_token_and_sleeps_on_it() {
    watchdog(|| {
        let pool = pool(2);
        let token = CancelToken::new();
        let (about, ready) = mpsc::channel();
        let asks = pool
            .task()
            .token(&token)
            .try_submit(|| -> Result<(), Cancelled> {
                loop {
                    check_cancelled()?;
                }
            });
        let sleeps = pool.task().token(&token).submit(move || {
            about.send(()).unwrap();
            CancelToken::current().sleep(LONG)
        });
        ready.recv().unwrap();
        token.cancel();
        assert!(asks.result().is_err());
        assert!(sleeps.result().unwrap().is_err());
    });
}

#[test]
fn a_request_concerns_one_task_of_several_with_the_same_token() {
    watchdog(|| {
        let pool = pool(2);
        let token = CancelToken::new();
        let sleep = || {
            pool.task()
                .token(&token)
                .submit(|| CancelToken::current().sleep(LONG))
        };
        let (one, other) = (sleep(), sleep());
        while !one.running() {}
        one.request_cancel();
        assert!(one.result().unwrap().is_err());
        assert!(!token.is_cancelled());
        token.cancel();
        assert!(other.result().is_ok_and(|slept| slept.is_err()) || token.is_cancelled());
    });
}

#[test]
fn tasks_inherit_the_token_of_the_task_that_submits_them() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        let (started, gate) = (Gate::new(), Gate::new());
        let children = pool.task().token(&token).submit({
            let (pool, started, gate) = (pool.clone(), started.clone(), gate.clone());
            move || {
                started.open();
                let children = (
                    pool.submit(|| 1),
                    pool.try_submit(|| Ok::<_, ()>(1)),
                    pool.task().name("child").submit(|| 1),
                    pool.submit(|| 1).then(|n| n),
                    pool.map(0..100, |n| n),
                );
                gate.wait();
                children
            }
        });
        started.wait();
        token.cancel();
        gate.open();
        let (a, b, c, d, map) = children.result().unwrap();
        assert!(a.result().unwrap_err().is_cancelled());
        assert!(b.result().unwrap_err().is_cancelled());
        assert!(c.result().unwrap_err().is_cancelled());
        assert!(d.result().unwrap_err().is_cancelled());
        let error = map.collect::<Result<Vec<_>, MapError>>().unwrap_err();
        assert!(error.task_error().is_some_and(TaskError::is_cancelled));
        assert_eq!(pool.submit(|| 5).result().unwrap(), 5);
    });
}

#[test]
fn grandchildren_inherit_too_and_another_token_replaces_it() {
    watchdog(|| {
        let pool = pool(1);
        let (token, other) = (CancelToken::new(), CancelToken::new());
        let grandchildren = pool.task().token(&token).submit({
            let (pool, other) = (pool.clone(), other.clone());
            move || {
                pool.submit({
                    let pool = pool.clone();
                    move || {
                        let replaced = pool.task().token(&other).submit(check_cancelled);
                        CancelToken::current().wait();
                        (pool.submit(check_cancelled), replaced)
                    }
                })
            }
        });
        let child = grandchildren.result().unwrap();
        token.cancel();
        let (inherits, replaced) = match child.result() {
            Ok(children) => children,
            // It had not started.
            Err(error) => return assert!(error.is_cancelled()),
        };
        assert!(inherits.result().unwrap_err().is_cancelled());
        assert!(replaced.result().unwrap().is_ok());
    });
}

#[test]
fn a_scope_in_a_task_inherits() {
    watchdog(|| {
        let pool = pool(2);
        let token = CancelToken::new();
        let task = pool.task().token(&token).submit({
            let (pool, token) = (pool.clone(), token.clone());
            move || {
                token.cancel();
                pool.scope(|scope| scope.submit(|| 1).result())
            }
        });
        assert!(task.result().unwrap().unwrap_err().is_cancelled());
    });
}

#[test]
fn a_thread_that_has_entered_a_token_gives_it_to_what_it_submits() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        token.cancel();
        let task = token.enter(|| pool.submit(|| 1));
        assert!(task.result().unwrap_err().is_cancelled());
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
    });
}

#[test]
fn the_next_task_of_the_worker_inherits_nothing() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        let first = pool.task().token(&token).submit(check_cancelled);
        assert!(first.result().unwrap().is_ok());
        token.cancel();
        let clean = pool.submit({
            let pool = pool.clone();
            move || (check_cancelled(), pool.submit(check_cancelled))
        });
        let (own, child) = clean.result().unwrap();
        assert!(own.is_ok());
        assert!(child.result().unwrap().is_ok());
    });
}

#[test]
fn a_task_whose_time_is_over_before_its_turn_does_not_start() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let late = pool
            .task()
            .timeout(Duration::from_millis(1))
            .submit(move || drop(value));
        let early = pool.task().deadline(Instant::now() + LONG).submit(|| 1);
        let never = pool.task().timeout(Duration::MAX).submit(|| 2);
        CancelToken::new().sleep(Duration::from_millis(2)).unwrap();
        held.release();
        assert!(matches!(
            late.exception(),
            Some(TaskError::DeadlineExceeded)
        ));
        assert!(!late.cancelled());
        assert_eq!(probe.alive(), 0);
        assert!(late.result().unwrap_err().is_deadline_exceeded());
        assert_eq!(early.result().unwrap(), 1);
        assert_eq!(never.result().unwrap(), 2);
    });
}

#[test]
fn a_running_task_sees_its_deadline_and_its_children_inherit_it() {
    watchdog(|| {
        let pool = pool(2);
        let token = CancelToken::new();
        let task = pool
            .task()
            .token(&token)
            .timeout(Duration::from_millis(5))
            .submit({
                let pool = pool.clone();
                move || {
                    let slept = CancelToken::current().sleep(LONG);
                    (slept, pool.submit(|| ()).result())
                }
            });
        match task.result() {
            Ok((slept, child)) => {
                assert!(slept.unwrap_err().is_deadline());
                assert!(child.unwrap_err().is_deadline_exceeded());
            }
            Err(error) => assert!(error.is_deadline_exceeded()),
        }
        assert!(!token.is_cancelled());
    });
}

#[test]
fn a_map_below_a_deadline_stops_at_the_item_that_is_late() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let map = token.enter(|| {
            let (calls, token) = (Arc::clone(&calls), token.clone());
            pool.map(0..1000, move |n| {
                calls.fetch_add(1, SeqCst);
                assert!(check_cancelled().is_ok());
                if n == 3 {
                    token.cancel();
                    assert!(check_cancelled().is_err());
                }
                n
            })
        });
        let results: Vec<_> = map.collect();
        assert_eq!(results.len(), 5);
        assert!(results[..4].iter().all(Result::is_ok));
        let error = results[4].as_ref().unwrap_err();
        assert_eq!(error.index(), 4);
        assert!(error.task_error().is_some_and(TaskError::is_cancelled));
        assert_eq!(calls.load(SeqCst), 4);
    });
}

#[test]
fn an_item_run_by_who_waits_for_it_takes_over_nothing_of_it() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        let (send, maps) = mpsc::channel::<Map<(bool, Future<_>)>>();
        // It has the only worker when the map is made, and so runs the items itself.
        let iterates = pool.task().token(&token).submit({
            let token = token.clone();
            move || {
                token.cancel();
                let map = maps.recv().unwrap();
                let items = map.map(Result::unwrap).collect::<Vec<_>>();
                (items, check_cancelled().is_err())
            }
        });
        while !iterates.running() {}
        let child_pool = pool.clone();
        let map = pool.map(0..20, move |_| {
            (
                check_cancelled().is_ok(),
                child_pool.submit(check_cancelled),
            )
        });
        send.send(map).unwrap();
        let (items, asked) = iterates.result().unwrap();
        assert!(asked);
        for (clean, child) in items {
            assert!(clean);
            assert!(child.result().unwrap().is_ok());
        }
    });
}

#[test]
fn a_task_run_by_who_waits_for_it_has_its_own_token() {
    watchdog(|| {
        let pool = pool(1);
        let (outer, inner) = (CancelToken::new(), CancelToken::new());
        let task = pool.task().token(&outer).submit({
            let (pool, outer, inner) = (pool.clone(), outer.clone(), inner.clone());
            move || {
                let plain = token_free(&pool);
                let given = pool.task().token(&inner).submit(|| {
                    drop(CancelToken::current());
                    check_cancelled()
                });
                drop(CancelToken::current());
                outer.cancel();
                let given = given.result().unwrap();
                (
                    plain,
                    given,
                    check_cancelled(),
                    CancelToken::current().is_cancelled(),
                )
            }
        });
        let (plain, given, own, current) = task.result().unwrap();
        assert!(plain.is_ok() && given.is_ok());
        assert!(own.is_err() && current);
    });
}

/// Asked by a task that inherits no token.
fn token_free(pool: &ThreadPoolExecutor) -> Result<(), Cancelled> {
    let token = CancelToken::new();
    pool.task()
        .token(&token)
        .submit(check_cancelled)
        .result()
        .unwrap()
}

#[test]
fn a_task_with_a_token_may_be_dropped_with_its_pool() {
    watchdog(|| {
        let token = CancelToken::new();
        let pool = ThreadPoolExecutor::new();
        let task = pool.task().token(&token).name("late").submit(|| 1);
        drop(pool);
        assert_eq!(task.result().unwrap(), 1);
    });
}

#[test]
fn what_does_not_start_is_counted_as_what_it_is() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        token.cancel();
        let cancelled = pool.task().token(&token).submit(|| ());
        let late = pool.task().timeout(Duration::ZERO).submit(|| ());
        assert!(cancelled.exception().is_some() && late.exception().is_some());
        let items = token.enter(|| pool.map(0..3, |n| n));
        drop(items);
        pool.shutdown();
        let stats = pool.stats();
        assert_eq!(stats.submitted, 5);
        assert_eq!((stats.cancelled, stats.failed, stats.completed), (4, 1, 0));
    });
}

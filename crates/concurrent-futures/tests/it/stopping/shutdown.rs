//! A shutdown that asks running tasks to stop, and names those that do not.

use std::{sync::mpsc, time::Duration};

use concurrent_futures::{CancelToken, Shutdown, ThreadPoolExecutor, check_cancelled};

use crate::support::{Gate, hold, pool, watchdog};

const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(1);

fn named_pool(prefix: &str, max_workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .thread_name_prefix(prefix)
        .build()
        .unwrap()
}

#[test]
fn running_tasks_are_asked_and_sleepers_wake() {
    watchdog(|| {
        let pool = pool(2);
        let (about, ready) = mpsc::channel();
        let sleeps = pool.submit({
            let about = about.clone();
            move || {
                about.send(()).unwrap();
                CancelToken::current().sleep(LONG)
            }
        });
        let asks = pool.submit(move || {
            about.send(()).unwrap();
            loop {
                if let Err(cancelled) = check_cancelled() {
                    return cancelled;
                }
            }
        });
        ready.recv().unwrap();
        ready.recv().unwrap();
        pool.shutdown_with(Shutdown::new().cancel_running())
            .unwrap();
        assert!(sleeps.result().unwrap().unwrap_err().is_shutdown());
        let cancelled = asks.result().unwrap();
        assert!(cancelled.is_shutdown());
        assert_eq!(
            cancelled.to_string(),
            "asked to stop, because the pool is shut down"
        );
    });
}

#[test]
fn without_it_running_tasks_are_left_alone() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let task = pool.submit({
            let gate = gate.clone();
            move || {
                gate.wait();
                (check_cancelled(), CancelToken::current().is_cancelled())
            }
        });
        while !task.running() {}
        let how = Shutdown::new().cancel_futures().no_wait();
        pool.shutdown_with(how).unwrap();
        gate.open();
        assert_eq!(task.result().unwrap(), (Ok(()), false));
    });
}

#[test]
fn what_is_queued_starts_and_is_asked_too() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let asks = pool.submit(check_cancelled);
        let sleeps = pool.submit(|| CancelToken::current().sleep(LONG));
        let items = pool.map(0..3, |_| check_cancelled().is_err());
        let how = Shutdown::new().cancel_running().no_wait();
        pool.shutdown_with(how).unwrap();
        held.release();
        assert!(asks.result().unwrap().unwrap_err().is_shutdown());
        assert!(sleeps.result().unwrap().unwrap_err().is_shutdown());
        assert!(items.map(Result::unwrap).eq([true; 3]));
        pool.shutdown();
    });
}

#[test]
fn with_cancel_futures_what_is_queued_is_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let sleeps = pool.submit(|| CancelToken::current().sleep(LONG));
        while !sleeps.running() {}
        let queued = pool.submit(|| ());
        let how = Shutdown::new().cancel_running().cancel_futures();
        pool.shutdown_with(how).unwrap();
        assert!(queued.cancelled());
        assert!(sleeps.result().unwrap().is_err());
    });
}

/// Each setting does its own part, whatever the others say.
#[test]
fn every_combination_of_settings() {
    for cancel_futures in [false, true] {
        for cancel_running in [false, true] {
            for wait in ["for ever", "in time", "too short", "no"] {
                watchdog(|| combination(cancel_futures, cancel_running, wait));
            }
        }
    }
}

fn combination(cancel_futures: bool, cancel_running: bool, wait: &str) {
    let pool = pool(1);
    let gate = Gate::new();
    let (about, ready) = mpsc::channel();
    let running = pool.submit({
        let gate = gate.clone();
        move || {
            about.send(()).unwrap();
            gate.wait();
            check_cancelled().is_err()
        }
    });
    ready.recv().unwrap();
    let queued = pool.submit(|| check_cancelled().is_err());
    let mut how = Shutdown::new();
    if cancel_futures {
        how = how.cancel_futures();
    }
    if cancel_running {
        how = how.cancel_running();
    }
    how = match wait {
        "in time" => how.timeout(LONG),
        "too short" => how.timeout(SHORT),
        "no" => how.no_wait(),
        _ => how,
    };
    let result = std::thread::scope(|scope| {
        let shutdown = scope.spawn(|| pool.shutdown_with(how));
        // The waits that last need the task to end; and the flag is set before anybody waits.
        if matches!(wait, "for ever" | "in time") {
            while !pool_is_closed(&pool) || cancel_futures && !queued.done() {}
            gate.open();
        }
        shutdown.join().unwrap()
    });
    assert_eq!(result.is_err(), wait == "too short");
    assert_eq!(queued.cancelled(), cancel_futures);
    gate.open();
    pool.shutdown();
    let asked = running.result().unwrap();
    if matches!(wait, "too short" | "no") || !cancel_running {
        assert_eq!(asked, cancel_running);
    }
    match queued.result() {
        Ok(asked) => assert_eq!((asked, false), (cancel_running, cancel_futures)),
        Err(error) => assert!(cancel_futures && error.is_cancelled()),
    }
}

fn pool_is_closed(pool: &ThreadPoolExecutor) -> bool {
    format!("{pool:?}").contains("shut down")
}

#[test]
fn another_pool_is_not_asked() {
    watchdog(|| {
        let (one, other) = (pool(1), pool(1));
        let gate = Gate::new();
        let task = other.submit({
            let gate = gate.clone();
            move || {
                let token = CancelToken::current();
                gate.wait();
                check_cancelled().is_ok() && !token.is_cancelled()
            }
        });
        while !task.running() {}
        one.shutdown_with(Shutdown::new().cancel_running()).unwrap();
        gate.open();
        assert!(task.result().unwrap());
    });
}

#[test]
fn a_timeout_names_the_tasks_that_have_not_stopped() {
    watchdog(|| {
        let pool = named_pool("stubborn", 2);
        let gate = Gate::new();
        let (about, ready) = mpsc::channel();
        let run = |gate: Gate, about: mpsc::Sender<()>| {
            move || {
                about.send(()).unwrap();
                gate.wait();
            }
        };
        let _named = pool
            .task()
            .name("nightly backup")
            .submit(run(gate.clone(), about.clone()));
        ready.recv().unwrap();
        let _nameless = pool.submit(run(gate.clone(), about));
        ready.recv().unwrap();
        let how = Shutdown::new().cancel_running().timeout(SHORT);
        let error = pool.shutdown_with(how).unwrap_err();
        assert_eq!(error.running(), ["stubborn_0", "stubborn_1"]);
        let [named, nameless] = error.tasks() else {
            panic!("two run: {error:?}");
        };
        assert_eq!(named.worker(), "stubborn_0");
        assert_eq!(named.name(), Some("nightly backup"));
        assert!(named.age().is_some_and(|age| age >= SHORT));
        assert_eq!(nameless.worker(), "stubborn_1");
        assert_eq!((nameless.name(), nameless.age()), (None, None));
        let text = error.to_string();
        assert!(
            text.contains("running in stubborn_0 (\"nightly backup\" for "),
            "{text}"
        );
        assert!(text.ends_with("), stubborn_1, 0 tasks queued"), "{text}");
        gate.open();
        pool.shutdown();
    });
}

#[test]
fn a_worker_may_ask_its_own_pool_to_stop() {
    watchdog(|| {
        let pool = pool(2);
        let sleeps = pool.submit(|| CancelToken::current().sleep(LONG));
        while !sleeps.running() {}
        let asked = pool.submit({
            let pool = pool.clone();
            move || {
                let how = Shutdown::new().cancel_running().no_wait();
                pool.shutdown_with(how).unwrap();
                check_cancelled()
            }
        });
        assert!(asked.result().unwrap().unwrap_err().is_shutdown());
        assert!(sleeps.result().unwrap().is_err());
    });
}

//! What works when nothing fails.

use crate::support::prelude::*;
use concurrent_futures::{
    ReturnWhen, TaskError, ThreadPoolExecutor, Waitable, as_completed, remote::CallError, wait,
};
use concurrent_futures_remote::{Executor, Task};
use serde::{Serialize, de::DeserializeOwned};

fn error<A, T>(executor: &Executor, task: &Task<A, T>, arguments: A) -> CallError
where
    A: Serialize,
    T: DeserializeOwned + Send + 'static,
{
    match executor.submit(task, arguments).result() {
        Err(TaskError::Failed(error)) => error,
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("no error"),
    }
}

#[test]
fn values_errors_and_panics_come_back() {
    with_server(|server| {
        let _worker = Worker::start(&server, 2);
        let executor = server.executor();
        assert_eq!(executor.submit(&DOUBLE, 21).result().unwrap(), 42);
        let bytes: Vec<_> = (0..100_000u32).map(|n| n.to_le_bytes()[0]).collect();
        assert_eq!(
            executor.submit(&ECHO, bytes.clone()).result().unwrap(),
            bytes
        );
        let text = "invalid digit found in string".to_owned();
        assert_eq!(
            error(&executor, &PARSE, "x".to_owned()),
            CallError::Task(text)
        );
        assert_eq!(
            error(&executor, &UNKNOWN, ()),
            CallError::UnknownTask("unknown@1".to_owned())
        );
        let CallError::Codec(text) = error(&executor, &MISTYPED, "x".to_owned()) else {
            panic!("another error")
        };
        assert!(
            text.starts_with("the arguments of double@1 cannot be read: "),
            "{text}"
        );
        match executor.submit(&PANIC, "disk on fire".to_owned()).result() {
            Err(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "disk on fire"),
            other => panic!("no panic: {other:?}"),
        }
        let stats = executor.stats();
        assert_eq!((stats.submitted, stats.completed, stats.failed), (6, 2, 4));
        assert_eq!((stats.pending(), stats.redelivered), (0, 0));
        assert!(stats.longest_run_time > std::time::Duration::ZERO);
    });
}

#[test]
fn a_map_is_in_order_and_runs_on_all_workers() {
    with_server(|server| {
        let _workers = [Worker::start(&server, 2), Worker::start(&server, 2)];
        let executor = server.executor();
        let doubled: Result<Vec<_>, _> = executor.map(&DOUBLE, 0..1200).collect();
        assert_eq!(
            doubled.unwrap(),
            (0..1200).map(|n| 2 * n).collect::<Vec<_>>()
        );
        // More than one of them has slots for.
        let (log, flag) = (server.log(), server.flag("go"));
        let held = (0..3).map(|n| executor.submit(&HOLD, (log.clone(), flag.clone(), n)));
        let held: Vec<_> = held.collect();
        until("both workers have something", || log.words().len() == 3);
        flag.raise();
        for (n, future) in held.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), n as u64);
        }
    });
}

#[test]
fn remote_and_local_futures_mix() {
    with_server(|server| {
        let _worker = Worker::start(&server, 2);
        let (executor, pool) = (server.executor(), ThreadPoolExecutor::new());
        let mut futures: Vec<_> = (0..50).map(|n| executor.submit(&DOUBLE, n)).collect();
        futures.extend((0..50u64).map(|n| pool.try_submit(move || Ok(2 * n))));
        let sum: u64 = as_completed(futures)
            .map(|future| future.result().unwrap())
            .sum();
        assert_eq!(sum, 2 * 49 * 50);
        let (far, near) = (executor.submit(&DOUBLE, 1), pool.submit(|| "near"));
        wait([&far as &dyn Waitable, &near], ReturnWhen::AllCompleted);
        assert!(far.done() && near.done());
        let (far, near) = (executor.submit(&DOUBLE, 4), pool.submit(|| 1));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let sum = runtime.unwrap().block_on(async {
            let near = near.await.unwrap();
            far.await.unwrap() + near
        });
        assert_eq!(sum, 9);
    });
}

#[test]
fn callbacks_and_follow_ups_may_wait_for_other_calls() {
    with_server(|server| {
        let _worker = Worker::start(&server, 2);
        let executor = server.executor();
        let again = executor.clone();
        let chain = executor
            .submit(&DOUBLE, 1)
            .try_then(move |n| {
                again
                    .submit(&DOUBLE, n)
                    .result()
                    .map_err(|_| CallError::Lost)
            })
            .then(|n| n + 1);
        assert_eq!(chain.result().unwrap(), 5);
        let (tell, told) = std::sync::mpsc::channel();
        let again = executor.clone();
        executor
            .submit(&DOUBLE, 2)
            .add_done_callback(move |outcome| {
                let next = again.submit(&DOUBLE, *outcome.unwrap());
                tell.send(next.result().unwrap()).unwrap();
            });
        assert_eq!(told.recv().unwrap(), 8);
    });
}

#[test]
fn futures_outlive_their_executor() {
    with_server(|server| {
        let future = server.executor().submit(&DOUBLE, 4);
        let _worker = Worker::start(&server, 1);
        assert_eq!(future.result().unwrap(), 8);
    });
}

#[test]
fn one_slot_runs_one_call_at_a_time_in_their_order() {
    with_server(|server| {
        let executor = server.executor();
        let log = server.log();
        let futures: Vec<_> = (0..20)
            .map(|n| executor.submit(&NAP, (log.clone(), n, 0)))
            .collect();
        let _worker = Worker::start(&server, 1);
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), n as u64);
        }
        let words: Vec<_> = (0..20).map(|n| n.to_string()).collect();
        assert_eq!(log.words(), words);
    });
}

#[test]
fn a_busy_worker_takes_nothing_ahead() {
    with_server(|server| {
        let executor = server.executor();
        let (log, flag) = (server.log(), server.flag("go"));
        let _busy = Worker::start(&server, 1);
        let held = executor.submit(&HOLD, (log.clone(), flag.clone(), 1));
        until("it runs", || log.count("1") == 1);
        let next = executor.submit(&DOUBLE, 1);
        // The other worker gets it, and not only after the first call's end.
        let _free = Worker::start(&server, 1);
        assert_eq!(next.result().unwrap(), 2);
        assert!(!held.done());
        flag.raise();
        assert_eq!(held.result().unwrap(), 1);
    });
}

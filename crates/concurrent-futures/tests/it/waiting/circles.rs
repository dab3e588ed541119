//! A wait that leads back to itself is an error, not a silence.

use std::sync::mpsc;

use concurrent_futures::{Future, ReturnWhen, SharedFuture, TaskError, ThreadPoolExecutor, wait};

use crate::support::{hold, watchdog};

fn named(max_workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .thread_name_prefix("ring")
        .build()
        .unwrap()
}

/// A task that runs, and waits, by `wait`, for what it is sent.
fn waits<T: Send + 'static>(
    pool: &ThreadPoolExecutor,
    wait: impl FnOnce(T) -> String + Send + 'static,
) -> (mpsc::Sender<T>, SharedFuture<String>) {
    let (send, receive) = mpsc::channel::<T>();
    let (started, start) = mpsc::channel();
    let future = pool.submit(move || {
        started.send(()).unwrap();
        wait(receive.recv().unwrap())
    });
    start.recv().unwrap();
    (send, future.shared())
}

/// The text of a wait's end: of its value, or of the deadlock.
fn text(outcome: Result<&String, &TaskError>) -> String {
    match outcome {
        Ok(text) => text.clone(),
        Err(TaskError::Deadlock(deadlock)) => deadlock.to_string(),
        Err(other) => panic!("neither: {other:?}"),
    }
}

#[test]
fn a_task_that_waits_for_itself() {
    watchdog(|| {
        let pool = named(1);
        let (send, future) = waits(&pool, |own: SharedFuture<String>| text(own.result()));
        send.send(future.clone()).unwrap();
        assert_eq!(
            future.result().unwrap(),
            "deadlock: the task in worker ring_0 waits for itself"
        );
    });
}

#[test]
fn tasks_with_names_are_named() {
    watchdog(|| {
        let pool = named(1);
        let (send, receive) = mpsc::channel::<SharedFuture<Vec<Option<String>>>>();
        let (tell, told) = mpsc::channel();
        let future = pool.task().name("ouroboros").submit(move || {
            let own = receive.recv().unwrap();
            let Err(TaskError::Deadlock(deadlock)) = own.result() else {
                panic!("no deadlock");
            };
            tell.send(deadlock.to_string()).unwrap();
            deadlock
                .tasks()
                .map(|name| name.map(str::to_owned))
                .collect()
        });
        let future = future.shared();
        send.send(future.clone()).unwrap();
        assert_eq!(
            told.recv().unwrap(),
            "deadlock: the task in worker ring_0 (\"ouroboros\") waits for itself"
        );
        assert_eq!(future.result().unwrap()[..], [Some("ouroboros".to_owned())]);
    });
}

#[test]
fn two_tasks_that_wait_for_each_other() {
    watchdog(|| {
        let pool = named(2);
        let (to_first, first) = waits(&pool, |other: SharedFuture<String>| text(other.result()));
        let (to_second, second) = waits(&pool, |other: SharedFuture<String>| text(other.result()));
        to_first.send(second.clone()).unwrap();
        to_second.send(first.clone()).unwrap();
        // One of them was told; its text became the value for which the other one waited.
        let text = first.result().unwrap();
        assert_eq!(text, second.result().unwrap());
        assert!(
            text.starts_with("deadlock: the task in worker ring_"),
            "{text}"
        );
        assert_eq!(
            text.matches("waits for the one in ring_").count(),
            2,
            "{text}"
        );
    });
}

#[test]
fn a_ring_of_ten() {
    watchdog(|| {
        let pool = named(10);
        let (senders, futures): (Vec<_>, Vec<_>) = (0..10)
            .map(|_| waits(&pool, |next: SharedFuture<String>| text(next.result())))
            .unzip();
        for (n, sender) in senders.iter().enumerate() {
            sender.send(futures[(n + 1) % 10].clone()).unwrap();
        }
        let text = futures[0].result().unwrap();
        assert_eq!(text.matches("ring_").count(), 11, "{text}");
        assert!(
            futures
                .iter()
                .all(|future| future.result().unwrap() == text)
        );
    });
}

#[test]
fn a_circle_by_way_of_a_task_in_place() {
    watchdog(|| {
        let pool = named(1);
        let own = pool.clone();
        let (send, future) = waits(&pool, move |outer: SharedFuture<String>| {
            let inner = own.submit(move || text(outer.result()));
            inner.result().unwrap()
        });
        send.send(future.clone()).unwrap();
        let text = future.result().unwrap();
        assert_eq!(text, "deadlock: the task in worker ring_0 waits for itself");
    });
}

#[test]
fn a_circle_by_way_of_the_depth() {
    fn descend(pool: &ThreadPoolExecutor, root: SharedFuture<String>, below: usize) -> String {
        if below == 0 {
            return text(root.result());
        }
        let own = pool.clone();
        let next = pool.submit(move || descend(&own, root, below - 1));
        next.result().unwrap()
    }
    watchdog(|| {
        let pool = named(1);
        let own = pool.clone();
        let (send, future) = waits(&pool, move |root| descend(&own, root, 3000));
        send.send(future.clone()).unwrap();
        assert!(future.result().unwrap().starts_with("deadlock: "));
    });
}

#[test]
fn an_owned_future() {
    watchdog(|| {
        let pool = named(1);
        let (tell, told) = mpsc::channel();
        let (send, receive) = mpsc::channel::<Future<()>>();
        let future = pool.submit(move || {
            let own = receive.recv().unwrap();
            let Err(TaskError::Deadlock(deadlock)) = own.result() else {
                panic!("no deadlock");
            };
            let workers: Vec<_> = deadlock.workers().map(str::to_owned).collect();
            tell.send(workers).unwrap();
        });
        send.send(future).unwrap();
        assert_eq!(told.recv().unwrap(), ["ring_0"]);
    });
}

#[test]
fn a_callback_that_waits_for_the_follow_up_of_its_own_task() {
    watchdog(|| {
        let pool = named(1);
        let (tell, told) = mpsc::channel();
        let (give, take) = mpsc::channel::<Future<u8>>();
        let held = hold(&pool, 1);
        let parent = pool.submit(|| 1);
        parent.add_done_callback(move |_| {
            let outcome = take.recv().unwrap().result();
            tell.send(matches!(outcome, Err(TaskError::Deadlock(_))))
                .unwrap();
        });
        give.send(parent.then(|n| n + 1)).unwrap();
        held.release();
        assert!(told.recv().unwrap());
    });
}

#[test]
fn waits_without_an_error_of_their_own_panic() {
    watchdog(|| {
        let pool = named(1);
        let (send, future) = waits(&pool, |own: SharedFuture<String>| {
            wait([own], ReturnWhen::AllCompleted);
            "not told".to_owned()
        });
        send.send(future.clone()).unwrap();
        let Err(TaskError::Panicked(panic)) = future.result() else {
            panic!("no panic");
        };
        assert!(panic.message().starts_with("deadlock: "), "{panic}");

        let (send, receive) = mpsc::channel::<Future<()>>();
        let (tell, told) = mpsc::channel();
        let future = pool.submit(move || {
            let own = receive.recv().unwrap();
            let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _ = own.exception();
            }));
            tell.send(caught.is_err()).unwrap();
        });
        send.send(future).unwrap();
        assert!(told.recv().unwrap());
    });
}

#[test]
fn waiting_for_all_sees_a_circle_through_any() {
    watchdog(|| {
        let pool = named(3);
        let (to_first, first) = waits(&pool, |others: [SharedFuture<String>; 2]| {
            wait(&others, ReturnWhen::AllCompleted);
            "went on".to_owned()
        });
        let (to_second, second) = waits(&pool, |other: SharedFuture<String>| text(other.result()));
        let (to_third, third) = waits(&pool, |gate: mpsc::Receiver<()>| {
            let _ = gate.recv();
            "third".to_owned()
        });
        let (release, gate) = mpsc::channel();
        to_third.send(gate).unwrap();
        to_first.send([third.clone(), second.clone()]).unwrap();
        to_second.send(first.clone()).unwrap();
        // One of the two is told at once, while the third still runs.
        let told = |future: &SharedFuture<String>| match future.result() {
            Ok(text) => text.contains("deadlock"),
            Err(error) => error.to_string().contains("deadlock"),
        };
        let second_told = told(&second);
        drop(release);
        assert!(second_told || told(&first));
    });
}

#[test]
fn no_circle_is_seen_where_there_is_none() {
    watchdog(|| {
        let pool = named(4);
        for _ in 0..200 {
            let shared: Vec<_> = (0..4).map(|n| pool.submit(move || n).shared()).collect();
            let readers: Vec<_> = (0..8)
                .map(|_| {
                    let shared = shared.clone();
                    pool.submit(move || {
                        wait(&shared, ReturnWhen::AllCompleted);
                        shared.iter().map(|n| *n.result().unwrap()).sum::<i32>()
                    })
                })
                .collect();
            for reader in readers {
                assert_eq!(reader.result().unwrap(), 6);
            }
        }
    });
}

//! What random programs have found, each as it was when it was smallest.

use std::sync::mpsc;
use std::time::Duration;

use concurrent_futures::{Shutdown, ThreadPoolExecutor};

/// A correct pool needs none of it.
const PATIENCE: Duration = Duration::from_secs(60);

fn one_worker() -> ThreadPoolExecutor {
    let builder = ThreadPoolExecutor::builder().max_workers(1);
    builder.build().expect("a valid number of workers")
}

/// What a closed queue refused counted as pushed where it stood for others, and so as one task less.
#[test]
fn a_map_that_is_refused_takes_nothing_from_the_statistics() {
    let pool = one_worker();
    let (release, gate) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let held = pool.submit(move || {
        tell.send(()).expect("the test waits for it");
        let _ = gate.recv();
    });
    told.recv_timeout(PATIENCE).expect("it starts");
    pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
    let refused = pool.map(0..3, |number| number).next();
    assert!(refused.is_some_and(|result| result.is_err()));
    let stats = pool.stats();
    assert_eq!((stats.submitted, stats.running, stats.queued), (1, 1, 0));
    assert_eq!(stats.rejected, 3);
    drop(release);
    held.result().unwrap();
}

/// They counted as taken, and as failed.
#[test]
fn tasks_of_a_scope_that_a_closed_pool_refuses_count_as_rejected() {
    let pool = one_worker();
    let own = pool.clone();
    let outcomes = pool.submit(move || {
        own.shutdown_with(Shutdown::new().no_wait()).unwrap();
        own.scope(|scope| scope.submit(|| 1).result().is_err())
    });
    assert!(outcomes.result().unwrap());
    let stats = pool.stats();
    assert_eq!((stats.submitted, stats.completed), (1, 1));
    assert_eq!((stats.failed, stats.rejected), (0, 1));
}

/// So did these.
#[test]
fn items_of_a_map_that_a_broken_pool_refuses_count_as_rejected() {
    let builder = ThreadPoolExecutor::builder().max_workers(1);
    let pool = builder.initializer(|| -> Result<(), &str> { Err("no connection") });
    let pool = pool.build().expect("a valid number of workers");
    let first = pool.submit(|| ());
    assert!(first.result().is_err());
    let refused = pool.map(0..3, |number| number).next();
    assert!(refused.is_some_and(|result| result.is_err()));
    let stats = pool.stats();
    assert_eq!((stats.submitted, stats.failed), (1, 1));
    assert_eq!(stats.rejected, 3);
}

/// It counted from where it had begun to give results as they come.
#[test]
fn a_map_that_goes_on_unordered_counts_its_items_from_the_first() {
    let pool = one_worker();
    let numbers = [1, -2, 3].map(|number: i32| move || u8::try_from(number));
    let mut map = pool.try_map_buffered(1, numbers, |number| number());
    assert_eq!(map.next().and_then(Result::ok), Some(1));
    let error = map.unordered().find_map(Result::err);
    assert_eq!(error.map(|error| error.index()), Some(1));
}

/// It went into the queue as if it were to run, and took the room of another task until a worker came by.
#[test]
fn a_follow_up_that_was_cancelled_before_it_was_due_takes_no_room() {
    let builder = ThreadPoolExecutor::builder().max_workers(1);
    let pool = builder.queue_capacity(1).build().expect("valid settings");
    let (release, gate) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let first = pool.submit(move || {
        tell.send(()).expect("the test waits for it");
        let _ = gate.recv();
    });
    told.recv_timeout(PATIENCE).expect("it starts");
    let (end, last) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let next = first.then(|()| ());
    assert!(next.cancel());
    // It starts before whatever comes into the queue when the first has ended.
    let second = pool.submit(move || {
        tell.send(()).expect("the test waits for it");
        let _ = last.recv();
    });
    drop(release);
    told.recv_timeout(PATIENCE).expect("it starts");
    assert!(pool.offer(|| ()).is_ok());
    drop(end);
    second.result().unwrap();
}

use crate::watchdog;
use concurrent_futures::{Panic, Promise, TaskError, ThreadPoolExecutor};
use std::{
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

#[test]
fn a_result_wakes_who_waits() {
    watchdog(|| {
        let (promise, future) = Promise::<i32>::new();
        assert!(!future.done() && !future.running() && !future.cancelled());
        let waiter = thread::spawn(move || future.result());
        promise.set_result(7).unwrap();
        assert_eq!(waiter.join().unwrap().unwrap(), 7);
    });
}

#[test]
fn an_exception_is_that_of_the_task() {
    let (promise, future) = Promise::<i32, String>::new();
    promise.set_exception("line is dead".to_owned()).unwrap();
    assert!(matches!(future.exception(), Some(TaskError::Failed(text)) if text == "line is dead"));
}

#[test]
fn a_panic_is_told_and_can_be_resumed() {
    let (promise, future) = Promise::<i32>::new();
    let panic = Panic::from_message("disk on fire");
    promise.complete(Err(TaskError::Panicked(panic))).unwrap();
    let Err(TaskError::Panicked(panic)) = future.result() else {
        panic!("no panic")
    };
    assert_eq!(
        *panic.into_payload().downcast::<String>().unwrap(),
        "disk on fire"
    );
}

#[test]
fn large_values_travel() {
    let (promise, future) = Promise::<[u64; 100]>::new();
    promise.set_result([3; 100]).unwrap();
    assert_eq!(future.result().unwrap(), [3; 100]);
}

#[test]
fn callbacks_have_run_when_the_promise_is_kept() {
    let (promise, future) = Promise::<i32>::new();
    let (tell, told) = channel();
    for n in 0..3 {
        let tell = tell.clone();
        future.add_done_callback(move |outcome| {
            tell.send((n, *outcome.unwrap(), thread::current().id()))
                .unwrap();
        });
    }
    promise.set_result(5).unwrap();
    let here = thread::current().id();
    assert_eq!(
        told.try_iter().collect::<Vec<_>>(),
        [(0, 5, here), (1, 5, here), (2, 5, here)]
    );
}

#[test]
fn values_are_dropped_once_whoever_goes_first() {
    let probe = Arc::new(());
    let (promise, future) = Promise::<Arc<()>>::new();
    drop(future);
    promise.set_result(Arc::clone(&probe)).unwrap();
    assert_eq!(Arc::strong_count(&probe), 1);
    let (promise, future) = Promise::<Arc<()>>::new();
    promise.set_result(Arc::clone(&probe)).unwrap();
    assert_eq!(Arc::strong_count(&probe), 2);
    drop(future);
    assert_eq!(Arc::strong_count(&probe), 1);
}

#[test]
fn a_promise_that_is_dropped_cancels_its_future() {
    watchdog(|| {
        for started in [false, true] {
            let (promise, future) = Promise::<i32>::new();
            assert!(!started || promise.set_running_or_notify_cancel());
            let waiter = thread::spawn(move || future.result());
            drop(promise);
            assert!(matches!(waiter.join().unwrap(), Err(TaskError::Cancelled)));
        }
    });
}

#[test]
fn it_is_awaited() {
    watchdog(|| {
        let (promise, future) = Promise::<i32>::new();
        let keeper = thread::spawn(move || promise.set_result(9));
        let waker = std::task::Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = std::task::Context::from_waker(&waker);
        let mut future = std::pin::pin!(future);
        let outcome = loop {
            match future.as_mut().poll(&mut context) {
                std::task::Poll::Ready(outcome) => break outcome,
                std::task::Poll::Pending => thread::park(),
            }
        };
        assert_eq!(outcome.unwrap(), 9);
        keeper.join().unwrap().unwrap();
    });
}

struct Unpark(thread::Thread);

impl std::task::Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[test]
fn follow_ups_run_where_the_promise_is_kept() {
    let (promise, future) = Promise::<i32>::new();
    let here = thread::current().id();
    let place = future.then(move |n| (n, thread::current().id()));
    promise.set_result(1).unwrap();
    assert_eq!(place.result().unwrap(), (1, here));
    let (promise, future) = Promise::<i32>::new();
    promise.set_result(1).unwrap();
    assert_eq!(
        future
            .then(move |_| thread::current().id())
            .result()
            .unwrap(),
        here
    );
}

#[test]
fn follow_ups_run_on_their_pool_as_long_as_there_is_one() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::new();
        let (promise, future) = Promise::<i32>::builder().follow_ups_on(&pool).build();
        let chain = (0..1000).fold(future, |future, _| future.then(|n: i32| n + 1));
        promise.set_result(0).unwrap();
        assert_eq!(chain.result().unwrap(), 1000);
        let (promise, future) = Promise::<i32>::builder().follow_ups_on(&pool).build();
        let next = future.then(|n| n);
        drop(pool);
        promise.set_result(1).unwrap();
        assert!(matches!(next.result(), Err(TaskError::Rejected(_))));
    });
}

#[test]
fn a_pool_counts_no_promises() {
    let pool = ThreadPoolExecutor::new();
    let (promise, future) = Promise::<i32>::builder().follow_ups_on(&pool).build();
    assert!(future.cancel());
    drop(promise);
    assert_eq!((pool.stats().submitted, pool.stats().cancelled), (0, 0));
}

#[test]
fn a_timed_wait_gives_the_future_back() {
    let (promise, future) = Promise::<i32>::new();
    let future = match future.result_timeout(Duration::ZERO) {
        Err(concurrent_futures::ResultTimeoutError::TimedOut(future)) => future,
        other => panic!("not in time: {other:?}"),
    };
    promise.set_result(2).unwrap();
    assert_eq!(future.result_timeout(Duration::ZERO).unwrap(), 2);
}

#[test]
fn a_worker_that_waits_for_a_promise_sleeps_until_it_is_kept() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .build()
            .unwrap();
        for on_pool in [false, true] {
            let builder = Promise::<i32>::builder();
            let builder = if on_pool {
                builder.follow_ups_on(&pool)
            } else {
                builder
            };
            let (promise, future) = builder.build();
            let (tell, told) = channel();
            let waiter = pool.submit(move || {
                tell.send(()).unwrap();
                future.result()
            });
            assert_ne!(
                told.recv_timeout(Duration::from_secs(20)),
                Err(RecvTimeoutError::Timeout)
            );
            promise.set_result(3).unwrap();
            assert_eq!(waiter.result().unwrap().unwrap(), 3);
        }
    });
}

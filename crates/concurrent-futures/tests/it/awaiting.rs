//! Futures awaited: by hand, and with an executor of a dozen lines.

use std::{
    future::{Future, IntoFuture},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use concurrent_futures::{TaskError, ThreadPoolExecutor};

use crate::support::{hold, pool, watchdog};

/// Counts its wakes and wakes a thread.
struct CountingWaker {
    wakes: AtomicUsize,
    thread: Thread,
}

impl CountingWaker {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            wakes: AtomicUsize::new(0),
            thread: thread::current(),
        })
    }

    fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }

    fn wait_for_wake(&self) {
        while self.wakes() == 0 {
            thread::park();
        }
    }
}

impl Wake for CountingWaker {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.thread.unpark();
    }
}

fn block_on<F: IntoFuture>(future: F) -> F::Output {
    let mut future = pin!(future.into_future());
    loop {
        let counter = CountingWaker::new();
        match poll(future.as_mut(), &counter) {
            Poll::Ready(output) => return output,
            Poll::Pending => counter.wait_for_wake(),
        }
    }
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>, counter: &Arc<CountingWaker>) -> Poll<F::Output> {
    let waker = Waker::from(Arc::clone(counter));
    future.poll(&mut Context::from_waker(&waker))
}

#[test]
fn gives_the_value() {
    watchdog(|| {
        let pool = pool(1);
        let sum = block_on(async {
            let first = pool.submit(|| 1).await?;
            let second = pool.submit(move || first + 1).await?;
            Ok::<_, TaskError>(first + second)
        });
        assert_eq!(sum.unwrap(), 3);
    });
}

#[test]
fn gives_errors_panics_and_cancellation() {
    watchdog(|| {
        let pool = pool(1);
        let failed = block_on(pool.try_submit(|| Err::<(), _>("failed")));
        assert_eq!(failed.unwrap_err().into_failure(), Some("failed"));
        assert!(
            block_on(pool.submit(|| panic!("boom")))
                .unwrap_err()
                .is_panic()
        );
        let _held = hold(&pool, 1);
        let task = pool.submit(|| ());
        task.cancel();
        assert!(block_on(task).unwrap_err().is_cancelled());
    });
}

#[test]
fn a_done_future_is_ready_at_the_first_poll_and_wakes_nobody() {
    watchdog(|| {
        let future = pool(1).submit(|| 4);
        let counter = CountingWaker::new();
        let polled = poll(pin!(future).as_mut(), &counter);
        assert!(matches!(polled, Poll::Ready(Ok(4))));
        assert_eq!(counter.wakes(), 0);
        assert_eq!(Arc::strong_count(&counter), 1);
    });
}

#[test]
fn a_pending_one_wakes_exactly_once() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut future = pin!(pool.submit(|| 4));
        let counter = CountingWaker::new();
        for _ in 0..3 {
            assert!(poll(future.as_mut(), &counter).is_pending());
        }
        held.release();
        counter.wait_for_wake();
        pool.shutdown();
        assert_eq!(counter.wakes(), 1);
        assert!(matches!(
            poll(future.as_mut(), &counter),
            Poll::Ready(Ok(4))
        ));
        assert_eq!(counter.wakes(), 1);
        assert_eq!(Arc::strong_count(&counter), 1);
    });
}

#[test]
fn cancelling_wakes() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let shared = pool.submit(|| 4).shared();
        let counter = CountingWaker::new();
        let mut awaited = pin!((&shared).into_future());
        assert!(poll(awaited.as_mut(), &counter).is_pending());
        assert!(shared.cancel());
        assert_eq!(counter.wakes(), 1);
        assert!(poll(awaited.as_mut(), &counter).is_ready());
        held.release();
    });
}

#[test]
fn only_the_waker_of_the_last_poll_is_woken() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut future = pin!(pool.submit(|| 4));
        let (first, last) = (CountingWaker::new(), CountingWaker::new());
        assert!(poll(future.as_mut(), &first).is_pending());
        assert!(poll(future.as_mut(), &last).is_pending());
        assert_eq!(Arc::strong_count(&first), 1, "the former waker is let go");
        held.release();
        last.wait_for_wake();
        pool.shutdown();
        assert_eq!((first.wakes(), last.wakes()), (0, 1));
        assert!(poll(future.as_mut(), &first).is_ready());
    });
}

#[test]
fn moved_between_threads_and_wakers_no_wake_is_lost() {
    watchdog(|| {
        let pool = pool(1);
        for round in 0..500 {
            let mut future = Box::pin(pool.submit(move || round));
            let counter = CountingWaker::new();
            let first = poll(future.as_mut(), &counter);
            let value = match first {
                Poll::Ready(value) => value,
                Poll::Pending => thread::spawn(move || block_on(future)).join().unwrap(),
            };
            assert_eq!(value.unwrap(), round);
        }
    });
}

#[test]
fn a_dropped_pending_one_lets_go_of_its_waker() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let counter = CountingWaker::new();
        let mut future = Box::pin(pool.submit(|| 4));
        assert!(poll(future.as_mut(), &counter).is_pending());
        assert_eq!(Arc::strong_count(&counter), 2);
        drop(future);
        assert_eq!(Arc::strong_count(&counter), 1);
        held.release();
        pool.shutdown();
        assert_eq!(counter.wakes(), 0, "nobody is interested any more");
    });
}

#[test]
fn dropping_the_await_does_not_cancel_the_task() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, ran) = std::sync::mpsc::channel();
        let mut future = Box::pin(pool.submit(move || sender.send(()).unwrap()));
        assert!(poll(future.as_mut(), &CountingWaker::new()).is_pending());
        drop(future);
        held.release();
        ran.recv().unwrap();
    });
}

#[test]
fn a_polled_future_can_still_be_asked_in_other_ways() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut future = pool.submit(|| 4);
        let counter = CountingWaker::new();
        assert!(poll(Pin::new(&mut future), &counter).is_pending());
        assert!(!future.done());
        held.release();
        assert!(future.exception().is_none());
        assert_eq!(future.result().unwrap(), 4);
        pool.shutdown();
        assert_eq!(Arc::strong_count(&counter), 1);
    });
}

#[test]
fn shared_futures_lend_to_everyone_who_awaits() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let shared = pool.submit(|| String::from("value")).shared();
        let counters = [CountingWaker::new(), CountingWaker::new()];
        let mut first = pin!((&shared).into_future());
        let mut second = pin!((&shared).into_future());
        assert!(poll(first.as_mut(), &counters[0]).is_pending());
        assert!(poll(second.as_mut(), &counters[1]).is_pending());
        held.release();
        for counter in &counters {
            counter.wait_for_wake();
        }
        pool.shutdown();
        assert_eq!(counters.each_ref().map(|counter| counter.wakes()), [1, 1]);
        assert!(
            matches!(poll(first.as_mut(), &counters[0]), Poll::Ready(Ok(text)) if text == "value")
        );
        let second = block_on(async { (&shared).await.map(String::as_str).map_err(|_| ()) });
        assert_eq!(second, Ok("value"));
    });
}

#[test]
fn a_dropped_await_of_a_shared_one_lets_go_of_its_waker_only() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let shared = pool.submit(|| 4).shared();
        let (dropped, kept) = (CountingWaker::new(), CountingWaker::new());
        let mut kept_await = pin!((&shared).into_future());
        assert!(poll(kept_await.as_mut(), &kept).is_pending());
        {
            let mut dropped_await = pin!((&shared).into_future());
            assert!(poll(dropped_await.as_mut(), &dropped).is_pending());
        }
        assert_eq!(Arc::strong_count(&dropped), 1);
        held.release();
        kept.wait_for_wake();
        assert!(poll(kept_await.as_mut(), &kept).is_ready());
        assert_eq!(dropped.wakes(), 0);
    });
}

#[test]
fn many_awaits_side_by_side() {
    async fn sum(pool: &ThreadPoolExecutor) -> u32 {
        let futures: Vec<_> = (0..100).map(|n| pool.submit(move || n)).collect();
        let mut sum = 0;
        for future in futures {
            sum += future.await.unwrap();
        }
        sum
    }

    watchdog(|| {
        let pool = pool(2);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(block_on(sum(&pool)), 4950));
            }
        });
    });
}

#[test]
fn a_waker_that_panics_harms_neither_worker_nor_outcome() {
    struct Panicking;
    impl Wake for Panicking {
        fn wake(self: Arc<Self>) {
            panic!("the waker fails");
        }
    }

    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut future = pool.submit(|| 4);
        let waker = Waker::from(Arc::new(Panicking));
        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        held.release();
        assert_eq!(pool.submit(|| 5).result().unwrap(), 5);
        assert_eq!(future.result().unwrap(), 4);
    });
}

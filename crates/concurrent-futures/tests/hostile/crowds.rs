//! Very many of a thing.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use concurrent_futures::{Future, ReturnWhen, Shutdown, TaskError, as_completed, wait_timeout};

use crate::support::{Gate, Probe, hold, pool, watchdog_for};

const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn a_million_queued_tasks() {
    const TASKS: usize = 1_000_000;
    watchdog_for(PATIENCE, || {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let ran = Arc::new(AtomicUsize::new(0));
        for _ in 0..TASKS {
            let ran = Arc::clone(&ran);
            pool.submit(move || ran.fetch_add(1, SeqCst));
        }
        held.release();
        pool.shutdown();
        assert_eq!(ran.load(SeqCst), TASKS);
        assert_eq!(Arc::strong_count(&ran), 1);
    });
}

#[test]
fn ten_million_queued_tasks() {
    const TASKS: usize = 10_000_000;
    watchdog_for(3 * PATIENCE, || {
        static RAN: AtomicUsize = AtomicUsize::new(0);
        let pool = pool(2);
        let held = hold(&pool, 2);
        for _ in 0..TASKS {
            pool.submit(|| RAN.fetch_add(1, SeqCst));
        }
        held.release();
        pool.shutdown();
        assert_eq!(RAN.load(SeqCst), TASKS);
    });
}

#[test]
fn a_million_cancelled_tasks() {
    const TASKS: usize = 1_000_000;
    watchdog_for(PATIENCE, || {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let owned = Arc::new(());
        for _ in 0..TASKS {
            let owned = Arc::clone(&owned);
            assert!(pool.submit(move || drop(owned)).cancel());
        }
        // Cancelled is forgotten, though the queue has not moved.
        assert_eq!(Arc::strong_count(&owned), 1);
        held.release();
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
    });
}

#[test]
fn a_queue_of_many_left_behind() {
    watchdog_for(PATIENCE, || {
        let (pool, probe) = (pool(1), Probe::new());
        let held = hold(&pool, 1);
        let futures: Vec<_> = (0..100_000)
            .map(|_| {
                let value = probe.value();
                pool.submit(move || drop(value))
            })
            .collect();
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        assert!(futures.iter().all(Future::cancelled));
        assert_eq!(probe.alive(), 0);
        held.release();
    });
}

#[test]
fn many_callbacks_on_one_future() {
    const CALLBACKS: usize = 100_000;
    watchdog_for(PATIENCE, || {
        let pool = pool(1);
        let gate = Gate::new();
        let inside = gate.clone();
        let future = pool.submit(move || inside.wait());
        let next = Arc::new(AtomicUsize::new(0));
        for number in 0..CALLBACKS {
            let next = Arc::clone(&next);
            future.add_done_callback(move |_| assert_eq!(next.fetch_add(1, SeqCst), number));
        }
        gate.open();
        pool.shutdown();
        assert_eq!(next.load(SeqCst), CALLBACKS);
        assert_eq!(Arc::strong_count(&next), 1);
    });
}

#[test]
fn many_wakers_for_one_future() {
    struct Silent;
    impl Wake for Silent {
        fn wake(self: Arc<Self>) {}
    }
    watchdog_for(PATIENCE, || {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut future = pin!(pool.submit(|| ()));
        let silent = Arc::new(Silent);
        for _ in 0..100_000 {
            let waker = Waker::from(Arc::clone(&silent));
            assert!(
                future
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
        }
        // Only the last one is of interest.
        assert!(Arc::strong_count(&silent) <= 2);
        held.release();
    });
}

#[test]
fn many_looks_at_the_moment_of_completion() {
    watchdog_for(PATIENCE, || {
        let pool = pool(1);
        for _ in 0..1000 {
            let batch = (0..64).map(|_| pool.submit(|| ()));
            assert!(as_completed(batch).all(|future| future.done()));
            let future = pool.submit(|| ());
            while wait_timeout([&future], ReturnWhen::FirstCompleted, Duration::ZERO)
                .0
                .is_empty()
            {}
            assert!(future.done());
            let future = pool.submit(|| ());
            while future.exception_timeout(Duration::from_nanos(500)).is_err() {}
            assert!(future.done());
        }
    });
}

#[test]
fn a_long_chain_of_follow_ups() {
    const LINKS: usize = 100_000;
    watchdog_for(PATIENCE, || {
        let pool = pool(2);
        let gate = Gate::new();
        let inside = gate.clone();
        let mut last = pool.submit(move || {
            inside.wait();
            0
        });
        for _ in 0..LINKS {
            last = last.then(|count| count + 1);
        }
        gate.open();
        assert_eq!(last.result().unwrap(), LINKS);
    });
}

#[test]
fn a_long_chain_that_fails_at_its_head() {
    const LINKS: usize = 100_000;
    watchdog_for(PATIENCE, || {
        let pool = pool(2);
        let probe = Probe::new();
        let gate = Gate::new();
        let inside = gate.clone();
        let mut last = pool.try_submit(move || {
            inside.wait();
            Err("at the head")
        });
        for _ in 0..LINKS {
            let value = probe.value();
            last = last.then(move |()| drop(value));
        }
        gate.open();
        assert_eq!(
            last.result().unwrap_err().into_failure(),
            Some("at the head")
        );
        pool.shutdown();
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn a_long_chain_left_behind() {
    const LINKS: usize = 100_000;
    watchdog_for(PATIENCE, || {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut last = pool.submit(|| 0);
        for _ in 0..LINKS {
            last = last.then(|count| count + 1);
        }
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        assert!(matches!(last.result(), Err(TaskError::Cancelled)));
        held.release();
    });
}

#[cfg(target_os = "linux")]
#[test]
fn many_timed_waits_leave_nothing_behind() {
    use crate::support::alone;

    const EACH: usize = 25_000;
    const SHORT: Duration = Duration::from_micros(1);

    fn resident_kib() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    fn waits(mut future: Future<()>, count: usize) -> Future<()> {
        for _ in 0..count {
            future = future
                .result_timeout(SHORT)
                .unwrap_err()
                .into_future()
                .unwrap();
            assert!(future.exception_timeout(SHORT).is_err());
            assert_eq!(
                wait_timeout([&future], ReturnWhen::AllCompleted, SHORT)
                    .1
                    .len(),
                1
            );
            assert!(
                as_completed([&future])
                    .timeout(SHORT)
                    .next()
                    .unwrap()
                    .is_err()
            );
        }
        future
    }

    // The memory of the process is only telling where nobody else uses any.
    alone(&[], || {
        watchdog_for(PATIENCE, || {
            let pool = pool(1);
            let held = hold(&pool, 1);
            let future = waits(pool.submit(|| ()), 1000);
            let before = resident_kib();
            let future = waits(future, EACH);
            let grown = resident_kib().saturating_sub(before);
            // A registration of one word for each of them would take 800.
            assert!(
                grown < 400,
                "{grown} KiB more after {} timed waits",
                4 * EACH
            );
            held.release();
            future.result().unwrap();
        });
    });
}

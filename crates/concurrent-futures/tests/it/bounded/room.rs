//! What takes room, and when it is given back.

use concurrent_futures::{Future, Shutdown, ThreadPoolExecutor, WhenFull};

use super::bounded;
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn offers_fill_exactly_the_capacity() {
    watchdog(|| {
        for capacity in [1, 2, 7, 1000] {
            let pool = bounded(2, capacity, WhenFull::Block);
            let held = hold(&pool, 2);
            let taken: Vec<_> = (0..capacity)
                .map(|n| pool.offer(move || n).expect("room"))
                .collect();
            assert!(pool.offer(|| ()).is_err());
            held.release();
            for (n, future) in taken.into_iter().enumerate() {
                assert_eq!(future.result().unwrap(), n);
            }
        }
    });
}

#[test]
fn running_tasks_take_no_room() {
    watchdog(|| {
        let pool = bounded(3, 1, WhenFull::Block);
        let _held = hold(&pool, 3);
        assert!(pool.offer(|| ()).is_ok());
        assert!(pool.offer(|| ()).is_err());
    });
}

#[test]
fn a_task_that_starts_gives_its_room_back() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let held = hold(&pool, 1);
        let (started, go_on) = (Gate::new(), Gate::new());
        let queued = pool.submit({
            let (started, go_on) = (started.clone(), go_on.clone());
            move || {
                started.open();
                go_on.wait();
            }
        });
        assert!(pool.offer(|| ()).is_err());
        held.release();
        started.wait();
        assert!(pool.offer(|| ()).is_ok());
        assert!(queued.running());
        go_on.open();
    });
}

#[test]
fn a_cancelled_task_gives_its_room_back_at_once() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::Block);
        let _held = hold(&pool, 1);
        let futures = [pool.submit(|| ()), pool.submit(|| ())];
        assert!(pool.offer(|| ()).is_err());
        assert!(futures[0].cancel());
        let taken = pool.offer(|| ()).expect("room of the cancelled one");
        assert!(pool.offer(|| ()).is_err());
        drop(taken);
    });
}

#[test]
fn dropping_a_future_gives_nothing_back() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        let _held = hold(&pool, 1);
        drop(pool.submit(|| ()));
        assert!(pool.offer(|| ()).is_err());
    });
}

#[test]
fn room_is_used_again_and_again() {
    watchdog(|| {
        let pool = bounded(2, 3, WhenFull::Block);
        let futures: Vec<_> = (0..5000).map(|n| pool.submit(move || n)).collect();
        assert!(futures.into_iter().map(|f| f.result().unwrap()).eq(0..5000));
        let _held = hold(&pool, 2);
        assert!((0..3).all(|_| pool.offer(|| ()).is_ok()));
        assert!(pool.offer(|| ()).is_err());
    });
}

#[test]
fn panicking_tasks_give_their_room_back() {
    watchdog(|| {
        let pool = bounded(1, 1, WhenFull::Block);
        for _ in 0..20 {
            assert!(pool.submit(|| panic!("on purpose")).exception().is_some());
        }
        let _held = hold(&pool, 1);
        assert!(pool.offer(|| ()).is_ok());
    });
}

#[test]
fn a_pool_without_a_capacity_always_has_room() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let futures: Vec<_> = (0..10_000)
            .map(|n| pool.task().weight(usize::MAX).offer(move || n))
            .map(|offered| offered.expect("room"))
            .collect();
        held.release();
        assert!(
            futures
                .into_iter()
                .map(|f| f.result().unwrap())
                .eq(0..10_000)
        );
    });
}

#[test]
fn cancelling_what_is_queued_leaves_no_room_taken() {
    watchdog(|| {
        let pool = bounded(1, 2, WhenFull::Block);
        let held = hold(&pool, 1);
        let futures = [pool.submit(|| ()), pool.submit(|| ())];
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        assert!(futures.iter().all(Future::cancelled));
        // Refused because the pool is shut down, and not because its queue is full.
        let late = pool.offer(|| ()).expect("not full");
        assert!(late.result().is_err());
        held.release();
    });
}

#[test]
fn a_capacity_of_nothing_or_too_much_is_refused_naming_the_argument() {
    watchdog(|| {
        for capacity in [0, usize::MAX] {
            let error = ThreadPoolExecutor::builder()
                .queue_capacity(capacity)
                .build()
                .expect_err("no such capacity");
            let text = error.to_string();
            assert!(text.contains("queue_capacity"), "{text}");
            assert!(text.contains(&capacity.to_string()), "{text}");
        }
    });
}

//! `as_completed`: each future once, in the order of their ends.

use std::{
    sync::{Arc, Barrier, mpsc},
    thread,
    time::Duration,
};

use concurrent_futures::{Future, FutureId, Shutdown, as_completed};

use crate::support::{Gate, Probe, hold, pool, watchdog};

/// Tasks that end when their gates open.
fn gated(
    count: usize,
) -> (
    concurrent_futures::ThreadPoolExecutor,
    Vec<Gate>,
    Vec<Future<usize>>,
) {
    let pool = pool(count);
    let gates: Vec<_> = (0..count).map(|_| Gate::new()).collect();
    let futures = gates
        .iter()
        .cloned()
        .enumerate()
        .map(|(index, gate)| {
            pool.submit(move || {
                gate.wait();
                index
            })
        })
        .collect();
    (pool, gates, futures)
}

#[test]
fn nothing_given_nothing_yielded() {
    watchdog(|| {
        let mut none = as_completed(Vec::<Future<()>>::new());
        assert_eq!(none.len(), 0);
        assert!(none.next().is_none());
        let none = as_completed(Vec::<Future<()>>::new());
        assert_eq!(none.timeout(Duration::ZERO).count(), 0);
    });
}

#[test]
fn in_order_of_completion() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(4);
        let mut completed = as_completed(futures);
        for index in [2, 0, 3, 1] {
            gates[index].open();
            assert_eq!(completed.next().unwrap().result().unwrap(), index);
        }
        assert!(completed.next().is_none());
        assert!(completed.next().is_none());
    });
}

#[test]
fn in_order_of_completion_also_when_asked_late() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(4);
        let completed = as_completed(&futures);
        for index in [3, 1, 0, 2] {
            // Registered later than the iteration, so told later.
            let (sender, told) = mpsc::channel();
            futures[index].add_done_callback(move |_| sender.send(()).unwrap());
            gates[index].open();
            told.recv().unwrap();
        }
        let order: Vec<_> = completed.map(Future::id).collect();
        let expected: Vec<_> = [3, 1, 0, 2].map(|index: usize| futures[index].id()).into();
        assert_eq!(order, expected);
    });
}

#[test]
fn ready_ones_come_first() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(3);
        gates[1].open();
        assert!(futures[1].exception().is_none());
        let mut completed = as_completed(futures);
        assert_eq!(completed.next().unwrap().result().unwrap(), 1);
        gates[2].open();
        assert_eq!(completed.next().unwrap().result().unwrap(), 2);
        gates[0].open();
        assert_eq!(completed.next().unwrap().result().unwrap(), 0);
    });
}

#[test]
fn each_future_once_and_failed_ones_too() {
    watchdog(|| {
        let pool = pool(3);
        let futures: Vec<_> = (0..200_u32)
            .map(|n| pool.try_submit(move || if n % 3 == 0 { Err(n) } else { Ok(n) }))
            .collect();
        let mut expected: Vec<_> = futures.iter().map(Future::id).collect();
        let mut seen: Vec<FutureId> = as_completed(&futures).map(Future::id).collect();
        expected.sort();
        seen.sort();
        assert_eq!(seen, expected);
    });
}

#[test]
fn cancelled_ones_are_done() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let queued: Vec<_> = (0..3).map(|_| pool.submit(|| ())).collect();
        assert!(queued[2].cancel());
        let mut completed = as_completed(&queued);
        assert!(completed.next().unwrap().cancelled());
        assert!(queued[1].cancel());
        assert!(completed.next().unwrap().cancelled());
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        assert!(completed.next().unwrap().cancelled());
        assert!(completed.next().is_none());
        held.release();
    });
}

#[test]
fn len_counts_what_is_still_to_come() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(3);
        let mut completed = as_completed(futures);
        for (index, gate) in gates.iter().enumerate() {
            assert_eq!(completed.len(), 3 - index);
            assert_eq!(completed.size_hint(), (3 - index, Some(3 - index)));
            gate.open();
            assert!(completed.next().is_some());
        }
        assert_eq!(completed.len(), 0);
    });
}

#[test]
fn pairs_carry_their_keys() {
    watchdog(|| {
        let pool = pool(2);
        let pages = ["a", "bb", "ccc"].map(|url| (url, pool.submit(move || url.len())));
        let mut sizes: Vec<_> = as_completed(pages)
            .map(|(url, size)| (url, size.result().unwrap()))
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [("a", 1), ("bb", 2), ("ccc", 3)]);
    });
}

#[test]
fn the_same_future_under_two_keys_comes_twice() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(1);
        let completed = as_completed([("one", &futures[0]), ("two", &futures[0])]);
        gates[0].open();
        let mut keys: Vec<_> = completed.map(|(key, _)| key).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["one", "two"]);
    });
}

#[test]
fn pushed_while_iterating() {
    watchdog(|| {
        let pool = pool(2);
        let mut completed = as_completed([pool.submit(|| 5_u32)]);
        let mut seen = Vec::new();
        while let Some(future) = completed.next() {
            let depth = future.result().unwrap();
            seen.push(depth);
            if depth > 0 {
                completed.push(pool.submit(move || depth - 1));
                assert_eq!(completed.len(), 1);
            }
        }
        assert_eq!(seen, [5, 4, 3, 2, 1, 0]);
    });
}

#[test]
fn pushed_done_or_cancelled_or_pending() {
    watchdog(|| {
        let (pool, gates, mut futures) = gated(2);
        let ready = pool.submit(|| 7);
        gates[0].open();
        assert!(futures[0].exception().is_none());
        assert!(ready.exception().is_none());
        let mut completed = as_completed([futures.remove(0)]);
        completed.push(futures.remove(0));
        completed.push(ready);
        assert_eq!(completed.len(), 3);
        let mut first =
            [completed.next(), completed.next()].map(|future| future.unwrap().result().unwrap());
        first.sort_unstable();
        assert_eq!(first, [0, 7]);
        gates[1].open();
        assert_eq!(completed.next().unwrap().result().unwrap(), 1);
        assert!(completed.next().is_none());
    });
}

#[test]
fn expiry_is_one_error_with_both_counts_and_the_end() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(5);
        for index in [0, 2, 4] {
            gates[index].open();
            assert!(futures[index].exception().is_none());
        }
        let begin = std::time::Instant::now();
        let timeout = Duration::from_millis(20);
        let mut completed = as_completed(&futures).timeout(timeout);
        for _ in 0..3 {
            assert!(completed.next().unwrap().is_ok());
        }
        let error = completed.next().unwrap().unwrap_err();
        assert!(begin.elapsed() >= timeout);
        assert_eq!((error.unfinished(), error.total()), (2, 5));
        assert_eq!(error.to_string(), "2 (of 5) futures unfinished");
        assert!(completed.next().is_none());
        assert!(completed.next().is_none());
        assert!(!futures[1].done(), "expiry cancels nothing");
        gates.iter().for_each(Gate::open);
    });
}

#[test]
fn ready_ones_are_given_even_after_the_deadline() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(3);
        let mut completed = as_completed(&futures).timeout(Duration::from_millis(1));
        gates[0].open();
        gates[1].open();
        assert!(futures[0].exception().is_none());
        assert!(futures[1].exception().is_none());
        thread::sleep(Duration::from_millis(10));
        assert!(completed.next().unwrap().is_ok());
        assert!(completed.next().unwrap().is_ok());
        assert_eq!(completed.next().unwrap().unwrap_err().unfinished(), 1);
        assert!(completed.next().is_none());
        gates[2].open();
    });
}

#[test]
fn zero_gives_what_is_ready() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(2);
        gates[1].open();
        assert!(futures[1].exception().is_none());
        let mut completed = as_completed(&futures).timeout(Duration::ZERO);
        assert_eq!(completed.next().unwrap().unwrap().id(), futures[1].id());
        assert!(completed.next().unwrap().is_err());
        assert!(completed.next().is_none());
        gates[0].open();
    });
}

#[test]
fn max_waits_for_ever() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(2);
        let waiter = thread::spawn(move || {
            let completed = as_completed(futures).timeout(Duration::MAX);
            completed
                .map(|future| future.unwrap().result().unwrap())
                .sum::<usize>()
        });
        thread::sleep(Duration::from_millis(10));
        gates.iter().for_each(Gate::open);
        assert_eq!(waiter.join().unwrap(), 1);
    });
}

#[test]
fn pushed_while_iterating_with_a_limit() {
    watchdog(|| {
        let pool = pool(1);
        let mut completed = as_completed([pool.submit(|| 3_u32)]).timeout(Duration::MAX);
        let mut seen = Vec::new();
        while let Some(future) = completed.next() {
            let depth = future.unwrap().result().unwrap();
            seen.push(depth);
            if depth > 0 {
                completed.push(pool.submit(move || depth - 1));
            }
        }
        assert_eq!(seen, [3, 2, 1, 0]);
    });
}

#[test]
fn the_rest_can_be_taken_back() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(3);
        let ids: Vec<_> = futures.iter().map(Future::id).collect();
        let mut completed = as_completed(futures);
        gates[1].open();
        assert_eq!(completed.next().unwrap().id(), ids[1]);
        let mut rest: Vec<_> = completed.into_pending().iter().map(Future::id).collect();
        rest.sort();
        let mut expected = vec![ids[0], ids[2]];
        expected.sort();
        assert_eq!(rest, expected);
        gates.iter().for_each(Gate::open);
    });
}

#[test]
fn the_rest_is_in_the_order_in_which_it_was_added() {
    // Two are done before, one is added while the others are given out one by one.
    for given in 0..=4 {
        watchdog(move || {
            let (_pool, gates, mut futures) = gated(6);
            let added = futures.pop().unwrap();
            for done in [1, 3] {
                gates[done].open();
                while !futures[done].done() {
                    thread::yield_now();
                }
            }
            let ids: Vec<_> = futures.iter().chain([&added]).map(Future::id).collect();
            let mut left = ids.clone();
            let mut completed = as_completed(futures);
            completed.push(added);
            assert_eq!(completed.len(), 6);
            for next in [1, 3, 4, 5].into_iter().take(given) {
                gates[next].open();
                assert_eq!(completed.next().unwrap().id(), ids[next]);
                left.retain(|id| *id != ids[next]);
            }
            let rest = completed.into_pending();
            assert_eq!(rest.iter().map(Future::id).collect::<Vec<_>>(), left);
            gates.iter().for_each(Gate::open);
        });
    }
}

#[test]
fn the_rest_can_be_taken_back_after_expiry() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(2);
        let mut completed = as_completed(futures).timeout(Duration::ZERO);
        assert!(completed.next().unwrap().is_err());
        let rest = completed.into_pending();
        gates.iter().for_each(Gate::open);
        let mut values: Vec<_> = rest
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        values.sort_unstable();
        assert_eq!(values, [0, 1]);
    });
}

#[test]
fn dropped_early_it_lets_go_of_its_futures() {
    watchdog(|| {
        let (_pool, gates, futures) = gated(3);
        for _ in 0..1000 {
            drop(as_completed(&futures));
        }
        let mut completed = as_completed(&futures);
        gates[0].open();
        assert_eq!(completed.next().unwrap().id(), futures[0].id());
        drop(completed);
        gates.iter().for_each(Gate::open);
        assert_eq!(as_completed(futures).count(), 3);
    });
}

#[test]
fn dropped_while_its_futures_end() {
    watchdog(|| {
        let pool = pool(2);
        for _ in 0..500 {
            let futures: Vec<_> = (0..4).map(|n| pool.submit(move || n)).collect();
            let mut completed = as_completed(&futures);
            assert!(completed.next().is_some());
            drop(completed);
        }
    });
}

#[test]
fn it_keeps_nothing_of_what_it_has_yielded() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let futures: Vec<_> = (0..10)
            .map(|_| {
                let value = probe.value();
                pool.submit(move || value)
            })
            .collect();
        let mut completed = as_completed(futures);
        for count in 1..=10 {
            drop(completed.next().unwrap().result().unwrap());
            assert_eq!(probe.deaths(), count);
        }
    });
}

#[test]
fn tasks_submitted_meanwhile_are_no_part_of_it() {
    watchdog(|| {
        let pool = pool(1);
        let first: Vec<_> = (0..5).map(|n| pool.submit(move || n)).collect();
        let mut later = Vec::new();
        for future in as_completed(first) {
            let n = future.result().unwrap();
            later.push(pool.submit(move || n + 10));
        }
        assert_eq!(later.len(), 5);
    });
}

#[test]
fn a_hundred_ending_at_once() {
    watchdog(|| {
        let pool = pool(100);
        let meeting = Arc::new(Barrier::new(100));
        let futures: Vec<_> = (0..100)
            .map(|_| {
                let meeting = Arc::clone(&meeting);
                pool.submit(move || {
                    meeting.wait();
                })
            })
            .collect();
        assert_eq!(as_completed(futures).count(), 100);
    });
}

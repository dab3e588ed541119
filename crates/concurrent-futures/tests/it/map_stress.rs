//! Many maps at once on one pool, ended in every way: no item is lost, runs twice, or stays alive.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use concurrent_futures::{Shutdown, ThreadPoolExecutor};

use crate::support::{Probe, pool, watchdog};

const ROUNDS: usize = 30;
const READERS: usize = 3;

/// What one thread does with its map.
#[derive(Clone, Copy)]
enum Way {
    ReadAll,
    StopAtAnError,
    DropBegun,
    DropUnread,
    TimeOut,
}

const WAYS: [Way; 5] = [
    Way::ReadAll,
    Way::StopAtAnError,
    Way::DropBegun,
    Way::DropUnread,
    Way::TimeOut,
];

/// Maps so many items, of which one in the middle fails, and some bring a task of their own.
fn use_a_map(pool: &ThreadPoolExecutor, probe: &Probe, items: usize, way: Way) {
    let runs: Arc<[AtomicUsize]> = (0..items).map(|_| AtomicUsize::new(0)).collect();
    let (middle, captured) = (items / 2, probe.value());
    let inputs = (0..items).map(|index| {
        if index % 97 == 5 {
            drop(pool.submit(|| ()));
        }
        (index, probe.value())
    });
    let mut results = pool.try_map(inputs, {
        let runs = Arc::clone(&runs);
        move |(index, value)| {
            let _captured = &captured;
            runs[index].fetch_add(1, Ordering::SeqCst);
            if matches!(way, Way::StopAtAnError) && index == middle {
                return Err(index);
            }
            if index % 501 == 7 {
                thread::yield_now();
            }
            Ok((index, value))
        }
    });
    match way {
        Way::ReadAll => {
            for (expected, result) in results.by_ref().enumerate() {
                match result {
                    Ok((index, _)) => assert_eq!(index, expected),
                    // The pool was shut down.
                    Err(error) => assert_eq!(error.index(), expected),
                }
            }
        }
        Way::StopAtAnError => {
            let last = results.by_ref().last();
            assert!(last.is_none_or(|result| result.is_err()));
        }
        Way::DropBegun => assert!(results.by_ref().take(middle).count() <= middle),
        Way::DropUnread => {}
        Way::TimeOut => {
            results = results.timeout(Duration::from_micros(50));
            assert!(results.by_ref().count() <= items);
        }
    }
    drop(results);
    assert!(runs.iter().all(|runs| runs.load(Ordering::SeqCst) <= 1));
}

fn round(round: usize, workers: usize, shut_down: Option<Shutdown>) {
    let (pool, probe) = (pool(workers), Probe::new());
    thread::scope(|scope| {
        for reader in 0..READERS {
            let (pool, probe) = (&pool, &probe);
            scope.spawn(move || {
                for (index, way) in WAYS.into_iter().enumerate() {
                    let items = (round * 131 + reader * 37 + index * 401) % 2500;
                    use_a_map(pool, probe, items, way);
                }
            });
        }
        if let Some(how) = shut_down {
            thread::sleep(Duration::from_micros(100 * round as u64));
            pool.shutdown_with(how).unwrap();
        }
    });
    pool.shutdown();
    assert_eq!(probe.alive(), 0);
    assert!(format!("{pool:?}").contains("queued: 0"), "{pool:?}");
}

#[test]
fn maps_that_end_in_every_way() {
    watchdog(|| (0..ROUNDS).for_each(|n| round(n, 1 + n % 4, None)));
}

#[test]
fn maps_whose_pool_is_shut_down() {
    watchdog(|| (0..ROUNDS).for_each(|n| round(n, 1 + n % 4, Some(Shutdown::new()))));
}

#[test]
fn maps_whose_pool_is_cancelled() {
    watchdog(|| {
        let how = Shutdown::new().cancel_futures();
        (0..ROUNDS).for_each(|n| round(n, 1 + n % 4, Some(how)));
    });
}

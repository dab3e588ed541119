//! No time at all and all the time there is, for every call that takes a limit.

use std::thread;
use std::time::Duration;

use concurrent_futures::{ReturnWhen, Shutdown, as_completed, wait_timeout};

use crate::support::{Gate, hold, pool, watchdog};

const LONG: [Duration; 3] = [
    Duration::MAX,
    Duration::from_secs(u64::MAX),
    Duration::from_secs(1 << 62),
];
const SHORT: [Duration; 2] = [Duration::ZERO, Duration::from_nanos(1)];

#[test]
fn a_short_limit_on_a_pending_future_expires() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        for limit in SHORT {
            let pending = pool.submit(|| 1);
            assert!(pending.exception_timeout(limit).is_err());
            let error = pending.result_timeout(limit).unwrap_err();
            let shared = error.into_future().expect("given back").shared();
            assert!(shared.result_timeout(limit).is_err());
            assert!(shared.exception_timeout(limit).is_err());
            for return_when in [
                ReturnWhen::AllCompleted,
                ReturnWhen::FirstCompleted,
                ReturnWhen::FirstException,
            ] {
                let (done, not_done) = wait_timeout([&shared], return_when, limit);
                assert_eq!((done.len(), not_done.len()), (0, 1));
            }
            let mut completed = as_completed([&shared]).timeout(limit);
            assert_eq!(completed.next().unwrap().unwrap_err().unfinished(), 1);
            assert!(completed.next().is_none());
            assert_eq!(completed.into_pending().len(), 1);

            let mut mapped = pool.map([1], |number| number).timeout(limit);
            assert!(mapped.next().unwrap().unwrap_err().is_timeout());
        }
        held.release();
    });
}

#[test]
fn a_short_limit_on_a_done_future_does_not_matter() {
    watchdog(|| {
        let pool = pool(1);
        for limit in SHORT {
            let future = pool.submit(|| 1);
            assert!(future.exception().is_none());
            assert!(future.exception_timeout(limit).unwrap().is_none());
            let (done, not_done) = wait_timeout([&future], ReturnWhen::AllCompleted, limit);
            assert_eq!((done.len(), not_done.len()), (1, 0));
            let mut completed = as_completed([&future]).timeout(limit);
            assert!(completed.next().unwrap().is_ok());
            assert!(completed.next().is_none());
            drop(completed);
            assert_eq!(future.result_timeout(limit).unwrap(), 1);
        }
    });
}

#[test]
fn a_long_limit_lasts_until_the_end() {
    watchdog(|| {
        let pool = pool(4);
        for limit in LONG {
            let gate = Gate::new();
            let gated = || {
                let gate = gate.clone();
                pool.submit(move || gate.wait())
            };
            let (first, second, third) = (gated(), gated(), gated());
            let waiting = thread::scope(|scope| {
                let waits = [
                    scope.spawn(|| {
                        wait_timeout([&third], ReturnWhen::AllCompleted, limit)
                            .0
                            .len()
                    }),
                    scope.spawn(|| as_completed([&third]).timeout(limit).flatten().count()),
                    scope.spawn(|| usize::from(third.exception_timeout(limit).unwrap().is_none())),
                    scope.spawn(move || usize::from(first.result_timeout(limit).is_ok())),
                    scope.spawn(move || usize::from(second.shared().result_timeout(limit).is_ok())),
                ];
                gate.open();
                waits.map(|wait| wait.join().unwrap())
            });
            assert_eq!(waiting, [1; 5]);
            let mapped: Result<Vec<_>, _> =
                pool.map([1, 2], |number| number).timeout(limit).collect();
            assert_eq!(mapped.unwrap(), [1, 2]);
        }
    });
}

#[test]
fn a_short_limit_on_shutdown_names_what_still_runs() {
    watchdog(|| {
        for limit in SHORT {
            let pool = pool(1);
            let held = hold(&pool, 1);
            let queued = pool.submit(|| ());
            let error = pool
                .shutdown_with(Shutdown::new().timeout(limit))
                .unwrap_err();
            assert!(error.is_timeout());
            assert_eq!((error.running().len(), error.queued()), (1, 1));
            held.release();
            queued.result().expect("it was queued before the shutdown");
        }
    });
}

#[test]
fn a_long_limit_on_shutdown_lasts_until_the_end() {
    watchdog(|| {
        for limit in LONG {
            let pool = pool(2);
            let future = pool.submit(|| thread::sleep(Duration::from_millis(1)));
            pool.shutdown_with(Shutdown::new().timeout(limit)).unwrap();
            assert!(future.done());
            assert_eq!(pool.worker_count(), 0);
        }
    });
}

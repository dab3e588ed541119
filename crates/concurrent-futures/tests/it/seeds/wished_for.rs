//! What some introductions show although the original has it not: as a feature of ours, or by the way around.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use concurrent_futures::{Future, ThreadPoolExecutor, as_completed};

use super::stand_ins::{Journal, NotFound, fetch, work};
use crate::support::{Gate, hold, pool, watchdog};

/// How long a task stood in the queue and how long it ran.
struct Profile {
    waited: Duration,
    ran: Duration,
}

fn submit_profiled<T: Send + 'static>(
    pool: &ThreadPoolExecutor,
    task: impl FnOnce() -> T + Send + 'static,
) -> Future<(T, Profile)> {
    let submitted = Instant::now();
    pool.submit(move || {
        let started = Instant::now();
        let value = task();
        (
            value,
            Profile {
                waited: started - submitted,
                ran: started.elapsed(),
            },
        )
    })
}

#[test]
fn a_wrapper_measures_the_shares_of_waiting_and_running() {
    watchdog(|| {
        let pool = pool(1);
        let futures: Vec<_> = (0..4)
            .map(|number| {
                submit_profiled(&pool, move || {
                    work(1);
                    number
                })
            })
            .collect();
        for (number, future) in futures.into_iter().enumerate() {
            let (value, profile) = future.result().unwrap();
            assert_eq!(value, number);
            let whole = (profile.waited + profile.ran).as_secs_f64();
            let shares =
                [profile.waited, profile.ran].map(|share| 100.0 * share.as_secs_f64() / whole);
            assert!((shares[0] + shares[1] - 100.0).abs() < 1e-6);
            assert!(profile.ran >= Duration::from_millis(1));
        }
    });
}

#[test]
fn callbacks_report_how_each_page_ended() {
    watchdog(|| {
        let journal = Journal::new();
        let futures = {
            let pool = pool(2);
            ["short", "a longer one"].map(|address| {
                let future = pool.try_submit(move || fetch(address)).shared();
                let journal = journal.clone();
                future.add_done_callback(move |page| {
                    journal.write(format!("{address}: {}", page.unwrap().len()));
                });
                future
            })
        };
        assert_eq!(journal.sorted(), ["a longer one: 20", "short: 13"]);
        for future in futures {
            let shown = format!("{future:?}");
            assert!(
                shown.contains("state=finished returned") && shown.contains("String"),
                "{shown}"
            );
        }
    });
}

#[test]
fn a_transformation_is_chained_to_a_future() {
    watchdog(|| {
        let pool = pool(2);
        let length = pool
            .submit(|| "some text")
            .then(str::len)
            .then(|length| length * 2);
        assert_eq!(length.result().unwrap(), 18);

        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let page = pool.try_submit(|| fetch("missing")).then(move |page| {
            counted.fetch_add(1, SeqCst);
            page.len()
        });
        assert_eq!(
            page.result().unwrap_err().into_failure(),
            Some(NotFound("missing".to_owned()))
        );
        assert_eq!(calls.load(SeqCst), 0);
    });
}

#[test]
fn a_callback_may_submit_the_follow_up() {
    watchdog(|| {
        let journal = Journal::new();
        let pool = pool(2);
        let (second, lines) = (pool.clone(), journal.clone());
        let (submitted, follow_ups) = mpsc::channel();
        pool.submit(|| "some text").add_done_callback(move |text| {
            let text = *text.unwrap();
            submitted
                .send(second.submit(move || lines.write(text.to_uppercase())))
                .unwrap();
        });
        follow_ups.recv().unwrap().result().unwrap();
        assert_eq!(journal.lines(), ["SOME TEXT"]);
    });
}

#[test]
fn a_thread_factory_of_ones_own_starts_the_workers() {
    watchdog(|| {
        let journal = Journal::new();
        let lines = journal.clone();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_name_prefix("factory")
            .thread_factory(move |worker| {
                lines.write(format!("starting {}", worker.name()));
                thread::Builder::new()
                    .name(worker.name().to_owned())
                    .spawn(move || worker.run())
            })
            .build()
            .unwrap();
        let held = hold(&pool, 2);
        assert_eq!(
            journal.lines(),
            ["starting factory_0", "starting factory_1"]
        );
        held.release();
    });
}

#[test]
fn a_wrapper_hands_each_error_to_a_handler() {
    watchdog(|| {
        let journal = Journal::new();
        let lines = journal.clone();
        let log_failure = move |address: &'static str| {
            fetch(address).inspect_err(|error| lines.write(format!("handled: {error}")))
        };
        let results: Vec<_> = {
            let pool = pool(2);
            as_completed(["here", "missing"].map(|address| {
                let task = log_failure.clone();
                pool.try_submit(move || task(address))
            }))
            .map(Future::result)
            .collect()
        };
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(journal.lines(), ["handled: missing not found"]);
    });
}

#[test]
fn permits_in_front_bound_the_queue() {
    const BACKLOG: usize = 3;
    watchdog(|| {
        let pool = pool(1);
        let (permits, returned) = mpsc::sync_channel(BACKLOG);
        let returned = Arc::new(std::sync::Mutex::new(returned));
        let gate = Gate::new();
        let submit = |number: usize| {
            permits.try_send(()).ok()?;
            let (returned, gate) = (Arc::clone(&returned), gate.clone());
            Some(pool.submit(move || {
                gate.wait();
                returned.lock().unwrap().recv().unwrap();
                number
            }))
        };
        let accepted: Vec<_> = (0..5).map_while(submit).collect();
        assert_eq!(accepted.len(), BACKLOG);
        assert!(submit(5).is_none());
        gate.open();
        let values: Vec<_> = accepted
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(values, [0, 1, 2]);
        assert_eq!(submit(6).expect("room again").result().unwrap(), 6);
    });
}

#[test]
fn without_a_bound_the_queue_takes_everything() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let futures: Vec<_> = (0..10_000)
            .map(|number| pool.submit(move || number))
            .collect();
        held.release();
        assert_eq!(
            futures
                .into_iter()
                .map(|future| future.result().unwrap())
                .sum::<i32>(),
            49_995_000
        );
    });
}

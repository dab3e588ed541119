//! How do I stop, log, test, follow up, count, and shut down?

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use concurrent_futures::{Future, ReturnWhen, Shutdown, ThreadPoolExecutor, as_completed, wait};

use super::stand_ins::{Journal, NotFound, work};
use crate::support::{Gate, LogCapture, pool, watchdog};

#[test]
fn running_tasks_stop_when_they_look_at_a_flag() {
    watchdog(|| {
        let (journal, stop) = (Journal::new(), Arc::new(AtomicBool::new(false)));
        let (stepped, steps) = mpsc::channel();
        let pool = pool(5);
        let futures: Vec<_> = (0..50)
            .map(|number| {
                let (journal, stop, stepped) =
                    (journal.clone(), Arc::clone(&stop), stepped.clone());
                pool.submit(move || {
                    for step in 0_u64.. {
                        if stop.load(SeqCst) {
                            journal.write(format!("task {number} stops"));
                            return;
                        }
                        work(1);
                        if step < 2 {
                            stepped.send(number).unwrap();
                        }
                    }
                })
            })
            .collect();
        let mut report = vec!["tasks are running"];
        assert_eq!(steps.iter().take(10).count(), 10);
        report.push("cancelling");
        let cancelled = futures.iter().filter(|future| future.cancel()).count();
        report.push("stopping");
        stop.store(true, SeqCst);
        report.push("waiting");
        pool.shutdown();
        assert_eq!(report.len(), 4);
        assert_eq!(cancelled, 45);
        assert_eq!(journal.lines().len(), 5);
        assert!(futures.iter().all(Future::done));
    });
}

#[test]
fn every_way_of_waiting_for_all_returns_when_nothing_runs() {
    fn by_wait(_: &ThreadPoolExecutor, futures: &[Future<()>]) {
        wait(futures, ReturnWhen::AllCompleted);
    }
    fn one_by_one(_: &ThreadPoolExecutor, futures: &[Future<()>]) {
        for future in futures {
            assert!(future.exception().is_none());
        }
    }
    fn by_shutdown(pool: &ThreadPoolExecutor, _: &[Future<()>]) {
        pool.shutdown();
    }
    fn by_cancelling_shutdown(pool: &ThreadPoolExecutor, _: &[Future<()>]) {
        pool.shutdown_with(Shutdown::new().cancel_futures())
            .unwrap();
    }
    watchdog(|| {
        let running = Arc::new(AtomicUsize::new(0));
        for way in [by_wait, one_by_one, by_shutdown, by_cancelling_shutdown] {
            let pool = pool(3);
            let futures: Vec<_> = (0..10)
                .map(|_| {
                    let running = Arc::clone(&running);
                    pool.submit(move || {
                        running.fetch_add(1, SeqCst);
                        work(1);
                        running.fetch_sub(1, SeqCst);
                    })
                })
                .collect();
            way(&pool, &futures);
            assert_eq!(running.load(SeqCst), 0);
            assert!(futures.iter().all(Future::done));
        }
    });
}

#[test]
fn records_logged_by_tasks_are_complete() {
    watchdog(|| {
        let capture = LogCapture::containing("seeds-logged-by-tasks");
        {
            let pool = pool(8);
            for number in 0..100 {
                pool.submit(move || log::info!("seeds-logged-by-tasks: start {number:03} end"));
            }
        }
        let mut messages: Vec<_> = capture
            .records()
            .into_iter()
            .map(|record| record.message)
            .collect();
        messages.sort();
        let expected =
            (0..100).map(|number| format!("seeds-logged-by-tasks: start {number:03} end"));
        assert_eq!(messages, expected.collect::<Vec<_>>());
    });
}

/// The code under test: what it fetches with is handed in.
fn title_lengths(
    pool: &ThreadPoolExecutor,
    addresses: &[&str],
    fetch: impl Fn(&str) -> Result<String, NotFound> + Send + Sync + 'static,
) -> Vec<Option<usize>> {
    let addresses: Vec<_> = addresses
        .iter()
        .map(|&address| address.to_owned())
        .collect();
    pool.map(addresses, move |address| {
        fetch(&address).ok().map(|page| page.len())
    })
    .map(Result::unwrap)
    .collect()
}

#[test]
fn code_that_uses_a_pool_is_tested_with_mocks() {
    watchdog(|| {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&asked);
        let mock = move |address: &str| {
            memory.lock().unwrap().push(address.to_owned());
            if address == "b" {
                Err(NotFound(address.to_owned()))
            } else {
                Ok("four".to_owned())
            }
        };
        assert_eq!(
            title_lengths(&pool(2), &["a", "b", "c"], mock),
            [Some(4), None, Some(4)]
        );
        let mut asked = asked.lock().unwrap().clone();
        asked.sort();
        assert_eq!(asked, ["a", "b", "c"]);
    });
}

#[test]
fn follow_up_tasks_start_as_the_first_ones_complete() {
    watchdog(|| {
        let journal = Journal::new();
        {
            let pool = pool(5);
            let first = (0..10).map(|number| pool.submit(move || f64::from(number) / 10.0));
            for future in as_completed(first) {
                let value = future.result().unwrap();
                if value > 0.5 {
                    let journal = journal.clone();
                    pool.submit(move || journal.write(format!("second task for {value:.1}")));
                }
            }
        }
        let lines = ["0.6", "0.7", "0.8", "0.9"].map(|value| format!("second task for {value}"));
        assert_eq!(journal.sorted(), lines);
    });
}

#[test]
fn a_callback_prints_a_dot_for_each_task() {
    watchdog(|| {
        let line = Arc::new(Mutex::new(String::new()));
        {
            let pool = pool(2);
            for number in 0..20 {
                let line = Arc::clone(&line);
                pool.submit(move || work(number % 2))
                    .add_done_callback(move |_| line.lock().unwrap().push('.'));
            }
        }
        assert_eq!(*line.lock().unwrap(), ".".repeat(20));
    });
}

#[test]
fn a_shared_counter_shows_each_step_once() {
    watchdog(|| {
        let total = 20;
        let (journal, completed) = (Journal::new(), Arc::new(AtomicUsize::new(0)));
        {
            let pool = pool(2);
            for _ in 0..total {
                let (journal, completed) = (journal.clone(), Arc::clone(&completed));
                pool.submit(|| work(1)).add_done_callback(move |_| {
                    let count = completed.fetch_add(1, SeqCst) + 1;
                    journal.write(format!("{count:02}/{total}"));
                });
            }
        }
        assert_eq!(
            journal.sorted(),
            (1..=total)
                .map(|count| format!("{count:02}/{total}"))
                .collect::<Vec<_>>()
        );
    });
}

#[test]
fn a_pool_needs_no_main_thread_of_its_own() {
    watchdog(|| {
        let values = thread::spawn(|| {
            pool(2)
                .map([1, 2], |n| n)
                .map(Result::unwrap)
                .collect::<Vec<_>>()
        });
        assert_eq!(values.join().unwrap(), [1, 2]);
    });
}

#[test]
fn a_shutdown_inside_the_block_is_followed_by_a_harmless_second_one() {
    watchdog(|| {
        let journal = Journal::new();
        let (started, starts) = mpsc::channel();
        let gate = Gate::new();
        let futures = {
            let pool = pool(1);
            let futures: Vec<_> = (0..10)
                .map(|number| {
                    let (journal, started, gate) = (journal.clone(), started.clone(), gate.clone());
                    pool.submit(move || {
                        started.send(number).unwrap();
                        gate.wait();
                        journal.write(format!("task {number}"));
                    })
                })
                .collect();
            assert_eq!(starts.recv().unwrap(), 0);
            journal.write("shutting down");
            pool.shutdown_with(Shutdown::new().no_wait().cancel_futures())
                .unwrap();
            journal.write("shut down");
            gate.open();
            pool.shutdown();
            futures
        };
        journal.write("end");
        assert_eq!(
            journal.lines(),
            ["shutting down", "shut down", "task 0", "end"]
        );
        assert_eq!(
            futures.iter().filter(|future| future.cancelled()).count(),
            9
        );
    });
}

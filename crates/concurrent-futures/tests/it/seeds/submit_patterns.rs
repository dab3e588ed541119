//! One task at a time, results in whatever order suits.

use std::collections::BTreeSet;
use std::sync::{Barrier, mpsc};
use std::time::Duration;

use concurrent_futures::{Future, ResultTimeoutError, ReturnWhen, TaskError, as_completed, wait};

use super::stand_ins::{Journal, NotFound, fetch, work};
use crate::support::{Gate, pool, watchdog};

#[test]
fn results_are_read_in_submission_order() {
    watchdog(|| {
        let meeting = std::sync::Arc::new(Barrier::new(3));
        let pool = pool(3);
        let futures: Vec<_> = (0..3)
            .map(|number| {
                let meeting = meeting.clone();
                pool.submit(move || {
                    meeting.wait();
                    format!("line {number}")
                })
            })
            .collect();
        let lines: Vec<_> = futures
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(lines, ["line 0", "line 1", "line 2"]);
    });
}

#[test]
fn ten_squares() {
    watchdog(|| {
        let pool = pool(4);
        let futures: Vec<_> = (0..10_u32)
            .map(|number| pool.submit(move || number.pow(2)))
            .collect();
        let squares: Vec<_> = futures
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    });
}

#[test]
fn completed_futures_come_with_their_inputs() {
    watchdog(|| {
        let pool = pool(5);
        let futures = (0..10_u64).map(|id| {
            let task = move || {
                work(id % 3);
                if id == 7 {
                    Err(NotFound(format!("user {id}")))
                } else {
                    Ok(id * 100)
                }
            };
            (id, pool.try_submit(task))
        });
        let mut seen = BTreeSet::new();
        for (id, future) in as_completed(futures) {
            assert!(future.done());
            match future.result() {
                Ok(value) => assert_eq!(value, id * 100),
                Err(error) => assert_eq!((id, error.to_string().as_str()), (7, "user 7 not found")),
            }
            assert!(seen.insert(id));
        }
        assert_eq!(seen.len(), 10);
    });
}

#[test]
fn a_timed_iteration_gives_the_early_ones_and_then_an_error() {
    watchdog(|| {
        let journal = Journal::new();
        let late = Gate::new();
        let pool = pool(10);
        let futures: Vec<_> = (0..10)
            .map(|number| {
                let (journal, late) = (journal.clone(), late.clone());
                pool.submit(move || {
                    if number >= 5 {
                        late.wait();
                    }
                    journal.write(format!("task {number}"));
                    number
                })
            })
            .collect();
        wait(&futures[..5], ReturnWhen::AllCompleted);

        let mut early = BTreeSet::new();
        let mut iteration = as_completed(futures).timeout(Duration::from_millis(5));
        let error = loop {
            match iteration.next().expect("an error comes before the end") {
                Ok(future) => assert!(early.insert(future.result().unwrap())),
                Err(error) => break error,
            }
        };
        assert_eq!(early, (0..5).collect::<BTreeSet<_>>());
        assert_eq!((error.unfinished(), error.total()), (5, 10));
        assert!(iteration.next().is_none());

        late.open();
        drop(pool);
        assert_eq!(journal.lines().len(), 10);
    });
}

#[test]
fn the_first_is_waited_for_and_then_all() {
    watchdog(|| {
        let gates: Vec<Gate> = (0..3).map(|_| Gate::new()).collect();
        let pool = pool(3);
        let futures: Vec<_> = gates
            .iter()
            .zip([3, 1, 2])
            .map(|(gate, number)| {
                let gate = gate.clone();
                (number, pool.submit(move || gate.wait()))
            })
            .collect();
        gates[1].open();
        let (done, not_done) = wait(
            futures.iter().map(|(n, f)| (*n, f)),
            ReturnWhen::FirstCompleted,
        );
        assert_eq!(
            done.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
            [1]
        );
        assert_eq!(not_done.len(), 2);

        gates.iter().for_each(Gate::open);
        let (done, not_done) = wait(futures, ReturnWhen::AllCompleted);
        assert_eq!(
            done.iter()
                .map(|(number, _)| *number)
                .collect::<BTreeSet<_>>(),
            [1, 2, 3].into()
        );
        assert!(not_done.is_empty());
    });
}

#[test]
fn successes_and_failures_are_sorted_out() {
    watchdog(|| {
        let pool = pool(4);
        let futures = (0..10).map(|id| {
            let task = move || {
                if id == 5 {
                    Err(format!("value {id} is bad"))
                } else {
                    Ok(id)
                }
            };
            (id, pool.try_submit(task))
        });
        let (mut successes, mut failures) = (Vec::new(), Vec::new());
        for (id, future) in as_completed(futures) {
            match future.result() {
                Ok(value) => successes.push(value),
                Err(error) => failures.push((id, error.to_string())),
            }
        }
        assert_eq!(successes.len(), 9);
        assert_eq!(failures, [(5, "value 5 is bad".to_owned())]);
    });
}

#[test]
fn a_hundred_users_and_some_failures() {
    watchdog(|| {
        let pool = pool(20);
        let futures = (0..100).map(|id| {
            let address = if id % 10 == 3 {
                format!("missing/{id}")
            } else {
                format!("user/{id}")
            };
            (id, pool.try_submit(move || fetch(&address)))
        });
        let mut failed = BTreeSet::new();
        let mut fetched = 0;
        for (id, future) in as_completed(futures) {
            match future.result() {
                Ok(page) => {
                    assert_eq!(page, format!("page of user/{id}"));
                    fetched += 1;
                }
                Err(_) => assert!(failed.insert(id)),
            }
        }
        assert_eq!(failed, (0..10).map(|tens| 10 * tens + 3).collect());
        assert_eq!(fetched, 100 - failed.len());
    });
}

#[test]
fn a_timed_read_gives_up_and_the_task_goes_on() {
    watchdog(|| {
        let pool = pool(1);
        assert_eq!(
            pool.submit(|| "quick")
                .result_timeout(Duration::MAX)
                .unwrap(),
            "quick"
        );

        let gate = Gate::new();
        let inside = gate.clone();
        let slow = pool.submit(move || {
            inside.wait();
            "slow"
        });
        let error = slow.result_timeout(Duration::from_millis(1)).unwrap_err();
        assert!(error.is_timeout());
        let slow = error
            .into_future()
            .expect("a timeout gives the future back");
        assert!(!slow.cancelled());
        gate.open();
        assert_eq!(slow.result().unwrap(), "slow");
    });
}

#[test]
fn fifteen_tasks_report_by_completion() {
    watchdog(|| {
        let pool = pool(5);
        let futures: Vec<_> = (1..=15_u64)
            .map(|id| {
                let duration = 1 + id % 8;
                (
                    id,
                    pool.submit(move || {
                        work(duration);
                        duration
                    }),
                )
            })
            .collect();
        let mut lines = Vec::new();
        let mut quick = 0;
        for (id, future) in as_completed(futures) {
            let duration = future.result().unwrap();
            quick += usize::from(duration < 5);
            lines.push(id);
        }
        lines.sort_unstable();
        assert_eq!(lines, (1..=15).collect::<Vec<_>>());
        assert_eq!(quick, (1..=15).filter(|id| 1 + id % 8 < 5).count());
    });
}

/// Fails before the attempt whose number is given.
fn flaky(succeeds_at: u32, attempt: u32) -> Result<u32, &'static str> {
    if attempt < succeeds_at {
        Err("connection refused")
    } else {
        Ok(attempt)
    }
}

#[test]
fn retries_succeed_or_are_exhausted() {
    watchdog(|| {
        let pool = pool(4);
        let futures = (0..8_u32).map(|input| {
            let task = move || {
                (1..=3).find_map(|attempt| {
                    work(u64::from(attempt > 1));
                    flaky(1 + input % 5, attempt).ok()
                })
            };
            (
                input,
                pool.try_submit(move || task().ok_or_else(|| format!("input {input} exhausted"))),
            )
        });
        let (mut succeeded, mut exhausted) = (0, 0);
        for (input, future) in as_completed(futures) {
            match future.result() {
                Ok(attempts) => {
                    assert_eq!(attempts, 1 + input % 5);
                    succeeded += 1;
                }
                Err(error) => {
                    assert_eq!(error.to_string(), format!("input {input} exhausted"));
                    exhausted += 1;
                }
            }
        }
        assert_eq!((succeeded, exhausted), (6, 2));
    });
}

#[test]
fn retries_that_report_in_words() {
    watchdog(|| {
        let reports: Result<Vec<_>, _> = pool(4)
            .map(0..8_u32, |input| {
                match (1..=3).find_map(|attempt| flaky(1 + input % 5, attempt).ok()) {
                    Some(attempt) => format!("input {input} succeeded at attempt {attempt}"),
                    None => format!("input {input} failed 3 times"),
                }
            })
            .collect();
        let reports = reports.unwrap();
        let count = |end: &str| reports.iter().filter(|report| report.contains(end)).count();
        assert_eq!((count("succeeded"), count("failed 3 times")), (6, 2));
    });
}

#[test]
fn tasks_with_arguments_and_without() {
    watchdog(|| {
        fn add(left: i32, right: i32) -> i32 {
            left + right
        }
        fn answer() -> i32 {
            42
        }
        let pool = pool(2);
        assert_eq!(pool.submit(|| add(2, 3)).result().unwrap(), 5);
        assert_eq!(pool.submit(answer).result().unwrap(), 42);
        assert_eq!(
            pool.submit(answer).result_timeout(Duration::MAX).unwrap(),
            42
        );
    });
}

#[test]
fn each_way_to_wait_returns_at_its_moment() {
    watchdog(|| {
        let pool = pool(5);
        let submit = |gate: &Gate| {
            (0..5)
                .map(|number| {
                    let gate = gate.clone();
                    pool.try_submit(move || match number {
                        0 => Ok(0),
                        1 => Err("the first failure"),
                        _ => {
                            gate.wait();
                            Ok(number)
                        }
                    })
                })
                .collect::<Vec<_>>()
        };
        let gate = Gate::new();
        let futures = submit(&gate);
        let (done, not_done) = wait(&futures, ReturnWhen::FirstCompleted);
        assert!(!done.is_empty() && not_done.len() >= 3);
        let (done, not_done) = wait(&futures, ReturnWhen::FirstException);
        assert!(
            done.iter()
                .any(|future| future.done() && future.exception().is_some())
        );
        assert!(not_done.len() >= 3);
        gate.open();
        let (done, not_done) = wait(&futures, ReturnWhen::AllCompleted);
        assert_eq!((done.len(), not_done.len()), (5, 0));
    });
}

#[test]
fn futures_of_two_pools_are_waited_for_together() {
    watchdog(|| {
        let (left, right) = (pool(2), pool(2));
        let futures = || {
            (0..6).map(|n| {
                if n % 2 == 0 {
                    left.submit(move || n)
                } else {
                    right.submit(move || n)
                }
            })
        };
        let (done, not_done) = wait(futures(), ReturnWhen::AllCompleted);
        assert_eq!((done.len(), not_done.len()), (6, 0));
        let values: BTreeSet<_> = as_completed(futures())
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(values, (0..6).collect());
    });
}

#[test]
fn named_tasks_on_three_workers_finish_in_turn() {
    watchdog(|| {
        let names = ["A", "B", "C", "D", "E"];
        let gates: Vec<Gate> = names.iter().map(|_| Gate::new()).collect();
        let (started, starts) = mpsc::channel();
        let pool = pool(3);
        let futures: Vec<_> = names
            .iter()
            .zip(&gates)
            .map(|(&name, gate)| {
                let (started, gate) = (started.clone(), gate.clone());
                (
                    name,
                    pool.submit(move || {
                        started.send(name).unwrap();
                        gate.wait();
                        format!("{name} done")
                    }),
                )
            })
            .collect();
        assert_eq!(
            starts.iter().take(3).collect::<BTreeSet<_>>(),
            ["A", "B", "C"].into()
        );

        let mut completed = as_completed(futures);
        let mut finish = |name: &str| {
            gates[names.iter().position(|known| *known == name).unwrap()].open();
            let (completed, future) = completed.next().unwrap();
            assert_eq!(completed, name);
            assert_eq!(future.result().unwrap(), format!("{name} done"));
        };
        finish("B");
        assert_eq!(starts.recv().unwrap(), "D");
        finish("A");
        assert_eq!(starts.recv().unwrap(), "E");
        finish("D");
        finish("C");
        finish("E");
    });
}

#[test]
fn a_hundred_profiles_by_completion() {
    watchdog(|| {
        let pool = pool(10);
        let futures = (0..100).map(|id| (id, pool.submit(move || format!("profile {id}"))));
        let profiles: Vec<_> = as_completed(futures)
            .map(|(id, future)| (id, future.result().unwrap()))
            .collect();
        assert_eq!(profiles.len(), 100);
        assert!(
            profiles
                .iter()
                .all(|(id, text)| *text == format!("profile {id}"))
        );
    });
}

#[test]
fn each_outcome_of_a_timed_read_has_its_branch() {
    fn branch(future: Future<u8, String>) -> &'static str {
        // Only the task behind the gate is unfinished: the others have been waited for.
        match future.result_timeout(Duration::ZERO) {
            Ok(_) => "success",
            Err(ResultTimeoutError::TimedOut(_)) => "timeout",
            Err(ResultTimeoutError::Task(TaskError::Failed(_))) => "error",
            Err(_) => "something else",
        }
    }
    watchdog(|| {
        let pool = pool(3);
        let gate = Gate::new();
        let inside = gate.clone();
        let slow = pool.try_submit(move || {
            inside.wait();
            Ok(0)
        });
        let wrong = pool.try_submit(|| Err("wrong".to_owned()));
        let right = pool.try_submit(|| Ok(1));
        wait([&wrong, &right], ReturnWhen::AllCompleted);
        assert_eq!(
            [slow, wrong, right].map(branch),
            ["timeout", "error", "success"]
        );
        gate.open();
    });
}

#[test]
fn one_after_the_other_and_side_by_side() {
    fn steps(journal: &Journal, between: impl Fn()) {
        journal.write("start");
        between();
        journal.write("done");
    }
    watchdog(|| {
        let journal = Journal::new();
        steps(&journal, || work(1));
        steps(&journal, || work(1));
        assert_eq!(journal.lines(), ["start", "done", "start", "done"]);

        let journal = Journal::new();
        let meeting = std::sync::Arc::new(Barrier::new(2));
        let pool = pool(2);
        let futures = [1, 2].map(|number| {
            let (journal, meeting) = (journal.clone(), meeting.clone());
            pool.submit(move || {
                steps(&journal, || {
                    meeting.wait();
                });
                number
            })
        });
        assert_eq!(futures.map(|future| future.result().unwrap()), [1, 2]);
        assert_eq!(journal.lines(), ["start", "start", "done", "done"]);
    });
}

//! Map and wait; submit and use as completed, or in order; callbacks; wait for all; wait for the first.

use std::cell::Cell;
use std::iter::zip;
use std::sync::mpsc;

use concurrent_futures::{Future, ReturnWhen, Shutdown, ThreadPoolExecutor, as_completed, wait};

use super::stand_ins::{Journal, work};
use crate::support::{Gate, hold, pool, watchdog};

fn ten_tasks(pool: &ThreadPoolExecutor) -> Vec<Future<u64>> {
    (0..10)
        .map(|number| {
            pool.submit(move || {
                work(number % 3);
                number
            })
        })
        .collect()
}

fn ten_lines(pool: &ThreadPoolExecutor, journal: &Journal) -> Vec<Future<()>> {
    (0..10)
        .map(|number| {
            let journal = journal.clone();
            pool.submit(move || {
                work(number % 3);
                journal.write(format!("task {number}"));
            })
        })
        .collect()
}

fn expect_ten_lines_before_the_end(journal: &Journal) {
    journal.write("end");
    let lines = journal.lines();
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[10], "end");
    assert_eq!(
        journal.sorted()[1..],
        (0..10).map(|n| format!("task {n}")).collect::<Vec<_>>()
    );
}

#[test]
fn map_and_wait() {
    watchdog(|| {
        let values: Result<Vec<_>, _> = pool(10).map(0..10, |number| number).collect();
        assert_eq!(values.unwrap(), (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn a_loop_an_iterator_and_a_pool_give_the_same_list() {
    fn double(number: i32) -> i32 {
        2 * number
    }
    watchdog(|| {
        let mut looped = Vec::new();
        for number in 0..10 {
            looped.push(double(number));
        }
        let calls = Cell::new(0);
        let lazy = (0..10).map(|number| {
            calls.set(calls.get() + 1);
            double(number)
        });
        assert_eq!(calls.get(), 0);
        assert_eq!(lazy.collect::<Vec<_>>(), looped);

        let (called, eager_calls) = mpsc::channel();
        let pool = pool(10);
        let eager = pool.map(0..10, move |number| {
            called.send(()).unwrap();
            double(number)
        });
        // Nobody has asked for a result yet.
        assert_eq!(eager_calls.iter().take(10).count(), 10);
        assert_eq!(eager.map(Result::unwrap).collect::<Vec<_>>(), looped);
    });
}

#[test]
fn map_with_two_inputs() {
    watchdog(|| {
        let pairs: Result<Vec<_>, _> = pool(10)
            .map(zip([1, 2, 3], ["a", "b", "c"]), |(number, letter)| {
                (number, letter)
            })
            .collect();
        assert_eq!(pairs.unwrap(), [(1, "a"), (2, "b"), (3, "c")]);
    });
}

#[test]
fn map_whose_results_are_never_read() {
    watchdog(|| {
        let journal = Journal::new();
        {
            let pool = pool(10);
            let lines = journal.clone();
            drop(pool.map(0..5, move |number| lines.write(format!("task {number}"))));
        }
        journal.write("end");
        assert_eq!(journal.lines().last().unwrap(), "end");
        assert_eq!(
            journal.sorted(),
            ["end", "task 0", "task 1", "task 2", "task 3", "task 4"]
        );
    });
}

#[test]
fn submit_and_use_as_completed() {
    watchdog(|| {
        let pool = pool(10);
        let mut values: Vec<_> = as_completed(ten_tasks(&pool))
            .map(|future| future.result().unwrap())
            .collect();
        values.sort_unstable();
        assert_eq!(values, (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn submit_and_use_in_order() {
    watchdog(|| {
        let pool = pool(10);
        let values: Vec<_> = ten_tasks(&pool)
            .into_iter()
            .map(|future| future.result().unwrap())
            .collect();
        assert_eq!(values, (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn submit_and_one_callback_each() {
    watchdog(|| {
        let journal = Journal::new();
        {
            let pool = pool(10);
            for future in ten_tasks(&pool) {
                let journal = journal.clone();
                future
                    .add_done_callback(move |outcome| journal.write(outcome.unwrap().to_string()));
            }
        }
        assert_eq!(
            journal.sorted(),
            (0..10).map(|n| n.to_string()).collect::<Vec<_>>()
        );
    });
}

#[test]
fn two_callbacks_run_in_the_order_of_their_adding() {
    watchdog(|| {
        let journal = Journal::new();
        {
            let pool = pool(10);
            let gate = Gate::new();
            for number in 0..10 {
                let inside = gate.clone();
                let future = pool.submit(move || inside.wait());
                for place in ["first", "second"] {
                    let journal = journal.clone();
                    future.add_done_callback(move |_| journal.write(format!("{number} {place}")));
                }
            }
            gate.open();
        }
        let lines = journal.lines();
        assert_eq!(lines.len(), 20);
        let place = |line: String| lines.iter().position(|written| *written == line).unwrap();
        for number in 0..10 {
            assert!(place(format!("{number} first")) < place(format!("{number} second")));
        }
    });
}

#[test]
fn wait_for_all_by_wait() {
    watchdog(|| {
        for return_when in [ReturnWhen::default(), ReturnWhen::AllCompleted] {
            let journal = Journal::new();
            let pool = pool(10);
            wait(ten_lines(&pool, &journal), return_when);
            expect_ten_lines_before_the_end(&journal);
        }
    });
}

#[test]
fn wait_for_all_by_leaving_the_block() {
    watchdog(|| {
        let journal = Journal::new();
        {
            let pool = pool(10);
            ten_lines(&pool, &journal);
        }
        expect_ten_lines_before_the_end(&journal);
    });
}

#[test]
fn wait_for_all_by_shutdown() {
    watchdog(|| {
        let short: fn(&ThreadPoolExecutor) = ThreadPoolExecutor::shutdown;
        let spelled_out: fn(&ThreadPoolExecutor) =
            |pool| pool.shutdown_with(Shutdown::new()).unwrap();
        for shutdown in [short, spelled_out] {
            let journal = Journal::new();
            let pool = pool(10);
            ten_lines(&pool, &journal);
            shutdown(&pool);
            expect_ten_lines_before_the_end(&journal);
        }
    });
}

#[test]
fn wait_for_the_first_and_leave_the_others_behind() {
    watchdog(|| {
        let pool = pool(10);
        let held = hold(&pool, 9);
        let first = pool.submit(|| 7);
        let (done, not_done) = wait(
            held.tasks()
                .iter()
                .map(|task| (0, task as &dyn concurrent_futures::Waitable))
                .chain([(7, &first as _)]),
            ReturnWhen::FirstCompleted,
        );
        assert_eq!(
            done.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
            [7]
        );
        assert_eq!(not_done.len(), 9);
        pool.shutdown_with(Shutdown::new().no_wait().cancel_futures())
            .unwrap();
        assert_eq!(first.result().unwrap(), 7);
        assert!(held.tasks().iter().all(Future::running));
        held.release();
        pool.shutdown();
        assert!(
            held.tasks()
                .iter()
                .all(|task| task.done() && !task.cancelled())
        );
    });
}

#[test]
fn with_two_workers_most_of_the_others_are_cancelled() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 1);
        let first = pool.submit(|| "first");
        let next = Gate::new();
        let (started, starts) = mpsc::channel();
        let inside = next.clone();
        let second = pool.submit(move || {
            started.send(()).unwrap();
            inside.wait();
        });
        let others: Vec<_> = (0..7).map(|_| pool.submit(|| ())).collect();
        starts.recv().unwrap();
        let (done, _) = wait([&first], ReturnWhen::FirstCompleted);
        assert_eq!(done.len(), 1);
        pool.shutdown_with(Shutdown::new().no_wait().cancel_futures())
            .unwrap();
        assert!(others.iter().all(Future::cancelled));
        assert!(!second.cancelled());
        next.open();
        held.release();
    });
}

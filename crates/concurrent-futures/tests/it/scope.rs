//! scope: tasks that borrow, and a block that waits for them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use concurrent_futures::{Future, ReturnWhen, TaskError, as_completed, wait};

use crate::support::{Gate, Probe, hold, pool, watchdog};

#[test]
fn tasks_borrow_from_outside() {
    watchdog(|| {
        let pool = pool(2);
        let words = [String::from("borrowed"), String::from("from outside")];
        let lengths = pool.scope(|scope| {
            let tasks = words.each_ref().map(|word| scope.submit(|| word.len()));
            tasks.map(|task| task.result().unwrap())
        });
        assert_eq!(lengths, [8, 12]);
        assert_eq!(words[0], "borrowed");
    });
}

#[test]
fn tasks_return_borrows() {
    watchdog(|| {
        let pool = pool(2);
        let text = String::from("one two three");
        let longest = pool.scope(|scope| {
            let task = scope.submit(|| text.split(' ').max_by_key(|word| word.len()));
            task.result().unwrap()
        });
        assert_eq!(longest, Some("three"));
    });
}

#[test]
fn tasks_change_disjoint_parts() {
    watchdog(|| {
        let pool = pool(4);
        let mut numbers = [0; 100];
        pool.scope(|scope| {
            for (index, number) in numbers.iter_mut().enumerate() {
                drop(scope.submit(move || *number = index));
            }
        });
        assert!(numbers.into_iter().eq(0..100));
    });
}

#[test]
fn waits_for_tasks_whose_futures_were_dropped_unread() {
    watchdog(|| {
        let pool = pool(2);
        let count = AtomicUsize::new(0);
        for round in 1..=50 {
            pool.scope(|scope| {
                for _ in 0..20 {
                    drop(scope.submit(|| {
                        thread::yield_now();
                        count.fetch_add(1, Ordering::Relaxed);
                    }));
                }
            });
            assert_eq!(count.load(Ordering::Relaxed), round * 20);
        }
    });
}

#[test]
fn an_empty_scope_gives_its_value() {
    watchdog(|| assert_eq!(pool(1).scope(|_| "value"), "value"));
}

#[test]
fn does_not_end_the_pool() {
    watchdog(|| {
        let pool = pool(1);
        pool.scope(|scope| drop(scope.submit(|| ())));
        assert_eq!(pool.submit(|| 2).result().unwrap(), 2);
    });
}

#[test]
fn waits_for_its_own_tasks_only() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 1);
        pool.scope(|scope| drop(scope.submit(|| ())));
        assert!(held.tasks()[0].running());
        held.release();
    });
}

#[test]
fn a_panic_of_the_block_waits_and_goes_on() {
    watchdog(|| {
        let pool = pool(2);
        let count = AtomicUsize::new(0);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            pool.scope(|scope| {
                for _ in 0..20 {
                    drop(scope.submit(|| {
                        thread::yield_now();
                        count.fetch_add(1, Ordering::Relaxed);
                    }));
                }
                panic!("out of the block");
            });
        }));
        assert_eq!(count.load(Ordering::Relaxed), 20);
        let payload = outcome.unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"out of the block"));
    });
}

#[test]
fn a_panic_of_a_task_stays_in_its_future() {
    watchdog(|| {
        let pool = pool(1);
        let (unread, read) = pool.scope(|scope| {
            drop(scope.submit(|| panic!("unread")));
            let read = scope.submit(|| panic!("read"));
            (1, read.result().unwrap_err())
        });
        assert_eq!(unread, 1);
        assert!(read.is_panic());
    });
}

#[test]
fn an_error_of_a_task_is_its_future_s() {
    watchdog(|| {
        let pool = pool(1);
        let text = String::from("twelve");
        let outcome = pool.scope(|scope| scope.try_submit(|| text.parse::<u32>()).result());
        assert!(matches!(outcome, Err(TaskError::Failed(_))));
    });
}

#[test]
fn a_future_may_leave_with_its_value() {
    watchdog(|| {
        let pool = pool(1);
        let future: Future<usize> = {
            let text = String::from("borrowed");
            pool.scope(|scope| scope.submit(|| text.len()))
        };
        assert!(future.done());
        assert_eq!(future.result().unwrap(), 8);
    });
}

#[test]
fn tasks_submit_more_to_their_scope() {
    watchdog(|| {
        let pool = pool(2);
        let count = AtomicUsize::new(0);
        pool.scope(|scope| {
            for _ in 0..4 {
                drop(scope.submit(|| {
                    for _ in 0..4 {
                        drop(scope.submit(|| count.fetch_add(1, Ordering::Relaxed)));
                    }
                }));
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 16);
    });
}

#[test]
fn one_inside_the_other() {
    watchdog(|| {
        let pool = pool(2);
        let outer_data = [1, 2, 3];
        let sum = pool.scope(|outer| {
            let first = outer.submit(|| outer_data.iter().sum::<i32>());
            let inner_data = [10, 20];
            let second = pool.scope(|inner| {
                let second = inner.submit(|| inner_data.iter().sum::<i32>());
                second.result().unwrap()
            });
            first.result().unwrap() + second
        });
        assert_eq!(sum, 36);
    });
}

#[test]
fn inside_a_task_of_another_pool() {
    watchdog(|| {
        let (outer, inner) = (pool(1), pool(1));
        let task = outer.submit(move || {
            let data = [1, 2, 3];
            inner.scope(|scope| scope.submit(|| data.iter().sum::<i32>()).result().unwrap())
        });
        assert_eq!(task.result().unwrap(), 6);
    });
}

#[test]
fn a_cancelled_task_lets_go_of_its_borrow_and_is_not_waited_for() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let mut number = 1;
        let cancelled = pool.scope(|scope| {
            let task = scope.submit(|| number = 2);
            task.cancel()
        });
        assert!(cancelled);
        number += 10;
        assert_eq!(number, 11);
        held.release();
    });
}

#[test]
fn cancelled_by_the_shutdown_of_the_pool() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let text = String::from("borrowed");
        pool.scope(|scope| {
            let task = scope.submit(|| text.len());
            let how = concurrent_futures::Shutdown::new()
                .cancel_futures()
                .no_wait();
            pool.shutdown_with(how).unwrap();
            assert!(task.cancelled());
        });
        held.release();
    });
}

#[test]
fn on_a_pool_that_is_shut_down_its_tasks_are_refused() {
    watchdog(|| {
        let pool = pool(1);
        pool.shutdown();
        let text = String::from("borrowed");
        let refused = pool.scope(|scope| scope.submit(|| text.len()).result());
        assert!(matches!(refused, Err(TaskError::Rejected(_))));
    });
}

#[test]
fn wait_and_as_completed_take_its_futures() {
    watchdog(|| {
        let pool = pool(2);
        let numbers: Vec<u32> = (0..20).collect();
        let sum = pool.scope(|scope| {
            let squares: Vec<_> = numbers
                .iter()
                .map(|n| scope.submit(move || n * n))
                .collect();
            let (done, _) = wait(&squares, ReturnWhen::AllCompleted);
            assert_eq!(done.len(), 20);
            as_completed(squares)
                .map(|square| square.result().unwrap())
                .sum::<u32>()
        });
        assert_eq!(sum, numbers.iter().map(|n| n * n).sum::<u32>());
    });
}

#[test]
fn closures_and_values_are_gone_when_it_returns() {
    struct Note<'a>(&'a Mutex<Vec<u32>>, u32);
    impl Drop for Note<'_> {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(self.1);
        }
    }

    watchdog(|| {
        let pool = pool(2);
        for _ in 0..100 {
            let notes = Mutex::new(Vec::new());
            pool.scope(|scope| {
                for n in 0..10 {
                    let note = Note(&notes, n);
                    // The worker is the last owner of the value: nobody holds the future.
                    drop(scope.submit(move || note));
                }
            });
            assert_eq!(notes.into_inner().unwrap().len(), 10);
        }
    });
}

#[test]
fn callbacks_have_run_when_it_returns() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        for round in 1..=100 {
            let value = probe.value();
            let number = 1;
            pool.scope(|scope| {
                let task = scope.submit(|| number + 1);
                task.add_done_callback(move |_| drop(value));
            });
            assert_eq!(probe.deaths(), round);
        }
    });
}

#[test]
fn many_threads_each_with_a_scope() {
    watchdog(|| {
        let pool = pool(2);
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let gate = Gate::new();
                    pool.scope(|scope| {
                        drop(scope.submit(|| gate.open()));
                        gate.wait();
                    });
                });
            }
        });
    });
}

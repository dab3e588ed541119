//! The initializer: once per worker before its first task; its failure breaks the pool, loudly and wholly.

use std::{
    cell::RefCell,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use concurrent_futures::{Future, Panic, TaskError, ThreadPoolExecutor};
use log::Level;

use crate::support::{Gate, LogCapture, Probe, find_cause, hold, watchdog};

fn broken<T>(future: Future<T>) {
    match future.result() {
        Err(TaskError::Broken(_)) => (),
        Err(other) => panic!("not broken: {other:?}"),
        Ok(_) => panic!("it ran"),
    }
}

fn failing(prefix: &str, max_workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder()
        .max_workers(max_workers)
        .thread_name_prefix(prefix)
        .initializer(|| Err::<(), _>("no connection"))
        .build()
        .unwrap()
}

/// The first worker starts well, the later ones fail once `fail` is open.
fn failing_from_the_second(fail: &Gate) -> ThreadPoolExecutor {
    let calls = AtomicUsize::new(0);
    let fail = fail.clone();
    ThreadPoolExecutor::builder()
        .max_workers(2)
        .initializer(move || {
            if calls.fetch_add(1, Ordering::SeqCst) == 0 {
                return Ok(());
            }
            fail.wait();
            Err("no second connection")
        })
        .build()
        .unwrap()
}

thread_local! {
    static CONNECTION: RefCell<Option<String>> = const { RefCell::new(None) };
}

#[test]
fn runs_once_in_each_worker_before_its_first_task() {
    watchdog(|| {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let pool = ThreadPoolExecutor::builder()
            .max_workers(3)
            .initializer({
                let calls = Arc::clone(&calls);
                move || calls.lock().unwrap().push(thread::current().id())
            })
            .build()
            .unwrap();
        let held = hold(&pool, 3);
        held.release();
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let calls = Arc::clone(&calls);
                pool.submit(move || calls.lock().unwrap().contains(&thread::current().id()))
            })
            .collect();
        for task in tasks {
            assert!(
                task.result().unwrap(),
                "a task before its worker's initializer"
            );
        }
        assert_eq!(calls.lock().unwrap().len(), 3);
    });
}

#[test]
fn what_it_leaves_in_thread_locals_is_there_for_the_tasks() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .initializer(|| CONNECTION.set(Some("open".to_owned())))
            .build()
            .unwrap();
        for _ in 0..10 {
            let task = pool.submit(|| CONNECTION.with_borrow(Clone::clone));
            assert_eq!(task.result().unwrap().as_deref(), Some("open"));
        }
    });
}

#[test]
fn ok_is_as_good_as_unit() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer(|| Ok::<(), io::Error>(()))
            .build()
            .unwrap();
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
    });
}

#[test]
fn an_error_breaks_the_pool_and_is_the_cause() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer(|| Err::<(), _>(io::Error::other("no connection")))
            .build()
            .unwrap();
        let error = pool.submit(|| ()).result().unwrap_err();
        assert!(matches!(error, TaskError::Broken(_)), "{error:?}");
        let cause = find_cause::<io::Error>(&error).expect("the initializer's own error");
        assert_eq!(cause.to_string(), "no connection");
    });
}

#[test]
fn a_panic_breaks_the_pool_and_is_the_cause() {
    fn connect() {
        panic!("no connection at all");
    }

    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer(connect)
            .build()
            .unwrap();
        let error = pool.submit(|| ()).result().unwrap_err();
        assert!(matches!(error, TaskError::Broken(_)), "{error:?}");
        let cause = find_cause::<Panic>(&error).expect("the initializer's panic");
        assert_eq!(cause.message(), "no connection at all");
    });
}

#[test]
fn all_queued_tasks_fail_unrun() {
    watchdog(|| {
        let begin = Gate::new();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer({
                let begin = begin.clone();
                move || {
                    begin.wait();
                    Err::<(), _>("no connection")
                }
            })
            .build()
            .unwrap();
        let probe = Probe::new();
        let ran = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (value, ran) = (probe.value(), Arc::clone(&ran));
                pool.submit(move || {
                    ran.fetch_add(1, Ordering::SeqCst);
                    drop(value);
                })
            })
            .collect();
        begin.open();
        tasks.into_iter().for_each(broken);
        assert_eq!(ran.load(Ordering::SeqCst), 0);
        drop(pool);
        assert_eq!((probe.births(), probe.deaths()), (50, 50));
    });
}

#[test]
fn a_task_submitted_later_fails_the_same_way() {
    watchdog(|| {
        let pool = failing("later", 2);
        broken(pool.submit(|| ()));
        let probe = Probe::new();
        let value = probe.value();
        let late = pool.submit(move || drop(value));
        assert!(late.done());
        assert_eq!(probe.deaths(), 1);
        broken(late);
    });
}

#[test]
fn broken_comes_before_shut_down() {
    watchdog(|| {
        let pool = failing("broken_first", 1);
        broken(pool.submit(|| ()));
        pool.shutdown();
        broken(pool.submit(|| ()));
    });
}

#[test]
fn a_failed_start_is_logged_as_an_error_with_its_cause() {
    watchdog(|| {
        let logs = LogCapture::containing("logged_initializer");
        let pool = failing("logged_initializer", 1);
        broken(pool.submit(|| ()));
        let records = logs.records();
        assert_eq!(records.len(), 1, "{records:?}");
        assert_eq!(records[0].level, Level::Error);
        assert!(records[0].message.contains("no connection"), "{records:?}");
    });
}

#[test]
fn each_failing_worker_logs_for_itself() {
    watchdog(|| {
        let logs = LogCapture::containing("twice_logged");
        let pool = failing("twice_logged", 2);
        let tasks = [pool.submit(|| ()), pool.submit(|| ())];
        tasks.into_iter().for_each(broken);
        drop(pool);
        let count = logs.records().len();
        assert!((1..=2).contains(&count), "{count} records of 2 workers");
    });
}

#[test]
fn a_task_running_elsewhere_ends_normally() {
    watchdog(|| {
        let fail = Gate::new();
        let pool = failing_from_the_second(&fail);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| ());
        fail.open();
        broken(queued);
        assert!(held.tasks()[0].running());
        held.release();
        assert!(held.tasks()[0].exception().is_none());
        broken(pool.submit(|| ()));
    });
}

#[test]
fn a_cancelled_task_stays_cancelled_and_the_rest_fails() {
    watchdog(|| {
        let fail = Gate::new();
        let pool = failing_from_the_second(&fail);
        let held = hold(&pool, 1);
        let tasks: Vec<_> = (0..5).map(|_| pool.submit(|| ())).collect();
        assert!(tasks[1].cancel());
        fail.open();
        for (index, task) in tasks.into_iter().enumerate() {
            if index == 1 {
                assert!(task.result().unwrap_err().is_cancelled());
            } else {
                broken(task);
            }
        }
        held.release();
    });
}

#[test]
fn a_callback_of_a_failed_task_may_use_the_pool() {
    watchdog(|| {
        let begin = Gate::new();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer({
                let begin = begin.clone();
                move || {
                    begin.wait();
                    Err::<(), _>("no connection")
                }
            })
            .build()
            .unwrap();
        let (sender, answers) = std::sync::mpsc::channel();
        let task = pool.submit(|| ());
        task.add_done_callback({
            let pool = pool.clone();
            move |outcome| {
                let failed = matches!(outcome, Err(TaskError::Broken(_)));
                sender.send((failed, pool.submit(|| ()))).unwrap();
            }
        });
        begin.open();
        let (failed, nested) = answers.recv().unwrap();
        assert!(failed);
        broken(nested);
        broken(task);
    });
}

#[test]
fn map_over_nothing_is_empty_also_on_a_broken_pool() {
    watchdog(|| {
        let pool = failing("empty_map", 1);
        broken(pool.submit(|| ()));
        assert_eq!(pool.map(Vec::<u32>::new(), |n| n).count(), 0);
        let error = pool.map([1], |n: u32| n).next().unwrap().unwrap_err();
        assert!(matches!(error.task_error(), Some(TaskError::Broken(_))));
    });
}

#[test]
fn dropping_the_pool_during_the_initializer_waits_for_it() {
    watchdog(|| {
        let (entered, leave) = (Gate::new(), Gate::new());
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer({
                let (entered, leave) = (entered.clone(), leave.clone());
                move || {
                    entered.open();
                    leave.wait();
                    Err::<(), _>("no connection")
                }
            })
            .build()
            .unwrap();
        let task = pool.submit(|| ());
        entered.wait();
        let dropper = thread::spawn(move || drop(pool));
        leave.open();
        dropper.join().unwrap();
        broken(task);
    });
}

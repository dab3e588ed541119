//! Tasks that park and unpark threads: the pool parks threads too, and neither may take the other's news for its own.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use concurrent_futures::{ReturnWhen, TaskError, as_completed, wait};

use crate::support::{Gate, pool, watchdog};

/// Tasks that do this, many times over, with idle moments in between.
fn all_run(each: fn()) {
    watchdog(move || {
        let pool = pool(2);
        for round in 0..500 {
            let futures = [(); 3].map(|()| {
                pool.submit(move || {
                    each();
                    round
                })
            });
            for future in futures {
                assert_eq!(future.result().unwrap(), round);
            }
        }
    });
}

#[test]
fn tasks_that_unpark_their_own_worker() {
    all_run(|| thread::current().unpark());
}

#[test]
fn tasks_that_eat_the_token_of_their_own_worker() {
    all_run(|| thread::park_timeout(Duration::ZERO));
}

#[test]
fn tasks_that_park_until_another_task_unparks_them() {
    watchdog(|| {
        let pool = pool(2);
        for _ in 0..200 {
            let (sender, threads) = mpsc::channel();
            let woken = Arc::new(AtomicBool::new(false));
            let flag = Arc::clone(&woken);
            let sleeper = pool.submit(move || {
                sender.send(thread::current()).unwrap();
                while !woken.load(SeqCst) {
                    thread::park();
                }
            });
            let second = pool.submit(move || {
                let thread = threads.recv().unwrap();
                flag.store(true, SeqCst);
                thread.unpark();
            });
            sleeper.result().unwrap();
            second.result().unwrap();
        }
    });
}

#[test]
fn stray_tokens_for_a_thread_that_waits() {
    watchdog(|| {
        let pool = pool(3);
        let reader = thread::current();
        let pestering = Arc::new(AtomicBool::new(true));
        let goes_on = Arc::clone(&pestering);
        let pest = pool.submit(move || {
            while goes_on.load(SeqCst) {
                reader.unpark();
                thread::yield_now();
            }
        });
        for number in 0..200 {
            let gate = Gate::new();
            let gated = || {
                let gate = gate.clone();
                pool.submit(move || {
                    gate.wait();
                    number
                })
            };
            let opener = pool.submit({
                let gate = gate.clone();
                move || {
                    thread::yield_now();
                    gate.open();
                }
            });
            match number % 4 {
                0 => assert_eq!(gated().result().unwrap(), number),
                1 => assert!(wait([gated()], ReturnWhen::AllCompleted).1.is_empty()),
                2 => assert!(as_completed([gated()]).all(|future| future.done())),
                _ => assert!(gated().exception().is_none()),
            }
            opener.result().unwrap();
        }
        pestering.store(false, SeqCst);
        pest.result().unwrap();
    });
}

#[test]
fn everybody_unparks_everybody() {
    watchdog(|| {
        let pool = pool(4);
        let (sender, threads) = mpsc::channel();
        let known = Arc::new(std::sync::Mutex::new(Vec::new()));
        let ran = Arc::new(AtomicUsize::new(0));
        for number in 0..5000 {
            let (sender, known, ran) = (sender.clone(), Arc::clone(&known), Arc::clone(&ran));
            pool.submit(move || {
                let mut known = known.lock().unwrap();
                if known.len() < 16 {
                    known.push(thread::current());
                    sender.send(thread::current()).unwrap();
                }
                known[number % known.len()].unpark();
                ran.fetch_add(1, SeqCst);
            });
            for thread in threads.try_iter() {
                thread.unpark();
            }
        }
        pool.shutdown();
        assert_eq!(ran.load(SeqCst), 5000);
        assert!(matches!(
            pool.submit(|| ()).result(),
            Err(TaskError::Rejected(_))
        ));
    });
}

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{hold, pool, watchdog};

/// Tasks that can only end if all of them run at the same time.
fn meet(pool: &ThreadPoolExecutor, count: usize) {
    let meeting = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let meeting = Arc::clone(&meeting);
            pool.submit(move || {
                meeting.wait();
            })
        })
        .collect();
    for task in tasks {
        task.result().unwrap();
    }
}

#[test]
fn as_many_tasks_as_workers_meet_while_idle_ones_go() {
    watchdog(|| {
        for time in [Duration::ZERO, Duration::from_micros(50)] {
            let pool = ThreadPoolExecutor::builder()
                .max_workers(4)
                .keep_alive(time)
                .build()
                .unwrap();
            for round in 0..500 {
                meet(&pool, 1 + round % 4);
            }
        }
    });
}

#[test]
fn as_many_tasks_as_workers_meet_while_the_number_goes_up_and_down() {
    watchdog(|| {
        let pool = pool(4);
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let (pool, over) = (&pool, &over);
            scope.spawn(move || {
                for number in (4..8).cycle() {
                    pool.set_max_workers(number).unwrap();
                    if over.load(SeqCst) {
                        return;
                    }
                }
            });
            for round in 0..500 {
                meet(pool, 1 + round % 4);
            }
            over.store(true, SeqCst);
        });
    });
}

#[test]
fn no_task_is_lost_under_load() {
    watchdog(|| {
        let pool = pool(4);
        let (ran, over) = (Arc::new(AtomicUsize::new(0)), AtomicBool::new(false));
        thread::scope(|scope| {
            let (pool, over) = (&pool, &over);
            for step in [1, 3] {
                scope.spawn(move || {
                    for number in (1..16).step_by(step).cycle() {
                        pool.set_max_workers(number).unwrap();
                        if over.load(SeqCst) {
                            return;
                        }
                    }
                });
            }
            let submitters = [(); 2].map(|()| {
                let ran = Arc::clone(&ran);
                scope.spawn(move || {
                    for _ in 0..20_000 {
                        let ran = Arc::clone(&ran);
                        pool.submit(move || ran.fetch_add(1, SeqCst));
                    }
                })
            });
            for submitter in submitters {
                submitter.join().unwrap();
            }
            while ran.load(SeqCst) < 40_000 {
                thread::yield_now();
            }
            over.store(true, SeqCst);
        });
        pool.set_max_workers(5).unwrap();
        drop(hold(&pool, 5));
        assert!(pool.worker_count() >= 5);
    });
}

//! Many tasks are cancelled while they are queued: their slots leave the queue early, what is kept
//! waits before its head, and nobody can tell.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use concurrent_futures::{Future, Shutdown, TaskError, ThreadPoolExecutor};

use crate::support::{Gate, Probe, hold, pool, watchdog};

/// So many, and two of three cancelled: more than enough for a sweep.
const TASKS: usize = 60_000;

fn is_kept(index: usize) -> bool {
    index % 3 == 1
}

/// What ran, in order.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<usize>>>);

impl Journal {
    fn task(&self, index: usize) -> impl FnOnce() + Send + use<> {
        let journal = self.clone();
        move || journal.0.lock().unwrap().push(index)
    }

    fn is(&self, expected: impl Iterator<Item = usize>) {
        assert!(self.0.lock().unwrap().iter().copied().eq(expected));
    }
}

fn submit(
    pool: &ThreadPoolExecutor,
    journal: &Journal,
    indices: std::ops::Range<usize>,
) -> Vec<Future<()>> {
    indices
        .map(|index| pool.submit(journal.task(index)))
        .collect()
}

/// Cancels what is not kept; the futures of what is.
fn storm(futures: Vec<Future<()>>) -> Vec<Future<()>> {
    let storm = |(index, future): (usize, Future<()>)| {
        let kept = is_kept(index);
        assert!(kept || future.cancel());
        kept.then_some(future)
    };
    futures.into_iter().enumerate().filter_map(storm).collect()
}

#[test]
fn the_rest_runs_in_its_order_and_before_what_comes_later() {
    watchdog(|| {
        let pool = pool(1);
        let journal = Journal::default();
        let held = hold(&pool, 1);
        let futures = submit(&pool, &journal, 0..TASKS);
        drop(storm(futures));
        drop(submit(&pool, &journal, TASKS..TASKS + 100));
        held.release();
        pool.shutdown();
        journal.is((0..TASKS).filter(|&i| is_kept(i)).chain(TASKS..TASKS + 100));
    });
}

#[test]
fn a_second_storm_finds_what_the_first_one_kept() {
    watchdog(|| {
        let pool = pool(1);
        let journal = Journal::default();
        let held = hold(&pool, 1);
        let kept = storm(submit(&pool, &journal, 0..2 * TASKS));
        let later = submit(&pool, &journal, 2 * TASKS..3 * TASKS);
        for (index, future) in kept.iter().enumerate() {
            assert!(index % 100 == 0 || future.cancel());
        }
        drop(later);
        held.release();
        pool.shutdown();
        let left = (0..2 * TASKS).filter(|&i| is_kept(i)).step_by(100);
        journal.is(left.chain(2 * TASKS..3 * TASKS));
    });
}

#[test]
fn all_that_are_left_get_a_worker() {
    const WORKERS: usize = 4;
    watchdog(|| {
        let pool = pool(WORKERS);
        let held = hold(&pool, WORKERS);
        let barrier = Arc::new(Barrier::new(WORKERS));
        let mut meeting = Vec::new();
        let mut cancelled = Vec::new();
        for index in 0..TASKS {
            if index % (TASKS / WORKERS) == 7 {
                let barrier = Arc::clone(&barrier);
                meeting.push(pool.submit(move || barrier.wait().is_leader()));
            } else {
                cancelled.push(pool.submit(|| ()));
            }
        }
        assert!(cancelled.iter().all(Future::cancel));
        held.release();
        for future in meeting {
            future.result().unwrap();
        }
    });
}

#[test]
fn sleeping_workers_are_woken_for_what_is_left() {
    const WORKERS: usize = 3;
    watchdog(|| {
        let pool = pool(WORKERS);
        for _ in 0..20 {
            let held = hold(&pool, WORKERS);
            let futures: Vec<_> = (0..TASKS / 4).map(|_| pool.submit(|| ())).collect();
            let barrier = Arc::new(Barrier::new(WORKERS));
            let meeting = [(); WORKERS].map(|()| {
                let barrier = Arc::clone(&barrier);
                pool.submit(move || barrier.wait().is_leader())
            });
            // Workers go to sleep while the queue is swept.
            held.release();
            for future in &futures {
                future.cancel();
            }
            for future in meeting {
                future.result().unwrap();
            }
        }
    });
}

#[test]
fn a_shutdown_that_cancels_reaches_what_is_left() {
    watchdog(|| {
        let pool = pool(1);
        let probe = Probe::new();
        let held = hold(&pool, 1);
        let journal = Journal::default();
        let kept = storm(submit(&pool, &journal, 0..TASKS));
        let value = probe.value();
        let last = pool.submit(move || drop(value));
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        assert_eq!(probe.alive(), 0);
        assert!(last.cancelled() && kept.iter().all(Future::cancelled));
        held.release();
        pool.shutdown();
        journal.is(std::iter::empty());
    });
}

#[test]
fn a_pool_that_breaks_fails_what_is_left() {
    watchdog(|| {
        let (gate, calls) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
        let opened = gate.clone();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .initializer(move || {
                if calls.fetch_add(1, Ordering::SeqCst) == 0 {
                    return Ok(());
                }
                opened.wait();
                Err("no more")
            })
            .build()
            .unwrap();
        let held = hold(&pool, 1);
        let journal = Journal::default();
        let kept = storm(submit(&pool, &journal, 0..TASKS));
        gate.open();
        for future in kept {
            assert!(matches!(future.result(), Err(TaskError::Broken(_))));
        }
        held.release();
        journal.is(std::iter::empty());
    });
}

#[test]
fn what_is_cancelled_never_runs_and_all_else_runs_once_while_it_is_swept() {
    const PRODUCERS: usize = 3;
    const EACH: usize = 40_000;
    watchdog(|| {
        let pool = pool(2);
        let runs: Arc<Vec<_>> =
            Arc::new((0..PRODUCERS * EACH).map(|_| AtomicUsize::new(0)).collect());
        thread::scope(|s| {
            for producer in 0..PRODUCERS {
                let (pool, runs) = (&pool, &runs);
                s.spawn(move || {
                    let own = producer * EACH..(producer + 1) * EACH;
                    let submit = |index: usize| {
                        let runs = Arc::clone(runs);
                        pool.submit(move || runs[index].fetch_add(1, Ordering::SeqCst))
                    };
                    let futures: Vec<_> = own.clone().map(submit).collect();
                    let cancelled = futures.iter().map(Future::cancel).collect::<Vec<_>>();
                    for ((index, future), cancelled) in own.zip(futures).zip(cancelled) {
                        assert_eq!(future.result().is_ok(), !cancelled);
                        let ran = runs[index].load(Ordering::SeqCst);
                        assert_eq!(ran, usize::from(!cancelled));
                    }
                });
            }
        });
    });
}

#[test]
fn one_worker_keeps_the_order_while_it_is_swept() {
    const ROUNDS: usize = 10;
    watchdog(|| {
        for _ in 0..ROUNDS {
            let pool = pool(1);
            let journal = Journal::default();
            let futures = submit(&pool, &journal, 0..TASKS / 2);
            thread::scope(|s| {
                s.spawn(|| {
                    for (index, future) in futures.iter().enumerate().rev() {
                        let _ = is_kept(index) || future.cancel();
                    }
                });
                drop(submit(&pool, &journal, TASKS..TASKS + TASKS / 2));
            });
            pool.shutdown();
            let ran = journal.0.lock().unwrap();
            assert!(ran.is_sorted() && ran.len() >= TASKS / 2 + TASKS / 6);
        }
    });
}

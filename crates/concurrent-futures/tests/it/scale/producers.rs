//! Many threads that submit to one pool at the same time.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{Gate, pool, watchdog_for};

const PRODUCERS: usize = 64;
const EACH: usize = 5000;
const PATIENCE: Duration = Duration::from_secs(120);

/// All producers begin at the same moment.
fn produce(pool: &ThreadPoolExecutor, produce: impl Fn(&ThreadPoolExecutor, usize) + Sync) {
    let start = Barrier::new(PRODUCERS);
    thread::scope(|scope| {
        for producer in 0..PRODUCERS {
            let (start, produce) = (&start, &produce);
            scope.spawn(move || {
                start.wait();
                produce(pool, producer);
            });
        }
    });
}

#[test]
fn each_task_of_many_producers_runs_exactly_once() {
    watchdog_for(PATIENCE, || {
        for workers in [1, 8] {
            let pool = pool(workers);
            let runs: Arc<[AtomicUsize]> =
                (0..PRODUCERS * EACH).map(|_| AtomicUsize::new(0)).collect();
            produce(&pool, |pool, producer| {
                for index in 0..EACH {
                    let runs = Arc::clone(&runs);
                    let task = producer * EACH + index;
                    drop(pool.submit(move || runs[task].fetch_add(1, Ordering::Relaxed)));
                }
            });
            pool.shutdown();
            assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 1));
            assert_eq!(Arc::strong_count(&runs), 1);
        }
    });
}

#[test]
fn each_producer_gets_its_own_results() {
    watchdog_for(PATIENCE, || {
        let pool = pool(4);
        produce(&pool, |pool, producer| {
            let futures: Vec<_> = (0..EACH)
                .map(|index| pool.submit(move || (producer, index)))
                .collect();
            for (index, future) in futures.into_iter().enumerate() {
                assert_eq!(future.result().unwrap(), (producer, index));
            }
        });
    });
}

#[test]
fn with_one_worker_each_producer_keeps_its_order() {
    watchdog_for(PATIENCE, || {
        let pool = pool(1);
        let next: Arc<[AtomicUsize]> = (0..PRODUCERS).map(|_| AtomicUsize::new(0)).collect();
        let broken = Arc::new(Mutex::new(Vec::new()));
        produce(&pool, |pool, producer| {
            for index in 0..EACH {
                let (next, broken) = (Arc::clone(&next), Arc::clone(&broken));
                drop(pool.submit(move || {
                    let turn = next[producer].fetch_add(1, Ordering::Relaxed);
                    if turn != index {
                        broken.lock().unwrap().push((producer, index, turn));
                    }
                }));
            }
        });
        pool.shutdown();
        assert_eq!(*broken.lock().unwrap(), []);
        assert!(next.iter().all(|next| next.load(Ordering::Relaxed) == EACH));
    });
}

#[test]
fn of_each_producer_what_is_cancelled_never_runs_and_the_rest_does() {
    watchdog_for(PATIENCE, || {
        let pool = pool(2);
        let gate = Gate::new();
        let ran = Arc::new(AtomicUsize::new(0));
        let cancelled = AtomicUsize::new(0);
        produce(&pool, |pool, producer| {
            let futures: Vec<_> = (0..EACH)
                .map(|index| {
                    let ran = Arc::clone(&ran);
                    let gate = (producer == 0 && index == 0).then(|| gate.clone());
                    pool.submit(move || {
                        ran.fetch_add(1, Ordering::Relaxed);
                        if let Some(gate) = gate {
                            gate.wait();
                        }
                    })
                })
                .collect();
            let hits = futures.iter().filter(|future| future.cancel()).count();
            cancelled.fetch_add(hits, Ordering::Relaxed);
        });
        gate.open();
        pool.shutdown();
        let all = ran.load(Ordering::Relaxed) + cancelled.load(Ordering::Relaxed);
        assert_eq!(all, PRODUCERS * EACH);
    });
}

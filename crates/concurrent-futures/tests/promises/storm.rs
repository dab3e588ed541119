//! Everything at once, with exact accounts.

use crate::watchdog;
use concurrent_futures::{Promise, TaskError};
use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

/// Counts its drops.
struct Probe(Arc<AtomicUsize>);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn each_future_ends_once_and_each_value_is_dropped_once() {
    const ROUNDS: usize = 400;
    watchdog(|| {
        let (dropped, called, followed) =
            <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let mut kept = 0;
        for round in 0..ROUNDS {
            let (promise, future) = Promise::<Probe, ()>::new();
            let start = Arc::new(Barrier::new(3));
            let (count, ready) = (Arc::clone(&called), Arc::clone(&start));
            future.add_done_callback(move |_| {
                let _ = count.fetch_add(1, SeqCst);
            });
            let probe = Probe(Arc::clone(&dropped));
            let keeper = thread::spawn(move || {
                ready.wait();
                if round % 3 == 0 && !promise.set_running_or_notify_cancel() {
                    return drop((probe, promise.set_exception(())));
                }
                drop(promise.set_result(probe));
            });
            let shared = future.shared();
            let (other, ready) = (shared.clone(), Arc::clone(&start));
            let rival = thread::spawn(move || {
                ready.wait();
                other.cancel()
            });
            start.wait();
            let outcome = shared.result();
            let value = outcome.is_ok();
            assert!(value || matches!(outcome, Err(TaskError::Cancelled)));
            let cancelled = rival.join().unwrap();
            assert_eq!(value, !cancelled);
            kept += usize::from(value);
            keeper.join().unwrap();
            drop(shared);
        }
        assert_eq!(
            (dropped.load(SeqCst), called.load(SeqCst)),
            (ROUNDS, ROUNDS)
        );
        for round in 0..ROUNDS {
            let (promise, future) = Promise::<usize>::new();
            let keeper = thread::spawn(move || promise.set_result(round));
            let count = Arc::clone(&followed);
            let next = future.then(move |n| {
                count.fetch_add(1, SeqCst);
                n
            });
            assert_eq!(next.result().unwrap(), round);
            keeper.join().unwrap().unwrap();
        }
        assert_eq!(followed.load(SeqCst), ROUNDS);
        assert!(kept <= ROUNDS);
    });
}

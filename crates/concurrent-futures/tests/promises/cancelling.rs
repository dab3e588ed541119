use crate::watchdog;
use concurrent_futures::{Promise, TaskError};
use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

#[test]
fn a_pending_one_is_cancelled_and_its_promise_hears_of_it() {
    let (promise, future) = Promise::<i32>::new();
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    future.add_done_callback(move |outcome| {
        assert!(matches!(outcome, Err(TaskError::Cancelled)));
        count.fetch_add(1, SeqCst);
    });
    assert!(future.cancel() && future.cancel());
    assert_eq!(told.load(SeqCst), 1);
    assert!(promise.is_cancelled() && !promise.set_running_or_notify_cancel());
    assert_eq!(promise.set_result(1), Err(1));
    assert!(matches!(future.result(), Err(TaskError::Cancelled)));
}

#[test]
fn a_running_one_is_not() {
    let (promise, future) = Promise::<i32, String>::new();
    assert!(promise.set_running_or_notify_cancel() && promise.set_running_or_notify_cancel());
    assert!(future.running() && !future.cancel() && !promise.is_cancelled());
    promise.set_exception("no".to_owned()).unwrap();
    assert!(!future.cancel() && !future.cancelled());
}

/// A promise that somebody else decides about.
type Place = Arc<Mutex<Option<Promise<i32>>>>;

fn cancel(place: &Place) {
    let promise = place.lock().unwrap().take();
    if let Some(promise) = promise {
        promise.complete(Err(TaskError::Cancelled)).unwrap();
    }
}

#[test]
fn elsewhere_it_is_asked_and_the_state_is_the_answer() {
    let (place, asked) = (Place::default(), Arc::new(AtomicUsize::new(0)));
    let (count, yields) = (Arc::clone(&asked), Arc::clone(&place));
    let (promise, future) = Promise::<i32>::builder()
        .revoke(move || {
            // The first time in vain.
            if count.fetch_add(1, SeqCst) > 0 {
                cancel(&yields);
            }
        })
        .build();
    *place.lock().unwrap() = Some(promise);
    assert!(!future.cancel() && !future.done());
    assert!(future.cancel() && future.cancelled());
    assert!(future.cancel());
    assert_eq!(asked.load(SeqCst), 2);
}

#[test]
fn what_decides_is_dropped_with_the_end() {
    let kept = Arc::new(());
    let probe = Arc::clone(&kept);
    let (promise, future) = Promise::<i32>::builder()
        .revoke(move || drop(Arc::clone(&probe)))
        .build();
    assert_eq!(Arc::strong_count(&kept), 2);
    promise.set_result(1).unwrap();
    assert_eq!(Arc::strong_count(&kept), 1);
    assert!(!future.cancel());
}

#[test]
fn a_panic_of_what_decides_goes_no_further() {
    let (promise, future) = Promise::<i32>::builder()
        .revoke(|| panic!("in vain"))
        .build();
    assert!(!future.cancel());
    promise.set_result(4).unwrap();
    assert_eq!(future.result().unwrap(), 4);
}

#[test]
fn cancel_is_true_if_and_only_if_it_is_cancelled() {
    watchdog(|| {
        for round in 0..300 {
            let place = Place::default();
            let asked = Arc::clone(&place);
            let (promise, future) = Promise::<i32>::builder()
                .revoke(move || cancel(&asked))
                .build();
            *place.lock().unwrap() = Some(promise);
            let barrier = Arc::new(Barrier::new(3));
            let future = Arc::new(future);
            let cancels: Vec<_> = (0..2)
                .map(|_| {
                    let (future, barrier) = (Arc::clone(&future), Arc::clone(&barrier));
                    thread::spawn(move || {
                        barrier.wait();
                        (future.cancel(), future.cancelled())
                    })
                })
                .collect();
            barrier.wait();
            let promise = place.lock().unwrap().take();
            let kept = promise.is_some_and(|promise| promise.set_result(round).is_ok());
            for cancel in cancels {
                let (yes, cancelled) = cancel.join().unwrap();
                assert_eq!((yes && kept, cancelled && kept), (false, false));
                assert!(!yes || cancelled);
            }
            assert_eq!(future.exception().is_some(), !kept);
        }
    });
}

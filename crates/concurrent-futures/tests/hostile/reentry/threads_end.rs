//! From the destructor of a thread-local.

use std::{cell::RefCell, thread, time::Duration};

use concurrent_futures::ThreadPoolExecutor;

use super::{CALLS, OnDrop, Place, check};
use crate::support::{Gate, hold, pool, watchdog};

thread_local!(static AT_END: RefCell<Option<OnDrop>> = const { RefCell::new(None) });

#[test]
fn of_a_thread_that_has_used_the_pool() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let (at_end, used, ends) = (OnDrop(place.clone()), Gate::new(), Gate::new());
            let (submits, opens, inside) = (pool.clone(), used.clone(), ends.clone());
            let thread = thread::spawn(move || {
                AT_END.set(Some(at_end));
                submits.submit(|| ()).result().unwrap();
                drop(submits);
                opens.open();
                inside.wait();
            });
            used.wait();
            let held = hold(&pool, 1);
            check(call, pool, &place, Some(Box::new(held)), || ends.open());
            thread.join().unwrap();
        });
    }
}

#[test]
fn of_a_worker_that_leaves() {
    for call in CALLS {
        watchdog(|| {
            let place = Place::default();
            let at_end = OnDrop(place.clone());
            let pool = ThreadPoolExecutor::builder()
                .max_workers(1)
                .keep_alive(Duration::ZERO)
                .build()
                .unwrap();
            let left = pool.submit(|| AT_END.set(Some(at_end)));
            left.result().unwrap();
            while pool.worker_count() > 0 {
                thread::yield_now();
            }
            // By another worker: the first one is in the destructor, or on its way there.
            let held = hold(&pool, 1);
            check(call, pool, &place, Some(Box::new(held)), || ());
        });
    }
}

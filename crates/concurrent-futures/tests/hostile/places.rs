//! Pools in places that are never dropped, dropped late, or dropped while something else goes wrong.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::thread;

use concurrent_futures::{Future, TaskError, ThreadPoolExecutor};

use crate::bomb::{Fuse, Site, give_up};
use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn in_a_static() {
    static POOL: LazyLock<ThreadPoolExecutor> = LazyLock::new(ThreadPoolExecutor::new);
    watchdog(|| {
        let readers = [1, 2]
            .map(|number| thread::spawn(move || POOL.submit(move || number).result().unwrap()));
        assert_eq!(readers.map(|reader| reader.join().unwrap()), [1, 2]);
    });
}

#[test]
fn in_a_thread_local() {
    thread_local! {
        static POOL: RefCell<Option<ThreadPoolExecutor>> = const { RefCell::new(None) };
    }
    watchdog(|| {
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ran);
        let owner = thread::spawn(move || {
            POOL.with_borrow_mut(|slot| {
                let pool = slot.insert(pool(2));
                for _ in 0..10 {
                    let ran = Arc::clone(&counted);
                    pool.submit(move || ran.fetch_add(1, SeqCst));
                }
            });
        });
        owner.join().unwrap();
        assert_eq!(ran.load(SeqCst), 10);
    });
}

#[test]
fn in_a_thread_local_of_its_own_worker() {
    thread_local! {
        static POOL: RefCell<Option<ThreadPoolExecutor>> = const { RefCell::new(None) };
    }
    watchdog(|| {
        let own = pool(1);
        let inside = own.clone();
        own.submit(move || POOL.set(Some(inside))).result().unwrap();
        own.shutdown();
        assert_eq!(own.worker_count(), 0);
    });
}

#[test]
fn submits_and_shutdowns_by_a_thread_locals_destructor() {
    struct AtExit(Option<(ThreadPoolExecutor, Gate)>);
    impl Drop for AtExit {
        fn drop(&mut self) {
            if let Some((pool, done)) = self.0.take() {
                assert!(matches!(
                    pool.submit(|| ()).result(),
                    Err(TaskError::Rejected(_))
                ));
                pool.shutdown();
                drop(pool);
                done.open();
            }
        }
    }
    thread_local! {
        static AT_EXIT: RefCell<AtExit> = const { RefCell::new(AtExit(None)) };
    }
    watchdog(|| {
        let (pool, done) = (pool(1), Gate::new());
        let (inside, opens) = (pool.clone(), done.clone());
        pool.submit(move || AT_EXIT.with_borrow_mut(|at_exit| at_exit.0 = Some((inside, opens))))
            .result()
            .unwrap();
        pool.shutdown();
        // All of a worker's own code comes before the end of the shutdown that waits for it.
        assert!(done.is_open());
    });
}

#[test]
fn dropped_while_another_unwinds() {
    watchdog(|| {
        let ran = Arc::new(AtomicUsize::new(0));
        let (first, second) = (pool(1), pool(1));
        for pool in [&first, &second] {
            for _ in 0..10 {
                let ran = Arc::clone(&ran);
                pool.submit(move || ran.fetch_add(1, SeqCst));
            }
        }
        let unwound = panic::catch_unwind(AssertUnwindSafe(|| give_up((first, second))));
        assert_eq!(
            unwound.unwrap_err().downcast_ref(),
            Some(&"the owner gives up")
        );
        assert_eq!(ran.load(SeqCst), 20);
    });
}

struct CancelOnDrop(Future<()>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        assert!(self.0.cancel());
    }
}

#[test]
fn dropped_while_unwinding_with_a_bomb_inside() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let held = hold(&site.pool, 2);
        let bomb = fuse.bomb();
        let future = site.pool.submit(move || drop(bomb));
        let pool = site.pool.clone();
        let unwound =
            panic::catch_unwind(AssertUnwindSafe(|| give_up((pool, CancelOnDrop(future)))));
        assert_eq!(
            unwound.unwrap_err().downcast_ref(),
            Some(&"the owner gives up")
        );
        assert_eq!(fuse.explosions(), 1);
        held.release();
        site.expect_sound();
    });
}

#[test]
fn owned_by_a_task_of_another() {
    watchdog(|| {
        let (outer, inner) = (pool(1), pool(1));
        let ran = Arc::new(AtomicUsize::new(0));
        let gate = Gate::new();
        let inside = gate.clone();
        for _ in 0..10 {
            let ran = Arc::clone(&ran);
            inner.submit(move || ran.fetch_add(1, SeqCst));
        }
        let counted = Arc::clone(&ran);
        let owning = outer.submit(move || {
            inside.wait();
            drop(inner);
            counted.load(SeqCst)
        });
        gate.open();
        assert_eq!(owning.result().unwrap(), 10);
    });
}

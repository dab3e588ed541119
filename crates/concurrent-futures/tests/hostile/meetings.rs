//! Code that the pool calls and that waits there for more of its kind: as long as there are not more tasks than
//! workers, each gets a worker, whatever the others are doing.

use std::future::Future as _;
use std::pin::pin;
use std::sync::{Arc, Barrier};
use std::task::{Context, Wake, Waker};
use std::{thread, time::Duration};

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn of_tasks() {
    watchdog(|| {
        for workers in [2, 7] {
            let meeting = Arc::new(Barrier::new(workers));
            let pool = pool(workers);
            for _ in 0..50 {
                for _ in 0..workers {
                    let meeting = Arc::clone(&meeting);
                    pool.submit(move || meeting.wait());
                }
            }
        }
    });
}

#[test]
fn of_initializers() {
    watchdog(|| {
        let meeting = Barrier::new(3);
        let pool = ThreadPoolExecutor::builder()
            .max_workers(3)
            .initializer(move || {
                meeting.wait();
            })
            .build()
            .unwrap();
        let futures = [1, 2, 3].map(|number| pool.submit(move || number));
        assert_eq!(futures.map(|future| future.result().unwrap()), [1, 2, 3]);
    });
}

#[test]
fn of_callbacks() {
    watchdog(|| {
        let meeting = Arc::new(Barrier::new(2));
        let pool = pool(2);
        for _ in 0..50 {
            let gate = Gate::new();
            for _ in 0..2 {
                let (inside, meeting) = (gate.clone(), Arc::clone(&meeting));
                let future = pool.submit(move || inside.wait());
                future.add_done_callback(move |_| {
                    meeting.wait();
                });
            }
            gate.open();
        }
    });
}

#[test]
fn of_a_callback_and_a_later_task() {
    watchdog(|| {
        let pool = pool(2);
        for _ in 0..50 {
            let (finish, in_callback, ran) = (Gate::new(), Gate::new(), Gate::new());
            let inside = finish.clone();
            let future = pool.submit(move || inside.wait());
            let (opens, waits) = (in_callback.clone(), ran.clone());
            future.add_done_callback(move |_| {
                opens.open();
                waits.wait();
            });
            finish.open();
            in_callback.wait();
            pool.submit(move || ran.open()).result().unwrap();
        }
    });
}

#[test]
fn of_the_drop_of_a_result_and_a_later_task() {
    struct WaitsOnDrop {
        dropping: Gate,
        ran: Gate,
    }
    impl Drop for WaitsOnDrop {
        fn drop(&mut self) {
            self.dropping.open();
            self.ran.wait();
        }
    }
    watchdog(|| {
        let pool = pool(2);
        for _ in 0..50 {
            let (finish, dropping, ran) = (Gate::new(), Gate::new(), Gate::new());
            let result = WaitsOnDrop {
                dropping: dropping.clone(),
                ran: ran.clone(),
            };
            let inside = finish.clone();
            drop(pool.submit(move || {
                inside.wait();
                result
            }));
            finish.open();
            dropping.wait();
            pool.submit(move || ran.open()).result().unwrap();
        }
    });
}

#[test]
fn of_a_waker_and_a_later_task() {
    struct WaitsOnWake {
        waking: Gate,
        ran: Gate,
    }
    impl Wake for WaitsOnWake {
        fn wake(self: Arc<Self>) {
            self.waking.open();
            self.ran.wait();
        }
    }
    watchdog(|| {
        let pool = pool(2);
        for _ in 0..50 {
            let (finish, waking, ran) = (Gate::new(), Gate::new(), Gate::new());
            let inside = finish.clone();
            let mut future = pin!(pool.submit(move || inside.wait()));
            let waker = Waker::from(Arc::new(WaitsOnWake {
                waking: waking.clone(),
                ran: ran.clone(),
            }));
            assert!(
                future
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            finish.open();
            waking.wait();
            pool.submit(move || ran.open()).result().unwrap();
        }
    });
}

#[test]
fn of_two_cancels() {
    struct SlowDrop {
        dropping: Gate,
        finish: Gate,
    }
    impl Drop for SlowDrop {
        fn drop(&mut self) {
            self.dropping.open();
            self.finish.wait();
        }
    }
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (dropping, finish) = (Gate::new(), Gate::new());
        let closure = SlowDrop {
            dropping: dropping.clone(),
            finish: finish.clone(),
        };
        let future = pool.submit(move || drop(closure));
        thread::scope(|scope| {
            let first = scope.spawn(|| future.cancel());
            dropping.wait();
            // Whether the second one waits for the first or not: who is told "cancelled" finds it so.
            let second = scope.spawn(|| (future.cancel(), future.cancelled(), future.done()));
            thread::sleep(Duration::from_millis(20));
            finish.open();
            assert!(first.join().unwrap());
            assert_eq!(second.join().unwrap(), (true, true, true));
        });
        held.release();
    });
}

//! Panics in code that the pool calls.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, panic_any};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};

use concurrent_futures::{Panic, TaskError, ThreadPoolExecutor};

use crate::bomb::Site;
use crate::support::{Gate, hold, pool, watchdog};

fn panic_of<T>(outcome: Result<T, TaskError>) -> Panic {
    match outcome {
        Err(TaskError::Panicked(panic)) => panic,
        Err(other) => panic!("not a panic: {other}"),
        Ok(_) => panic!("a value instead of a panic"),
    }
}

#[test]
fn in_a_task() {
    watchdog(|| {
        let site = Site::new();
        let futures: Vec<_> = (0..100)
            .map(|number| site.pool.submit(move || panic!("number {number}")))
            .collect();
        for (number, future) in futures.into_iter().enumerate() {
            let panic = panic_of::<()>(future.result());
            assert_eq!(panic.message(), format!("number {number}"));
        }
        site.expect_sound();
    });
}

#[test]
fn with_any_payload() {
    #[derive(Debug, PartialEq)]
    struct Custom(u32);

    watchdog(|| {
        let pool = pool(1);
        let panic = panic_of::<()>(pool.submit(|| panic_any(Custom(7))).result());
        assert!(!panic.message().is_empty());
        assert_eq!(
            *panic.into_payload().downcast::<Custom>().unwrap(),
            Custom(7)
        );

        let boxed: Box<dyn Any + Send> = Box::new(3_u8);
        let panic = panic_of::<()>(pool.submit(|| panic_any(boxed)).result());
        let inner = panic
            .into_payload()
            .downcast::<Box<dyn Any + Send>>()
            .unwrap();
        assert!(inner.is::<u8>());

        let panic = panic_of::<()>(pool.submit(|| panic_any("text")).result());
        assert_eq!(panic.message(), "text");
        let panic = panic_of::<()>(pool.submit(|| panic_any("owned".to_owned())).result());
        assert_eq!(panic.message(), "owned");

        let panic = panic_of::<()>(pool.submit(|| panic_any(Custom(8))).result());
        let resumed = panic::catch_unwind(AssertUnwindSafe(|| panic.resume())).unwrap_err();
        assert_eq!(resumed.downcast_ref(), Some(&Custom(8)));
    });
}

#[test]
fn in_callbacks() {
    watchdog(|| {
        let site = Site::new();
        let held = hold(&site.pool, 1);
        let ran = Arc::new(AtomicUsize::new(0));
        let future = &held.tasks()[0];
        for number in 0..20 {
            let ran = Arc::clone(&ran);
            future.add_done_callback(move |_| {
                assert_eq!(ran.fetch_add(1, SeqCst), number);
                assert!(number % 2 == 0, "a bomb went off");
            });
        }
        held.release();
        site.expect_sound();
        site.pool.shutdown();
        assert_eq!(ran.load(SeqCst), 20);
        assert_eq!(site.logged(), 10);
    });
}

#[test]
fn in_a_callback_that_runs_at_once() {
    watchdog(|| {
        let site = Site::new();
        let future = site.pool.submit(|| 1).shared();
        assert_eq!(future.result().unwrap(), &1);
        future.add_done_callback(|_| panic!("a bomb went off"));
        assert_eq!(site.logged(), 1);

        let held = hold(&site.pool, 2);
        let queued = site.pool.submit(|| ());
        queued.add_done_callback(|_| panic!("a bomb went off"));
        assert!(queued.cancel());
        assert_eq!(site.logged(), 2);
        held.release();
        site.expect_sound();
    });
}

#[test]
fn in_the_initializer() {
    watchdog(|| {
        let site =
            Site::with(|builder| builder.initializer(|| -> () { panic!("a bomb went off") }));
        for _ in 0..5 {
            match site.pool.submit(|| ()).result() {
                Err(TaskError::Broken(broken)) => {
                    let cause = broken.source().expect("the panic of the initializer");
                    assert!(cause.to_string().contains("a bomb went off"), "{cause}");
                }
                other => panic!("not broken: {other:?}"),
            }
        }
        site.pool.shutdown();
        assert!((1..=2).contains(&site.logged()));
    });
}

#[test]
fn in_the_text_of_an_initializers_error() {
    #[derive(Debug)]
    struct Unspeakable;
    impl fmt::Display for Unspeakable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words for it");
        }
    }
    impl Error for Unspeakable {}

    watchdog(|| {
        let site = Site::with(|builder| builder.initializer(|| Err::<(), _>(Unspeakable)));
        for _ in 0..5 {
            let outcome = site.pool.submit(|| ()).result();
            assert!(matches!(outcome, Err(TaskError::Broken(_))));
        }
        site.pool.shutdown();
        assert_eq!(site.pool.worker_count(), 0);
    });
}

#[test]
fn in_the_thread_factory() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .thread_factory(|_| panic!("no more threads"))
            .build()
            .unwrap();
        for _ in 0..3 {
            match pool.submit(|| ()).result() {
                Err(TaskError::Rejected(rejected)) => assert!(rejected.is_thread_start()),
                other => panic!("not rejected: {other:?}"),
            }
        }
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn in_a_waker() {
    struct Hostile;
    impl Wake for Hostile {
        fn wake(self: Arc<Self>) {
            panic!("this waker wakes nobody");
        }
    }
    watchdog(|| {
        let site = Site::new();
        let gate = Gate::new();
        let inside = gate.clone();
        let future = site.pool.submit(move || inside.wait());
        let heard = Gate::new();
        let opens = heard.clone();
        let mut future = pin!(future);
        let waker = Waker::from(Arc::new(Hostile));
        assert!(
            std::future::Future::poll(future.as_mut(), &mut Context::from_waker(&waker))
                .is_pending()
        );
        future.add_done_callback(move |_| opens.open());
        gate.open();
        heard.wait();
        site.expect_sound();
    });
}

#[test]
fn in_the_input_of_a_map() {
    watchdog(|| {
        let site = Site::new();
        let inputs = (0..10).inspect(|number| assert!(*number < 5, "no sixth input"));
        let pool = site.pool.clone();
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ran);
        let mapped = panic::catch_unwind(AssertUnwindSafe(|| {
            pool.map(inputs, move |_| counted.fetch_add(1, SeqCst));
        }));
        assert!(mapped.is_err());
        site.expect_sound();
        // What was submitted before keeps running.
        site.pool.shutdown();
        assert_eq!(ran.load(SeqCst), 5);
    });
}

#[test]
fn in_a_scope() {
    watchdog(|| {
        let site = Site::new();
        let gate = Gate::new();
        let ended = AtomicUsize::new(0);
        let left = panic::catch_unwind(AssertUnwindSafe(|| {
            site.pool.scope(|scope| {
                scope.submit(|| {
                    gate.wait();
                    ended.fetch_add(1, SeqCst);
                });
                gate.open();
                panic!("the block gives up");
            });
        }));
        assert!(left.is_err());
        assert_eq!(ended.load(SeqCst), 1);
        site.expect_sound();
    });
}

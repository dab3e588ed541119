//! A value that panics when it is dropped never kills a worker, never reaches the caller, and never goes unsaid.

use std::future::Future as _;
use std::panic::{self, panic_any};
use std::pin::{Pin, pin};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use concurrent_futures::{FailFast, FirstSuccess, Future, Shutdown, TaskError};

use crate::bomb::{Bomb, Fuse, Site, explosions_in, give_up};
use crate::support::{Gate, alone, hold, watchdog};

/// A task that never comes to use what it has.
fn unused(bomb: Bomb) -> impl FnOnce() + Send + 'static {
    move || unreachable!("{bomb} was carried into a run")
}

#[test]
fn of_a_closure_that_ran() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        let future = site.pool.submit(move || {
            let _borrowed = &bomb;
            "value"
        });
        // What a closure holds is dropped by its call: so it was the task that panicked.
        match future.result() {
            Err(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "a bomb went off"),
            other => panic!("not a panic: {other:?}"),
        }
        assert_eq!(fuse.explosions(), 1);
        site.expect_sound();
    });
}

#[test]
fn of_a_cancelled_closure() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let held = hold(&site.pool, 2);
        let future = site.pool.submit(unused(fuse.bomb()));
        assert!(future.cancel());
        assert!(future.cancelled());
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));
        held.release();
        site.expect_sound();
    });
}

#[test]
fn of_closures_left_in_the_queue() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let held = hold(&site.pool, 2);
        let futures: Vec<_> = (0..5)
            .map(|_| site.pool.submit(unused(fuse.bomb())))
            .collect();
        site.pool
            .shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        assert!(futures.iter().all(Future::cancelled));
        assert_eq!((fuse.explosions(), site.logged()), (5, 5));
        held.release();
        site.pool.shutdown();
        assert!(held.tasks().iter().all(|task| task.exception().is_none()));
    });
}

#[test]
fn of_a_refused_closure() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        site.pool.shutdown();
        let future = site.pool.submit(unused(fuse.bomb()));
        assert!(matches!(future.result(), Err(TaskError::Rejected(_))));
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));
    });
}

#[test]
fn of_closures_in_a_pool_that_breaks() {
    watchdog(|| {
        let fuse = Fuse::new();
        let gate = Gate::new();
        let inside = gate.clone();
        let site = Site::with(|builder| {
            builder.initializer(move || {
                inside.wait();
                Err::<(), _>("no connection")
            })
        });
        let futures: Vec<_> = (0..5)
            .map(|_| site.pool.submit(unused(fuse.bomb())))
            .collect();
        gate.open();
        for future in futures {
            assert!(matches!(future.result(), Err(TaskError::Broken(_))));
        }
        site.pool.shutdown();
        assert_eq!((fuse.explosions(), site.logged()), (5, 5));
    });
}

#[test]
fn of_a_result_whose_future_went_first() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        for _ in 0..4 {
            let gate = Gate::new();
            let (inside, bomb) = (gate.clone(), fuse.bomb());
            drop(site.pool.submit(move || {
                inside.wait();
                bomb
            }));
            gate.open();
        }
        site.expect_sound();
        site.pool.shutdown();
        assert_eq!((fuse.explosions(), site.logged()), (4, 4));
    });
}

#[test]
fn of_a_result_that_nobody_took() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        let future = site.pool.submit(move || bomb);
        assert!(future.exception().is_none());
        drop(future);
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));

        let bomb = fuse.bomb();
        let shared = site.pool.submit(move || bomb).shared();
        assert!(shared.result().is_ok());
        let copy = shared.clone();
        drop(shared);
        assert_eq!(fuse.explosions(), 1);
        drop(copy);
        assert_eq!((fuse.explosions(), site.logged()), (2, 2));
        site.expect_sound();
    });
}

#[test]
fn of_a_result_while_its_owner_unwinds() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        let future = site.pool.submit(move || bomb);
        assert!(future.exception().is_none());
        let unwound = panic::catch_unwind(panic::AssertUnwindSafe(|| give_up(future)));
        assert_eq!(
            unwound.unwrap_err().downcast_ref(),
            Some(&"the owner gives up")
        );
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));
        site.expect_sound();
    });
}

#[test]
fn of_an_error_that_nobody_took() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        let future = site.pool.try_submit(move || Err::<(), _>(bomb));
        assert!(future.exception().is_some());
        drop(future);
        let bomb = fuse.bomb();
        drop(site.pool.try_submit(move || Err::<(), _>(bomb)));
        site.expect_sound();
        site.pool.shutdown();
        assert_eq!((fuse.explosions(), site.logged()), (2, 2));
    });
}

#[test]
fn of_outcomes_that_a_group_does_not_give() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let group = site.pool.group(FailFast).open();
        let bomb = fuse.bomb();
        let (ended, value_first) = mpsc::channel::<()>();
        group.try_submit(move || {
            let _ended = ended;
            Ok(bomb)
        });
        group.try_submit(move || {
            assert!(value_first.recv().is_err());
            Err("an error")
        });
        assert_eq!(group.join().unwrap_err().index(), 1);
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));

        let group = site.pool.group(FirstSuccess).open();
        let bomb = fuse.bomb();
        let (ended, error_first) = mpsc::channel::<()>();
        group.try_submit(move || {
            let _ended = ended;
            Err(bomb)
        });
        group.try_submit(move || Ok(error_first.recv().is_err()));
        assert!(group.join().unwrap());
        assert_eq!((fuse.explosions(), site.logged()), (2, 2));
        site.expect_sound();
    });
}

#[test]
fn of_the_payload_of_a_panic() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        let future = site.pool.submit(move || panic_any(bomb));
        assert!(future.exception().is_some_and(TaskError::is_panic));
        drop(future);
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));

        let bomb = fuse.bomb();
        drop(site.pool.submit(move || panic_any(bomb)));
        site.expect_sound();
        site.pool.shutdown();
        assert_eq!((fuse.explosions(), site.logged()), (2, 2));
    });
}

#[test]
fn of_the_payload_of_a_callbacks_panic() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        site.pool
            .submit(|| ())
            .add_done_callback(move |_| panic_any(bomb));
        site.expect_sound();
        site.pool.shutdown();
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));
    });
}

#[test]
fn of_the_payload_of_an_initializers_panic() {
    watchdog(|| {
        let fuse = Fuse::new();
        let inside = fuse.clone();
        let site =
            Site::with(|builder| builder.initializer(move || -> () { panic_any(inside.bomb()) }));
        assert!(matches!(
            site.pool.submit(|| ()).result(),
            Err(TaskError::Broken(_))
        ));
        site.pool.shutdown();
        drop(site);
        assert!((1..=2).contains(&fuse.explosions()));
    });
}

#[test]
fn of_what_a_callback_holds() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let heard = Gate::new();
        let (bomb, opens) = (fuse.bomb(), heard.clone());
        let future = site.pool.submit(|| ());
        future.add_done_callback(move |_| drop(bomb));
        future.add_done_callback(move |_| opens.open());
        heard.wait();
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));
        site.expect_sound();
    });
}

#[test]
fn of_a_follow_up_that_never_runs() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        let next = site
            .pool
            .try_submit(|| Err::<(), _>("no value"))
            .then(move |()| drop(bomb));
        assert_eq!(next.result().unwrap_err().into_failure(), Some("no value"));
        site.expect_sound();
        site.pool.shutdown();
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));
    });
}

/// Two inputs wait in the queue and are cancelled there; then the last of the map is dropped.
fn cancel_a_map<I: Send + 'static>(
    site: &Site,
    inputs: [I; 2],
    function: impl Fn(I) + Send + Sync + 'static,
) {
    let held = hold(&site.pool, 2);
    let mut results = site.pool.map(inputs, function).timeout(Duration::ZERO);
    assert!(results.next().unwrap().unwrap_err().is_timeout());
    drop(results);
    held.release();
    site.expect_sound();
    site.pool.shutdown();
}

#[test]
fn of_the_inputs_of_a_map() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        cancel_a_map(&site, [fuse.bomb(), fuse.bomb()], |_| ());
        assert_eq!((fuse.explosions(), site.logged()), (2, 2));
    });
}

#[test]
fn of_the_function_of_a_map() {
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let bomb = fuse.bomb();
        cancel_a_map(&site, [(), ()], move |()| drop(format!("{bomb}")));
        assert_eq!((fuse.explosions(), site.logged()), (1, 1));
    });
}

#[test]
fn of_inputs_and_function_of_a_map() {
    // Two panics in one go would abort the process: each value has to be dropped by itself.
    alone(&[], || {
        watchdog(|| {
            let (site, fuse) = (Site::new(), Fuse::new());
            let bomb = fuse.bomb();
            cancel_a_map(&site, [fuse.bomb(), fuse.bomb()], move |_| {
                drop(format!("{bomb}"));
            });
            assert_eq!((fuse.explosions(), site.logged()), (3, 3));
        });
    });
}

#[test]
fn of_the_initializer() {
    watchdog(|| {
        let fuse = Fuse::new();
        let bomb = fuse.bomb();
        let site = Site::with(|builder| builder.initializer(move || drop(format!("{bomb}"))));
        site.expect_sound();
        let Site { pool, log } = site;
        drop(pool);
        assert_eq!((fuse.explosions(), explosions_in(&log)), (1, 1));
    });
}

#[test]
fn of_the_thread_factory() {
    watchdog(|| {
        let fuse = Fuse::new();
        let bomb = fuse.bomb();
        let site = Site::with(|builder| {
            builder.thread_factory(move |worker| {
                let _borrowed = &bomb;
                worker.spawn()
            })
        });
        site.expect_sound();
        let Site { pool, log } = site;
        drop(pool);
        assert_eq!((fuse.explosions(), explosions_in(&log)), (1, 1));
    });
}

#[test]
fn of_the_initializer_and_of_the_thread_factory() {
    alone(&[], || {
        watchdog(|| {
            let fuse = Fuse::new();
            let (initializer, factory) = (fuse.bomb(), fuse.bomb());
            let site = Site::with(|builder| {
                builder
                    .initializer(move || drop(format!("{initializer}")))
                    .thread_factory(move |worker| {
                        let _borrowed = &factory;
                        worker.spawn()
                    })
            });
            site.expect_sound();
            drop(site);
            assert_eq!(fuse.explosions(), 2);
        });
    });
}

#[test]
fn of_an_initializers_error() {
    watchdog(|| {
        let fuse = Fuse::new();
        let bombs = fuse.clone();
        let site = Site::with(|builder| {
            builder.initializer(move || -> Result<(), Bomb> { Err(bombs.bomb()) })
        });
        let futures = [(); 4].map(|()| site.pool.submit(|| ()));
        for future in futures {
            assert!(matches!(future.result(), Err(TaskError::Broken(_))));
        }
        let Site { pool, log } = site;
        drop(pool);
        assert!((1..=2).contains(&fuse.explosions()));
        assert_eq!(fuse.explosions(), explosions_in(&log));
    });
}

#[test]
fn of_a_waker() {
    struct Noisy {
        _bomb: Bomb,
    }
    impl Wake for Noisy {
        fn wake(self: Arc<Self>) {}
    }
    fn poll(future: Pin<&mut Future<()>>, bomb: Bomb) -> Poll<Result<(), TaskError>> {
        let noisy = Arc::new(Noisy { _bomb: bomb });
        let waker = Waker::from(Arc::clone(&noisy));
        let polled = future.poll(&mut Context::from_waker(&waker));
        // From here on, the only one is the future's.
        drop((waker, noisy));
        polled
    }
    watchdog(|| {
        let (site, fuse) = (Site::new(), Fuse::new());
        let held = hold(&site.pool, 2);
        let mut future = pin!(site.pool.submit(|| ()));
        assert!(poll(future.as_mut(), fuse.bomb()).is_pending());
        assert!(poll(future.as_mut(), fuse.bomb()).is_pending());
        held.release();
        site.expect_sound();
        site.pool.shutdown();
        assert!(future.done());
        assert_eq!((fuse.explosions(), site.logged()), (2, 2));
    });
}

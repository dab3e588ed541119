//! `then` and `try_then`: follow-up tasks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use concurrent_futures::{Future, Shutdown, TaskError, ThreadPoolExecutor};

use crate::support::{Gate, Probe, hold, pool, watchdog};

#[test]
fn the_value_passes_on() {
    watchdog(|| {
        let pool = pool(1);
        let length = pool
            .submit(|| "text")
            .then(str::len)
            .then(|length| length + 1);
        assert_eq!(length.result().unwrap(), 5);
    });
}

#[test]
fn on_a_pending_head() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let follow_up = pool.submit(|| 1).then(|n| n + 1);
        assert!(!follow_up.done());
        held.release();
        assert_eq!(follow_up.result().unwrap(), 2);
    });
}

#[test]
fn on_a_running_head() {
    watchdog(|| {
        let pool = pool(1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let head = pool.submit({
            let (entered, leave) = (entered.clone(), leave.clone());
            move || {
                entered.open();
                leave.wait();
                1
            }
        });
        entered.wait();
        let follow_up = head.then(|n| n + 1);
        leave.open();
        assert_eq!(follow_up.result().unwrap(), 2);
    });
}

#[test]
fn on_a_done_head() {
    watchdog(|| {
        let pool = pool(1);
        let head = pool.submit(|| 1);
        assert!(head.exception().is_none());
        assert_eq!(head.then(|n| n + 1).result().unwrap(), 2);
    });
}

#[test]
fn runs_as_a_task_of_the_same_pool() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_name_prefix("own")
            .build()
            .unwrap();
        let name = |()| thread::current().name().map(str::to_owned);
        let done = pool.submit(|| ());
        assert!(done.exception().is_none());
        for head in [done, pool.submit(|| ())] {
            assert_eq!(head.then(name).result().unwrap().as_deref(), Some("own_0"));
        }
    });
}

#[test]
fn an_error_passes_through_and_f_is_dropped_unrun() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let follow_up = pool.try_submit(|| Err::<u32, _>("failed")).then(move |n| {
            drop(value);
            n
        });
        held.release();
        assert!(follow_up.exception().is_some());
        assert_eq!(probe.deaths(), 1, "dropped before the end is told");
        assert_eq!(
            follow_up.result().unwrap_err().into_failure(),
            Some("failed")
        );
    });
}

#[test]
fn a_panic_passes_through_with_its_payload() {
    watchdog(|| {
        let pool = pool(1);
        let head = pool.submit(|| -> u32 { std::panic::panic_any(77_u8) });
        match head.then(|n| n + 1).result() {
            Err(TaskError::Panicked(panic)) => {
                assert_eq!(*panic.into_payload().downcast::<u8>().unwrap(), 77);
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn the_head_s_cancellation_passes_through() {
    watchdog(|| {
        let pool = pool(1);
        let busy = hold(&pool, 1);
        let ran = Arc::new(AtomicBool::new(false));
        let head = pool.submit(|| 1);
        assert!(head.cancel());
        let follow_up = head.then({
            let ran = Arc::clone(&ran);
            move |_| ran.store(true, Ordering::SeqCst)
        });
        assert!(follow_up.result().unwrap_err().is_cancelled());
        let refused = {
            pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
            pool.submit(|| ()).then(|()| ())
        };
        assert!(matches!(refused.result(), Err(TaskError::Rejected(_))));
        busy.release();
        pool.shutdown();
        assert!(!ran.load(Ordering::SeqCst));
    });
}

#[test]
fn a_panic_of_the_follow_up_is_its_own() {
    watchdog(|| {
        let pool = pool(1);
        let follow_up = pool
            .submit(|| 1)
            .then(|n| assert_eq!(n, 2, "in the follow-up"));
        assert!(follow_up.result().unwrap_err().is_panic());
        assert_eq!(pool.submit(|| 3).result().unwrap(), 3);
    });
}

#[test]
fn try_then_may_fail_with_the_same_error() {
    watchdog(|| {
        let pool = pool(1);
        let parse = |text: &'static str| pool.try_submit(move || text.parse::<i32>());
        let positive = |n: i32| u8::try_from(n).map_err(|_| "999".parse::<u8>().unwrap_err());
        assert_eq!(parse("7").try_then(positive).result().unwrap(), 7);
        let by_follow_up = parse("-7").try_then(positive);
        assert!(matches!(by_follow_up.result(), Err(TaskError::Failed(_))));
        let by_head = parse("seven").try_then(positive);
        assert!(matches!(by_head.result(), Err(TaskError::Failed(_))));
    });
}

#[test]
fn a_cancelled_follow_up_drops_f_and_lets_its_head_run() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let (sender, ran) = mpsc::channel();
        let follow_up = pool
            .submit(move || sender.send(()).unwrap())
            .then(move |()| drop(value));
        assert!(follow_up.cancel());
        assert!(follow_up.cancelled());
        assert_eq!(probe.deaths(), 1);
        held.release();
        ran.recv().unwrap();
        assert!(follow_up.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn a_queued_follow_up_can_be_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let head = pool.submit(|| 1);
        assert!(head.exception().is_none());
        let busy = hold(&pool, 1);
        let follow_up = head.then(|n| n + 1);
        assert!(follow_up.cancel());
        busy.release();
        assert!(follow_up.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn a_running_follow_up_cannot_be_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let follow_up = pool.submit(|| ()).then({
            let (entered, leave) = (entered.clone(), leave.clone());
            move |()| {
                entered.open();
                leave.wait();
            }
        });
        entered.wait();
        assert!(follow_up.running());
        assert!(!follow_up.cancel());
        leave.open();
        follow_up.result().unwrap();
    });
}

#[test]
fn a_cancelled_link_of_a_chain_cancels_the_ones_behind_it() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let middle = pool.submit(|| 1).then(|n| n + 1);
        assert!(middle.cancel());
        let last = middle.then(|n| n + 1).then(|n| n + 1);
        held.release();
        assert!(last.result().unwrap_err().is_cancelled());
    });
}

#[test]
fn after_the_shutdown_it_is_refused() {
    watchdog(|| {
        let pool = pool(1);
        let head = pool.submit(|| 1);
        pool.shutdown();
        match head.then(|n| n + 1).result() {
            Err(TaskError::Rejected(rejected)) => assert!(rejected.is_shutdown()),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn registered_before_the_shutdown_it_still_runs() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let follow_up = pool.submit(|| 1).then(|n| n + 1).then(|n| n + 1);
        pool.shutdown_with(Shutdown::new().no_wait()).unwrap();
        held.release();
        pool.shutdown();
        assert!(follow_up.done(), "the shutdown waits for it");
        assert_eq!(follow_up.result().unwrap(), 3);
    });
}

#[test]
fn registered_before_the_drop_it_still_runs() {
    watchdog(|| {
        let pool = pool(2);
        let follow_ups: Vec<_> = (0..100)
            .map(|n| pool.submit(move || n).then(|n| n + 1))
            .collect();
        drop(pool);
        for (index, follow_up) in follow_ups.into_iter().enumerate() {
            assert!(follow_up.done());
            assert_eq!(follow_up.result().unwrap(), index + 1);
        }
    });
}

#[test]
fn a_cancelling_shutdown_leaves_none_undone() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let of_queued = pool.submit(|| 1).then(|n| n + 1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let other = ThreadPoolExecutor::builder()
            .max_workers(1)
            .build()
            .unwrap();
        let of_running = other
            .submit({
                let (entered, leave) = (entered.clone(), leave.clone());
                move || {
                    entered.open();
                    leave.wait();
                }
            })
            .then(|()| ());
        entered.wait();
        let how = Shutdown::new().no_wait().cancel_futures();
        pool.shutdown_with(how).unwrap();
        other.shutdown_with(how).unwrap();
        assert!(of_queued.result().unwrap_err().is_cancelled());
        leave.open();
        other.shutdown();
        assert!(of_running.done());
        held.release();
    });
}

#[test]
fn a_dropped_follow_up_still_runs() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (sender, ran) = mpsc::channel();
        drop(pool.submit(|| 4).then(move |n| sender.send(n).unwrap()));
        held.release();
        assert_eq!(ran.recv().unwrap(), 4);
    });
}

const LINKS: u32 = 100_000;

fn chain(head: Future<u32, &'static str>) -> Future<u32, &'static str> {
    (0..LINKS).fold(head, |link, _| link.then(|n| n + 1))
}

#[test]
fn a_long_chain_does_not_grow_the_stack() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let last = chain(pool.try_submit(|| Ok(0)));
        held.release();
        assert_eq!(last.result().unwrap(), LINKS);
    });
}

#[test]
fn a_long_chain_fails_without_growing_the_stack() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let last = chain(pool.try_submit(|| Err("at the head")));
        held.release();
        assert_eq!(
            last.result().unwrap_err().into_failure(),
            Some("at the head")
        );
    });
}

#[test]
fn a_long_chain_is_cancelled_without_growing_the_stack() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let last = chain(pool.try_submit(|| Ok(0)));
        pool.shutdown_with(Shutdown::new().no_wait().cancel_futures())
            .unwrap();
        assert!(last.result().unwrap_err().is_cancelled());
        held.release();
    });
}

#[test]
fn a_long_chain_on_a_done_head_and_dropped_unread() {
    watchdog(|| {
        let pool = pool(1);
        let head = pool.try_submit(|| Ok(0));
        assert!(head.exception().is_none());
        drop(chain(head));
    });
}

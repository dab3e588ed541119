//! Every verb, called in the child of a fork, on what was made before it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use concurrent_futures::{
    FailFast, ReturnWhen, Shutdown, TaskError, ThreadPoolExecutor, WhenFull, as_completed, wait,
    wait_timeout,
};

use super::{in_child, refused, stranded};
use crate::support::{alone, hold, pool, watchdog};

const SHORT: Duration = Duration::from_millis(1);

fn is_told(wait: impl FnOnce()) {
    let payload = catch_unwind(AssertUnwindSafe(wait)).expect_err("it waited for nothing");
    let text = payload.downcast::<String>().expect("a text");
    assert!(text.contains("forked"), "{text}");
}

#[test]
fn that_submits() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(2);
            hold(&pool, 1).release();
            in_child(|| {
                refused(pool.submit(|| 1));
                refused(pool.task().name("named").submit(|| 1));
                refused(pool.submit(|| 1).then(|n| n + 1));
                let refusals = pool.map(0..3, |n| n).map(|item| item.unwrap_err());
                assert_eq!(refusals.count(), 1);
                assert!(pool.map_buffered(2, 0.., |n| n).next().unwrap().is_err());
                assert_eq!(
                    pool.map_unordered(0..3, |n| n)
                        .filter(Result::is_err)
                        .count(),
                    3
                );
                let text = String::from("borrowed");
                let failed = pool.scope(|scope| scope.submit(|| text.len()).result().is_err());
                assert!(failed);
                let all = pool.group(FailFast).scope(|group| group.submit(|| 1));
                assert!(all.is_err());
                assert_eq!(pool.prestart(2), 0);
                pool.set_max_workers(1).unwrap();
            });
            assert_eq!(pool.max_workers(), 2);
        });
    });
}

#[test]
fn that_submits_to_a_full_queue() {
    alone(&[], || {
        watchdog(|| {
            for when_full in [
                WhenFull::Block,
                WhenFull::BlockFor(Duration::MAX),
                WhenFull::Reject,
                WhenFull::CallerRuns,
                WhenFull::DiscardOldest,
            ] {
                let pool = ThreadPoolExecutor::builder()
                    .max_workers(1)
                    .queue_capacity(1)
                    .when_full(when_full)
                    .build()
                    .unwrap();
                let held = hold(&pool, 1);
                let queued = pool.submit(|| 1);
                in_child(|| {
                    refused(pool.submit(|| 2));
                    refused(pool.offer(|| 2).ok().unwrap());
                    refused(pool.offer_timeout(|| 2, Duration::MAX).ok().unwrap());
                });
                held.release();
                assert_eq!(queued.result().unwrap(), 1);
            }
        });
    });
}

#[test]
fn that_waits() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(1);
            let held = hold(&pool, 1);
            let next = || pool.submit(|| 1);
            let (a, b, c, d) = (next(), next(), next().shared(), next());
            let followed = next().then(|n| n + 1);
            let mapped = pool.map(0..3, |n| n);
            let completed = as_completed([next()]);
            let mut inherited = Some((a, b, d, followed, mapped, completed));
            in_child(|| {
                let (a, b, mut d, followed, mut mapped, mut completed) = inherited.take().unwrap();
                stranded(a.result());
                let timed = b.result_timeout(Duration::MAX).unwrap_err();
                let error = timed.into_task_error().unwrap();
                assert!(matches!(error, TaskError::Deadlock(_)), "{error}");
                assert!(matches!(c.result(), Err(TaskError::Deadlock(_))));
                is_told(|| assert!(d.exception().is_none()));
                stranded(followed.result());
                let error = mapped.next().unwrap().unwrap_err();
                assert!(matches!(error.task_error(), Some(TaskError::Deadlock(_))));
                is_told(|| drop(wait([&c], ReturnWhen::AllCompleted)));
                is_told(|| drop(wait([&c], ReturnWhen::FirstCompleted)));
                is_told(|| assert!(as_completed([&c]).next().is_none()));
                is_told(|| drop(completed.next()));
                let (_, not_done) = wait_timeout([&c], ReturnWhen::AllCompleted, SHORT);
                assert_eq!(not_done.len(), 1);
                assert!(as_completed([&c]).timeout(SHORT).next().unwrap().is_err());

                let mut context = Context::from_waker(Waker::noop());
                let mut shared = pin!((&c).into_future());
                assert!(matches!(
                    shared.as_mut().poll(&mut context),
                    Poll::Ready(Err(_))
                ));
                match pin!(&mut d).poll(&mut context) {
                    Poll::Ready(outcome) => stranded(outcome),
                    Poll::Pending => panic!("it would never be woken"),
                }
                assert!(c.cancel() && c.cancelled());
            });
            let (a, .., completed) = inherited.unwrap();
            held.release();
            assert_eq!(a.result().unwrap(), 1);
            assert_eq!(completed.count(), 1);
        });
    });
}

#[test]
fn that_ends_the_pool() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(1);
            let held = hold(&pool, 1);
            let ran = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&ran);
            let queued = pool.submit(move || counted.fetch_add(1, SeqCst));
            for how in [
                Shutdown::new(),
                Shutdown::new().no_wait(),
                Shutdown::new().timeout(Duration::ZERO),
                Shutdown::new().cancel_futures(),
                Shutdown::new().cancel_running(),
            ] {
                in_child(|| {
                    pool.shutdown_with(how).unwrap();
                    refused(pool.submit(|| 1));
                });
            }
            let mut last = Some(pool.clone());
            in_child(|| {
                // What is queued is the parent's: it is neither run here, nor dropped.
                drop(last.take());
                assert_eq!((ran.load(SeqCst), Arc::strong_count(&ran)), (0, 2));
            });
            held.release();
            queued.result().unwrap();
            assert_eq!(ran.load(SeqCst), 1);
        });
    });
}

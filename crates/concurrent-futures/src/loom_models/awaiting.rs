//! Async tasks that wait for a task: wakers that are registered, replaced, forgotten.

use super::rig::{Alone, Count, Probe, large_model, model, spawn, task};
use crate::{
    Future,
    sync::{Thread, current, park_until},
};
use std::{
    future::{Future as _, IntoFuture},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

/// Unparks a thread, as the executor of one future does.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: IntoFuture>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future.into_future());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => park_until(None),
        }
    }
}

/// A waker of a task that is not polled any more.
struct Stale(#[expect(dead_code, reason = "held for its drop")] Probe);

impl Wake for Stale {
    fn wake(self: Arc<Self>) {}
}

fn stale(dropped: &Count) -> Waker {
    Waker::from(Arc::new(Stale(dropped.probe())))
}

/// Catches a waker that is registered just too late and never called.
#[test]
fn a_waker_is_called() {
    model(|| {
        let (task, handle) = task(|| 7);
        let worker = spawn(move || task.run(&mut Alone));
        assert_eq!(block_on(Future::new(handle)).unwrap(), 7);
        worker.join().unwrap();
    });
}

/// Catches a worker that calls the first waker after the future has moved to another task.
#[test]
fn the_last_waker_counts() {
    model(|| {
        let dropped = Count::default();
        let (task, handle) = task(|| 7);
        let mut future = Future::new(handle);
        let worker = spawn(move || task.run(&mut Alone));
        let first = stale(&dropped);
        let polled = std::pin::Pin::new(&mut future).poll(&mut Context::from_waker(&first));
        drop(first);
        let value = match polled {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => block_on(future),
        };
        assert_eq!(value.unwrap(), 7);
        worker.join().unwrap();
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches a waker that is dropped twice, never, or called after its future has gone.
#[test]
fn a_dropped_future_forgets_its_waker() {
    model(|| {
        let dropped = Count::default();
        let (task, handle) = task(|| 7);
        let mut future = Future::new(handle);
        let worker = spawn(move || task.run(&mut Alone));
        let waker = stale(&dropped);
        let _ = std::pin::Pin::new(&mut future).poll(&mut Context::from_waker(&waker));
        drop(waker);
        drop(future);
        worker.join().unwrap();
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches two readers of one outcome of whom only one is woken.
#[test]
fn two_tasks_await_a_shared_future() {
    large_model(|| {
        let (task, handle) = task(|| 7);
        let shared = Future::new(handle).shared();
        let again = shared.clone();
        let reader = spawn(move || assert_eq!(block_on(&again).unwrap(), &7));
        let worker = spawn(move || task.run(&mut Alone));
        assert_eq!(block_on(&shared).unwrap(), &7);
        reader.join().unwrap();
        worker.join().unwrap();
    });
}

//! Waiters that run what they wait for.

use super::{
    pool::Crew,
    rig::{Alone, Count, gone, large_model, model, pair, spawn, spoil_stack},
};
use crate::{
    Future, blocking,
    error::TaskError,
    observing::Audience,
    submission::Ambience,
    task::{
        Ending, Handle, Home, Task,
        post::{OnDuty, Pause, Post},
        reclaim::Errand,
        source::Source,
        work::Plain,
    },
    time::Limit,
};
use std::{convert::Infallible, sync::Arc};

/// The calling thread as a worker, and the two ends of a task of its pool.
fn own_task<F, T>(f: F) -> (OnDuty, Task, Handle<T, Infallible>)
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let source = Source::new(gone());
    let (task, handle) = Handle::pending(Plain(f), &source);
    let on_duty = Post::take(&source, "model", Post::STACK);
    (on_duty, task, handle)
}

/// Catches a task that is run both from the queue and by its waiter, or by neither, an outcome that
/// is dropped twice or never, and a slot that is freed too early or never.
#[test]
fn a_waiter_and_a_worker() {
    model(|| {
        let (ran, dropped) = (Count::watched(), Count::watched());
        let (count, probe) = (ran.clone(), dropped.probe());
        let (_on_duty, task, handle) = own_task(move || {
            count.add();
            probe
        });
        let worker = spawn(move || task.run(&mut Alone));
        let value = handle.take().unwrap();
        assert_eq!((ran.get(), dropped.get()), (1, 0));
        drop(value);
        worker.join().unwrap();
        assert_eq!((ran.get(), dropped.get()), (1, 1));
    });
}

/// Catches the same when the outcome stays in the slot, in a box, and goes with the handle.
#[test]
fn a_waiter_that_leaves_the_outcome() {
    model(|| {
        let dropped = Count::default();
        let captured = ([1_usize; 8], dropped.probe());
        let (_on_duty, task, handle) = own_task(move || captured);
        let worker = spawn(move || task.run(&mut Alone));
        assert!(handle.wait_done(Limit::Forever).unwrap());
        drop(handle);
        worker.join().unwrap();
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches a task that its waiter runs and somebody else cancels, and a waiter that sleeps on
/// after either.
#[test]
fn a_waiter_and_a_canceller() {
    model(|| {
        let (ran, dropped) = (Count::default(), Count::watched());
        let (count, probe) = (ran.clone(), dropped.probe());
        let (_on_duty, task, handle) = own_task(move || {
            let _captured = probe;
            count.add();
        });
        let handle = Arc::new(handle);
        let shared = Arc::clone(&handle);
        let canceller = spawn(move || shared.cancel());
        assert!(handle.wait_settled(Limit::Forever).unwrap() || handle.seen().is_cancelled());
        let cancelled = canceller.join().unwrap();
        assert_eq!(ran.get() + usize::from(cancelled), 1);
        drop(handle);
        task.run(&mut Alone);
        assert_eq!(dropped.get(), 1);
    });
}

/// Catches the same beside a pool that ends the task.
#[test]
fn a_waiter_and_a_shutdown() {
    model(|| {
        let dropped = Count::watched();
        let probe = dropped.probe();
        let (_on_duty, task, handle) = own_task(move || drop(probe));
        let pool = spawn(move || task.end(&Ending::Shutdown));
        match handle.take() {
            Ok(()) | Err(TaskError::Rejected(_)) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(dropped.get(), 1);
        pool.join().unwrap();
    });
}

/// Catches a reader on another thread that the waiter does not wake, and an outcome that goes while
/// it is read.
#[test]
fn a_waiter_and_a_reader() {
    model(|| {
        let (_on_duty, task, handle) = own_task(|| 7);
        let shared = Future::new(handle).shared();
        let again = shared.clone();
        let reader = spawn(move || *again.result().unwrap());
        assert_eq!(*shared.result().unwrap(), 7);
        drop(shared);
        assert_eq!(reader.join().unwrap(), 7);
        task.run(&mut Alone);
    });
}

/// Catches a follow-up that is run by its waiter and once more by its parent's worker, or by
/// neither.
#[test]
fn a_waiter_of_a_follow_up() {
    model(|| {
        let ran = Count::watched();
        let (_on_duty, task, handle) = own_task(|| 1);
        let count = ran.clone();
        let next = Future::new(handle).then(move |n| {
            count.add();
            n + 1
        });
        let worker = spawn(move || task.run(&mut Alone));
        match next.result() {
            Ok(value) => assert_eq!((value, ran.get()), (2, 1)),
            // The parent had ended first, and its pool is gone.
            Err(TaskError::Rejected(_)) => assert_eq!(ran.get(), 0),
            Err(other) => panic!("{other:?}"),
        }
        worker.join().unwrap();
    });
}

/// A pool that has a thread for every errand, and counts them.
struct Generous(Count);

impl Home for Generous {
    fn tidy(&self) {}

    fn adopt(self: Arc<Self>, task: Task) {
        task.run(&mut Alone);
    }

    fn ambience(&self) -> Option<Ambience> {
        None
    }

    fn audience(&self) -> Option<&Arc<Audience>> {
        None
    }

    fn stand_in(self: Arc<Self>, errand: Errand) -> Result<(), Errand> {
        self.0.add();
        spawn(move || errand.run());
        Ok(())
    }

    fn pause(self: Arc<Self>, _: Pause) {}

    fn resume(self: Arc<Self>, _: Pause) {}
}

/// Catches a slot that goes while another thread still runs its task in the waiter's stead, and a
/// waiter that this thread does not wake.
#[test]
fn a_waiter_without_stack_and_a_worker() {
    let errands = Count::default();
    let counted = errands.clone();
    model(move || {
        let ran = Count::default();
        let home: Arc<dyn Home> = Arc::new(Generous(counted.clone()));
        let source = Source::new(Arc::downgrade(&home));
        let count = ran.clone();
        let (task, handle) = Handle::pending(Plain(move || count.add()), &source);
        let _on_duty = Post::take(&source, "model", 0);
        let worker = spawn(move || task.run(&mut Alone));
        assert!(handle.wait_done(Limit::Forever).unwrap());
        drop(handle);
        spoil_stack();
        worker.join().unwrap();
        assert_eq!(ran.get(), 1);
    });
    assert!(errands.get() > 0);
}

/// Catches the only worker of a pool waiting for itself, and a pool that cannot end because of what
/// was run in place.
#[test]
fn the_only_worker_waits_for_its_own_pool() {
    large_model(|| {
        let crew = Crew::new(1);
        let pool = Arc::clone(&crew.pool);
        let root = crew.pool.submit(Plain(move || {
            let inner = pool.submit(Plain(|| 1));
            drop(pool);
            inner.take().unwrap() + 1
        }));
        assert_eq!(root.take().unwrap(), 2);
        crew.end();
    });
}

/// Catches a task that waits although the only worker says that it is blocked, be it queued before
/// or after that, and a pool that does not end because of the worker in its place.
#[test]
fn a_blocked_worker_is_replaced() {
    large_model(|| {
        let crew = Crew::new(1);
        let (run, wait) = pair();
        let blocked = crew.pool.submit(Plain(move || blocking(wait)));
        let queued = crew.pool.submit(Plain(run));
        blocked.take().unwrap();
        queued.take().unwrap();
        crew.end();
    });
}

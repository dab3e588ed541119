//! Follow-ups that are added while their parent ends.

use super::rig::{Alone, Count, Nowhere, model, spawn};
use crate::{
    Future,
    error::TaskError,
    task::{Ending, Handle, Home, Task, source::Source, work::Plain},
};
use std::sync::{Arc, Weak};

/// A task of a pool that lives as long as what is returned first.
fn parent() -> (Arc<Nowhere>, Task, Future<i32>) {
    let home = Arc::new(Nowhere);
    let weak: Weak<dyn Home> = Arc::downgrade(&home) as _;
    let (task, handle) = Handle::pending(Plain(|| 7), &Source::new(weak));
    (home, task, Future::new(handle))
}

/// Catches a follow-up that is lost, or runs twice, or runs before the value is there.
#[test]
fn a_follow_up_runs_once() {
    model(|| {
        let ran = Count::watched();
        let (_home, task, future) = parent();
        let worker = spawn(move || task.run(&mut Alone));
        let count = ran.clone();
        let next = future.then(move |n| {
            count.add();
            n + 1
        });
        assert_eq!(next.result().unwrap(), 8);
        assert_eq!(ran.get(), 1);
        worker.join().unwrap();
    });
}

/// Catches a follow-up that waits for a parent that was refused.
#[test]
fn a_follow_up_passes_a_refusal_on() {
    model(|| {
        let (_home, task, future) = parent();
        let pool = spawn(move || task.end(&Ending::Shutdown));
        let next = future.then(|n| n + 1);
        assert!(matches!(next.result(), Err(TaskError::Rejected(_))));
        pool.join().unwrap();
    });
}

/// Catches a parent's slot that is freed while its worker still fires hooks: the follow-up's
/// closure holds the handle, and a cancel drops it.
#[test]
fn a_follow_up_is_cancelled_while_its_parent_ends() {
    model(|| {
        let (ran, dropped) = (Count::default(), Count::default());
        let (_home, task, future) = parent();
        let (count, probe) = (ran.clone(), dropped.probe());
        let next = future.then(move |_| {
            let _captured = probe;
            count.add();
        });
        let worker = spawn(move || task.run(&mut Alone));
        let cancelled = next.cancel();
        assert_eq!(
            cancelled,
            matches!(next.result(), Err(TaskError::Cancelled))
        );
        worker.join().unwrap();
        assert_eq!(ran.get() + usize::from(cancelled), 1);
        assert_eq!(dropped.get(), 1);
    });
}

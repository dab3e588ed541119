//! Tasks that borrow.

use super::{
    pool::Crew,
    rig::{large_model, model, spoil_stack},
};
use crate::{
    scope::{Scope, Tally},
    task::work::Plain,
};
use std::sync::Arc;

/// Runs a scope of this many tasks that write to the stack of their caller.
fn borrow(tasks: usize) {
    let crew = Crew::new(1);
    let mut written = [0; 2];
    Scope::run(&crew.pool, &Tally::new(), |scope| {
        for (n, place) in written.iter_mut().enumerate().take(tasks) {
            scope.submit(move || *place = n + 1);
        }
    });
    assert_eq!(written[..tasks], [1, 2][..tasks]);
    spoil_stack();
    crew.end();
}

/// Catches a scope that ends before its task, and one that its last task does not wake.
#[test]
fn a_scope_waits_for_its_task() {
    model(|| borrow(1));
}

/// Catches a count that misses one of two tasks.
#[test]
fn a_scope_waits_for_its_tasks() {
    large_model(|| borrow(2));
}

/// Runs the same on a worker of the pool itself, beside so many others.
fn borrow_inside(workers: usize) {
    let crew = Crew::new(workers);
    let pool = Arc::clone(&crew.pool);
    let root = crew.pool.submit(Plain(move || {
        let mut written = 0;
        Scope::run(&pool, &Tally::new(), |scope| {
            scope.submit(|| written = 1);
        });
        drop(pool);
        let result = written;
        spoil_stack();
        result
    }));
    assert_eq!(root.take().unwrap(), 1);
    crew.end();
}

/// Catches a scope that waits for a worker although its own is the only one, and a runner that finds
/// the line of a scope that has ended.
#[test]
fn a_scope_on_the_only_worker() {
    large_model(|| borrow_inside(1));
}

/// Catches a task that both the end of its scope and another worker take, or neither.
#[test]
fn a_scope_on_one_of_two_workers() {
    large_model(|| borrow_inside(2));
}

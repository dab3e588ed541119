//! Tasks that borrow.

use super::{
    pool::Crew,
    rig::{large_model, model, spoil_stack},
};
use crate::scope::{Scope, Tally};

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

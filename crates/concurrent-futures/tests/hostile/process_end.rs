//! The process ends when `main` returns, and with it all threads: no task outlives it.
//! Whoever holds the pool in `main` has it drained there; a handle that is never dropped drains nothing.

use std::mem;

use crate::support::{Gate, alone, hold, pool, watchdog};

#[test]
fn a_handle_in_scope_runs_the_queue_before_the_end() {
    let output = alone(&[], || {
        watchdog(|| {
            let pool = pool(2);
            for number in 0..10 {
                pool.submit(move || println!("<task {number}>"));
            }
        });
    });
    if let Some(output) = output {
        assert_eq!(output.matches("<task ").count(), 10, "{output}");
    }
}

#[test]
fn a_leaked_handle_loses_the_queue_at_the_end() {
    let output = alone(&[], || {
        watchdog(|| {
            let pool = pool(1);
            mem::forget(hold(&pool, 1));
            for number in 0..10 {
                pool.submit(move || println!("<task {number}>"));
            }
            mem::forget(pool);
        });
    });
    if let Some(output) = output {
        assert_eq!(output.matches("<task ").count(), 0, "{output}");
    }
}

#[test]
fn an_idle_pool_does_not_hold_up_the_end() {
    alone(&[], || {
        watchdog(|| {
            let pool = pool(4);
            let gate = Gate::new();
            let tasks = [(); 4].map(|()| {
                let gate = gate.clone();
                pool.submit(move || gate.wait())
            });
            gate.open();
            for task in tasks {
                task.result().unwrap();
            }
            mem::forget(pool);
        });
    });
}

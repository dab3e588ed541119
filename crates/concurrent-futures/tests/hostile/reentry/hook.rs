//! From the panic hook, which runs where the panic is, before anything unwinds.

use std::panic;

use super::{CALLS, Place, check};
use crate::support::{alone, pool, watchdog};

#[test]
fn of_a_task_that_panics() {
    alone(&[], || {
        for call in CALLS {
            watchdog(|| {
                let (pool, place) = (pool(1), Place::default());
                let inside = place.clone();
                panic::set_hook(Box::new(move |_| inside.reach()));
                let task = pool.submit(|| panic!("told to the hook"));
                check(call, pool, &place, None, || ());
                assert!(task.exception().unwrap().is_panic());
                drop(panic::take_hook());
            });
        }
    });
}

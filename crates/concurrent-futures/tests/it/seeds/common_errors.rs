//! Mistakes that the compiler does not find; what it finds is shown where the functions are documented.

use std::iter;

use crate::support::{pool, watchdog};

#[test]
fn a_map_without_input_does_nothing() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.map(iter::empty::<i32>(), |_| {
            unreachable!("there is nothing to call it with")
        });
        assert_eq!(results.len(), 0);
        assert!(results.next().is_none());
        assert_eq!(pool.worker_count(), 0);
    });
}

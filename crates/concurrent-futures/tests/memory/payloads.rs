//! Panics whose payloads panic in their turn.

use std::panic::resume_unwind;

use crate::counting::Heap;
use crate::support::{counted, drain, expect_no_more_than_a_reserve, pool};

/// Panics when it is dropped, and the payload of that so many times more.
struct Chain(usize);

impl Drop for Chain {
    fn drop(&mut self) {
        if self.0 > 0 {
            resume_unwind(Box::new(Chain(self.0 - 1)));
        }
    }
}

#[test]
fn payloads_that_panic_as_they_are_dropped_leave_no_memory() {
    const PANICS: usize = 10_000;
    counted(|| {
        let pool = pool();
        drain(&pool);
        let before = Heap::now();
        for links in 0..PANICS {
            let future = pool.submit(move || -> () { resume_unwind(Box::new(Chain(links % 3))) });
            drop(future.result());
        }
        expect_no_more_than_a_reserve(before);
    });
}

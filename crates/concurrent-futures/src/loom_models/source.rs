//! Memory of blocks that changes hands.

use super::rig::{large_model, model, spawn};
use crate::{sync::UnsafeCell, task::source::Shelf};
use std::{ptr::NonNull, sync::Arc};

/// What stands for a block here: its memory says how often it was used.
type Memory = UnsafeCell<u32>;

fn use_one(shelf: &Shelf<1>) {
    let taken = shelf.take();
    let memory = taken.unwrap_or_else(|| NonNull::from(Box::leak(Box::new(Memory::new(0)))).cast());
    // SAFETY: whoever has taken the pointer is alone with the memory.
    unsafe {
        memory.cast::<Memory>().as_ref().with_mut(|uses| *uses += 1);
    }
    if !shelf.give(memory) {
        free(memory);
    }
}

fn free(memory: NonNull<crate::task::block::Block>) {
    // SAFETY: made by `use_one`, and taken by the caller.
    drop(unsafe { Box::from_raw(memory.cast::<Memory>().as_ptr()) });
}

fn empty(shelf: &Shelf<1>) {
    while let Some(memory) = shelf.take() {
        free(memory);
    }
    assert!(shelf.take().is_none());
}

/// Catches memory that two threads take, and memory that is used before what its last user did to it
/// can be seen.
#[test]
fn memory_has_one_user_at_a_time() {
    model(|| {
        let shelf = Arc::new(Shelf::new());
        let other = Arc::clone(&shelf);
        let user = spawn(move || {
            use_one(&other);
            use_one(&other);
        });
        use_one(&shelf);
        use_one(&shelf);
        user.join().unwrap();
        empty(&shelf);
    });
}

/// Catches memory that is put where another thread has just put some, and is lost.
#[test]
fn three_users_of_one_place() {
    large_model(|| {
        let shelf = Arc::new(Shelf::new());
        let users = [(); 2].map(|()| {
            let shelf = Arc::clone(&shelf);
            spawn(move || use_one(&shelf))
        });
        use_one(&shelf);
        for user in users {
            user.join().unwrap();
        }
        empty(&shelf);
    });
}

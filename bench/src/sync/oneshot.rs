//! The usual future of pools that have none: one allocation, a short spin, then a parked thread.

use std::{
    cell::UnsafeCell,
    hint,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, Thread},
};

const EMPTY: u8 = 0;
/// The receiver has written `waiter` and is parked, or about to be.
const WAITING: u8 = 1;
/// The sender has written `value`.
const FULL: u8 = 2;

const SPINS: u32 = 64;

struct Shot<T> {
    state: AtomicU8,
    value: UnsafeCell<Option<T>>,
    waiter: UnsafeCell<Option<Thread>>,
}

// SAFETY: `value` is the sender's until `FULL`, then the receiver's; `waiter` is the receiver's
// until `WAITING`, then it is read only.
unsafe impl<T: Send> Sync for Shot<T> {}

pub(crate) struct Sender<T>(Arc<Shot<T>>);
pub(crate) struct Receiver<T>(Arc<Shot<T>>);

pub(crate) fn oneshot<T>() -> (Sender<T>, Receiver<T>) {
    let shot = Arc::new(Shot {
        state: AtomicU8::new(EMPTY),
        value: UnsafeCell::new(None),
        waiter: UnsafeCell::new(None),
    });
    (Sender(Arc::clone(&shot)), Receiver(shot))
}

impl<T> Sender<T> {
    pub(crate) fn send(self, value: T) {
        // SAFETY: not `FULL` yet.
        unsafe { *self.0.value.get() = Some(value) };
        if self.0.state.swap(FULL, Ordering::AcqRel) == WAITING {
            // SAFETY: written before `WAITING`, and not again.
            let waiter = unsafe { &*self.0.waiter.get() };
            waiter.as_ref().expect("written before").unpark();
        }
    }
}

impl<T> Receiver<T> {
    pub(crate) fn receive(self) -> T {
        let full = || self.0.state.load(Ordering::Acquire) == FULL;
        for _ in 0..SPINS {
            if full() {
                break;
            }
            hint::spin_loop();
        }
        if !full() {
            // SAFETY: not `WAITING` yet.
            unsafe { *self.0.waiter.get() = Some(thread::current()) };
            let _ =
                self.0
                    .state
                    .compare_exchange(EMPTY, WAITING, Ordering::AcqRel, Ordering::Acquire);
            while !full() {
                thread::park();
            }
        }
        // SAFETY: `FULL`.
        unsafe { (*self.0.value.get()).take() }.expect("sent once")
    }
}

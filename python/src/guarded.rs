//! A value that belongs to a Python object and is touched under that object's lock.
//!
//! Where the interpreter has one lock for all, holding that lock is enough, and this costs nothing.
//! A free-threaded interpreter has a lock per object, the critical section, which is taken here.
//!
//! Either way the lock may change hands as soon as Python code runs. So the functions given to
//! [`Guarded::with`] call nothing of Python's and drop no Python object: they take out what is to
//! go, and the caller drops it afterwards.

use pyo3::{Bound, PyAny, sync::critical_section::with_critical_section};
use std::cell::UnsafeCell;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[derive(Default)]
pub(crate) struct Guarded<T> {
    value: UnsafeCell<T>,
    /// Catches a function that runs Python code which comes back here.
    #[cfg(debug_assertions)]
    busy: AtomicBool,
}

// SAFETY: `with` and `peek` give access to one thread at a time.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T> Guarded<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            value: UnsafeCell::new(value),
            #[cfg(debug_assertions)]
            busy: AtomicBool::new(false),
        }
    }

    /// Runs `f` on the value. `owner` is the object that the value belongs to; `f` runs no Python
    /// code, also not by dropping an object.
    #[inline]
    pub(crate) fn with<R>(&self, owner: &Bound<'_, PyAny>, f: impl FnOnce(&mut T) -> R) -> R {
        with_critical_section(owner, || {
            #[cfg(debug_assertions)]
            assert!(
                !self.busy.swap(true, Relaxed),
                "Python code ran inside a guarded section"
            );
            // SAFETY: the thread is attached and inside the critical section, `f` leaves neither, so
            // no other reference to the value exists meanwhile.
            let result = f(unsafe { &mut *self.value.get() });
            #[cfg(debug_assertions)]
            self.busy.store(false, Relaxed);
            result
        })
    }

    /// For the destructor of the object.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Looks at the value during a garbage collection, when all other threads stand still outside of
    /// guarded sections.
    pub(crate) fn peek<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        // SAFETY: nobody writes meanwhile; the visitor of a collection runs no Python code.
        f(unsafe { &*self.value.get() })
    }
}

//! Of a model checker: loom, which goes through every interleaving of a few threads with all that
//! weak orderings allow; or shuttle, which tries random schedules of more threads, with one order
//! of all accesses.
//!
//! - [`atomics`]: with what loom leaves out of `SeqCst`, and with mutants.
//! - [`mutant`]: one access that does something else, to see that a model notices.
//! - [`parker`]: what loom lacks of threads.

#[allow(dead_code)] // all of what each of them has, used or not
mod atomics;
#[cfg_attr(not(test), allow(dead_code))] // the models set them
pub(crate) mod mutant;
#[cfg(not(shuttle))]
mod parker;

pub(crate) use atomics::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};

#[cfg(not(shuttle))]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{Condvar, Mutex, MutexGuard},
    thread::yield_now,
    thread_local as checkers_thread_local,
};
#[cfg(not(shuttle))]
pub(crate) use parker::{Thread, current, park};
#[cfg(shuttle)]
pub(crate) use shuttle::{
    sync::{Condvar, Mutex, MutexGuard},
    thread::{Thread, current, park, yield_now},
    thread_local as checkers_thread_local,
};

/// The checkers' do not know the `const` form.
macro_rules! model_local {
    ($($(#[$meta:meta])* static $name:ident: $type:ty = const $init:block;)*) => {
        crate::sync::checkers_thread_local! { $($(#[$meta])* static $name: $type = $init;)* }
    };
}
pub(crate) use model_local as thread_local;

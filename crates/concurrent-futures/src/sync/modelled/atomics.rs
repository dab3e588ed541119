//! The checker's atomics, with what loom leaves out of `SeqCst`, and with mutants.
//!
//! loom takes a `SeqCst` access for an acquire or release, and knows the total order only from
//! fences, which order much else besides. A handshake, where two threads each write one thing and
//! then read the other, would look broken to it. There are two ways to make up for that:
//!
//! - A `SeqCst` load reads the newest value, like a read-modify-write. That is no more than the
//!   total order asks for where the writers are `SeqCst` too, and it orders nothing else. So it is
//!   the rule; but it does not notice a writer that is not.
//! - With `LOOM_SEQCST=fences`, a fence follows each `SeqCst` write, and a load is nothing more
//!   than an acquire. So a handshake works only if its writers are `SeqCst`.
//!
//! A model has to hold in both; then all four accesses of each handshake are as they must be.

use super::mutant::{Twist, twist};
#[cfg(not(shuttle))]
use loom::sync::atomic::{self, fence};
#[cfg(shuttle)]
use shuttle::sync::atomic::{self, fence};
use std::{
    env,
    ops::{BitAnd, BitOr},
    panic::Location,
    sync::{
        LazyLock,
        atomic::Ordering::{self, Acquire, Release, SeqCst},
    },
};

static FENCES: LazyLock<bool> =
    LazyLock::new(|| env::var_os("LOOM_SEQCST").is_some_and(|way| way == "fences"));

fn reads_newest(order: Ordering) -> bool {
    order == SeqCst && !*FENCES
}

/// After a write.
fn written(order: Ordering) {
    if order == SeqCst && *FENCES {
        fence(SeqCst);
    }
}

/// One of the orderings of an access, as it is in this run.
fn ordering(asked: Ordering, twist: Option<Twist>, index: usize) -> Ordering {
    match twist {
        Some(Twist::Ordering(twisted, other)) if twisted == index => other,
        _ => asked,
    }
}

/// What all of them do alike: no more than to pass on, with the orderings of this run.
macro_rules! common {
    ($value:ty) => {
        #[track_caller]
        pub(crate) fn store(&self, value: $value, order: Ordering) {
            let twist = twist(Location::caller());
            if twist == Some(Twist::Skipped) {
                return;
            }
            let order = ordering(order, twist, 0);
            self.0.store(value, order);
            written(order);
        }

        #[track_caller]
        pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
            let twist = twist(Location::caller());
            if let Some(Twist::Torn | Twist::Skipped) = twist {
                return self.apart(twist, |_| Some(value));
            }
            let order = ordering(order, twist, 0);
            let before = self.0.swap(value, order);
            written(order);
            before
        }

        #[track_caller]
        pub(crate) fn compare_exchange(
            &self,
            current: $value,
            new: $value,
            success: Ordering,
            failure: Ordering,
        ) -> Result<$value, $value> {
            let twist = twist(Location::caller());
            if let Some(Twist::Torn | Twist::Skipped) = twist {
                let before = self.apart(twist, |now| (now == current).then_some(new));
                return if before == current {
                    Ok(before)
                } else {
                    Err(before)
                };
            }
            let success = ordering(success, twist, 0);
            let failure = ordering(failure, twist, 1);
            let result = self.0.compare_exchange(current, new, success, failure);
            if result.is_ok() {
                written(success);
            }
            result
        }

        /// The models know no failure without a reason.
        #[track_caller]
        pub(crate) fn compare_exchange_weak(
            &self,
            current: $value,
            new: $value,
            success: Ordering,
            failure: Ordering,
        ) -> Result<$value, $value> {
            self.compare_exchange(current, new, success, failure)
        }

        /// A read-modify-write in two steps, or without the second.
        fn apart(&self, twist: Option<Twist>, new: impl Fn($value) -> Option<$value>) -> $value {
            let before = self.0.load(Acquire);
            if let (Some(Twist::Torn), Some(new)) = (twist, new(before)) {
                self.0.store(new, Release);
            }
            before
        }
    };
}

macro_rules! read_modify_write {
    ($value:ty: $($name:ident $apart:ident),*) => {$(
        #[track_caller]
        pub(crate) fn $name(&self, value: $value, order: Ordering) -> $value {
            let twist = twist(Location::caller());
            if let Some(Twist::Torn | Twist::Skipped) = twist {
                return self.apart(twist, |now| Some(now.$apart(value)));
            }
            let order = ordering(order, twist, 0);
            let before = self.0.$name(value, order);
            written(order);
            before
        }
    )*};
}

macro_rules! integer {
    ($name:ident: $value:ty) => {
        #[derive(Debug, Default)]
        pub(crate) struct $name(atomic::$name);

        impl $name {
            #[track_caller]
            pub(crate) fn new(value: $value) -> Self {
                Self(atomic::$name::new(value))
            }

            #[track_caller]
            pub(crate) fn load(&self, order: Ordering) -> $value {
                let order = ordering(order, twist(Location::caller()), 0);
                if reads_newest(order) {
                    self.0.fetch_or(0, Acquire)
                } else {
                    self.0.load(order)
                }
            }

            common!($value);
            read_modify_write!(
                $value: fetch_add wrapping_add,
                fetch_sub wrapping_sub,
                fetch_or bitor,
                fetch_and bitand,
                fetch_max max
            );
        }
    };
}

integer!(AtomicU32: u32);
integer!(AtomicU64: u64);
integer!(AtomicUsize: usize);

#[derive(Debug, Default)]
pub(crate) struct AtomicBool(atomic::AtomicBool);

impl AtomicBool {
    #[track_caller]
    pub(crate) fn new(value: bool) -> Self {
        Self(atomic::AtomicBool::new(value))
    }

    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> bool {
        let order = ordering(order, twist(Location::caller()), 0);
        if reads_newest(order) {
            let read = self.0.compare_exchange(false, false, Acquire, Acquire);
            read.unwrap_or_else(|value| value)
        } else {
            self.0.load(order)
        }
    }

    common!(bool);
}

/// Nowhere in a handshake, so that a `SeqCst` load is no more than loom makes of it.
#[derive(Debug)]
pub(crate) struct AtomicPtr<T>(atomic::AtomicPtr<T>);

impl<T> AtomicPtr<T> {
    #[track_caller]
    pub(crate) fn new(value: *mut T) -> Self {
        Self(atomic::AtomicPtr::new(value))
    }

    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        self.0.load(ordering(order, twist(Location::caller()), 0))
    }

    common!(*mut T);
}

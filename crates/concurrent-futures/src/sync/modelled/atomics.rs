//! The checker's atomics, with what loom leaves out of `SeqCst`, and with mutants.
//!
//! loom takes a `SeqCst` access for an acquire or release, and knows the total order only from
//! fences. A handshake, where two threads each write one thing and then read the other, would look
//! broken to it. So a fence stands beside each `SeqCst` access: behind it, or with
//! `LOOM_SEQCST=leading` before it. Compilers translate `SeqCst` in one of these two ways, and each
//! is enough by itself. A model has to hold in both: in a handshake whose write is not `SeqCst` there
//! is no fence behind it, and in one whose read is not, none before.

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

static LEADING: LazyLock<bool> =
    LazyLock::new(|| env::var_os("LOOM_SEQCST").is_some_and(|way| way == "leading"));

fn before(order: Ordering) {
    if order == SeqCst && *LEADING {
        fence(SeqCst);
    }
}

fn behind(order: Ordering) {
    if order == SeqCst && !*LEADING {
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
            before(order);
            self.0.store(value, order);
            behind(order);
        }

        #[track_caller]
        pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
            let twist = twist(Location::caller());
            if let Some(Twist::Torn | Twist::Skipped) = twist {
                return self.apart(twist, |_| Some(value));
            }
            let order = ordering(order, twist, 0);
            before(order);
            let old = self.0.swap(value, order);
            behind(order);
            old
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
            before(success);
            let result = self.0.compare_exchange(current, new, success, failure);
            behind(result.map_or(failure, |_| success));
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
            before(order);
            let old = self.0.$name(value, order);
            behind(order);
            old
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
                before(order);
                let value = self.0.load(order);
                behind(order);
                value
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
        before(order);
        let value = self.0.load(order);
        behind(order);
        value
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

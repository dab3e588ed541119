//! What a pool is in the child of a fork: memory without threads.
//!
//! `fork` copies the memory of a process and one thread, the one that calls it. So none of a pool's
//! workers is in the child, what they held stays held, and what they were about to do is never done.
//! A pool notes in which process it was made; wherever somebody would hand work to threads that are
//! not there, or wait for them, it looks whether this is that process.
//!
//! The look has to be cheap, since each push takes one, so it is a load of a counter that the system
//! has us count up in each child.

use crate::sync::Relaxed;
use std::sync::atomic::AtomicU32;

/// How many forks lie between this process and the one where the library was first used.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Whether this process was forked from one that had used the library. Costs less than to ask many
/// things for their [`Birth`].
#[inline]
pub(crate) fn is_child() -> bool {
    GENERATION.load(Relaxed) != 0
}

/// The process in which something was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Birth(u32);

impl Birth {
    /// In this process.
    pub(crate) fn now() -> Self {
        system::watch();
        Self(GENERATION.load(Relaxed))
    }

    /// Whether this process is the child of a fork that came later.
    #[inline]
    pub(crate) fn is_before_fork(self) -> bool {
        self.0 != GENERATION.load(Relaxed)
    }
}

#[cfg(all(unix, not(miri), not(loom)))]
mod system {
    use super::{GENERATION, Relaxed};
    use crate::{pool::worker, unwind::report};
    use std::{ffi::c_int, sync::Once};

    type Hook = extern "C" fn();

    unsafe extern "C" {
        // Of POSIX, and in the C library that std links on each Unix.
        fn pthread_atfork(
            prepare: Option<Hook>,
            parent: Option<Hook>,
            child: Option<Hook>,
        ) -> c_int;
    }

    /// The only thread of a new process.
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Relaxed);
        worker::bereave();
    }

    /// Has forks counted from now on.
    pub(super) fn watch() {
        static WATCHING: Once = Once::new();
        let mut refused = false;
        WATCHING.call_once(|| {
            // SAFETY: the declaration is that of POSIX, and the hook is a function of this program,
            // which touches nothing but atomics: it may run between any two instructions of others.
            refused = unsafe { pthread_atfork(None, None, Some(in_child)) } != 0;
        });
        if refused {
            report(
                log::Level::Warn,
                format_args!("no memory to be told of forks"),
            );
        }
    }
}

#[cfg(not(all(unix, not(miri), not(loom))))]
mod system {
    /// There are no forks here, or, under a checker, none that it would survive.
    pub(super) fn watch() {}
}

//! How long the calling thread has used a processor, by the system's own account.

/// In nanoseconds. One system call; none where it is not known how to ask.
pub(crate) fn used_by_thread() -> Option<u64> {
    system::used_by_thread()
}

#[cfg(all(
    any(target_os = "linux", target_vendor = "apple"),
    target_pointer_width = "64",
    not(miri)
))]
mod system {
    use std::{ffi::c_int, mem::MaybeUninit};

    /// `CLOCK_THREAD_CPUTIME_ID`.
    const THREAD: c_int = if cfg!(target_os = "linux") { 3 } else { 16 };

    /// `struct timespec`, where a `long` and a `time_t` have 64 bits.
    #[repr(C)]
    struct Time {
        seconds: i64,
        nanoseconds: i64,
    }

    unsafe extern "C" {
        /// Of the system's C library, which std is linked with.
        fn clock_gettime(clock: c_int, time: *mut Time) -> c_int;
    }

    pub(super) fn used_by_thread() -> Option<u64> {
        let mut time = MaybeUninit::<Time>::uninit();
        // SAFETY: writes no more than the struct, which has the layout that the system gives it.
        let answer = unsafe { clock_gettime(THREAD, time.as_mut_ptr()) };
        if answer != 0 {
            return None;
        }
        // SAFETY: the call has succeeded, and so has written it.
        let Time {
            seconds,
            nanoseconds,
        } = unsafe { time.assume_init() };
        let seconds = u64::try_from(seconds).ok()?;
        seconds
            .checked_mul(1_000_000_000)?
            .checked_add(u64::try_from(nanoseconds).ok()?)
    }
}

#[cfg(not(all(
    any(target_os = "linux", target_vendor = "apple"),
    target_pointer_width = "64",
    not(miri)
)))]
mod system {
    pub(super) fn used_by_thread() -> Option<u64> {
        None
    }
}

#[cfg(all(
    test,
    target_os = "linux",
    target_pointer_width = "64",
    not(any(loom, miri))
))]
mod tests {
    use super::used_by_thread;
    use std::time::{Duration, Instant};

    #[test]
    fn it_runs_with_the_thread_and_rests_with_it() {
        let begun = Instant::now();
        let before = used_by_thread().unwrap();
        while used_by_thread().unwrap() - before < 2_000_000 {}
        assert!(begun.elapsed() >= Duration::from_millis(2));

        let (begun, before) = (Instant::now(), used_by_thread().unwrap());
        std::thread::sleep(Duration::from_millis(50));
        let used = Duration::from_nanos(used_by_thread().unwrap() - before);
        assert!(used < begun.elapsed() / 2, "{used:?} asleep");
    }
}

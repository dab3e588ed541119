//! A system that refuses threads when it is told to.
//!
//! The limits that a system has come at a moment that nobody can choose, or last. So this program has a
//! `pthread_create` of its own, in front of that of the C library, which is asked before each start; as
//! long as nothing is to be refused, that is one load.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod shim {
    use nix::libc::{self, c_int, c_void};
    use std::{
        mem,
        sync::{
            OnceLock,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
    };

    type Start = extern "C" fn(*mut c_void) -> *mut c_void;
    type Create = unsafe extern "C" fn(
        *mut libc::pthread_t,
        *const libc::pthread_attr_t,
        Start,
        *mut c_void,
    ) -> c_int;

    /// How many starts are granted before the first that is refused.
    static GRANTED: AtomicUsize = AtomicUsize::new(usize::MAX);
    /// How many are refused then.
    static REFUSED: AtomicUsize = AtomicUsize::new(0);

    pub(super) fn refuse(granted: usize, refused: usize) {
        REFUSED.store(refused, SeqCst);
        GRANTED.store(granted, SeqCst);
    }

    fn step(counter: &AtomicUsize) -> bool {
        let down = |left: usize| match left {
            0 => None,
            usize::MAX => Some(usize::MAX),
            left => Some(left - 1),
        };
        counter.fetch_update(SeqCst, SeqCst, down).is_ok()
    }

    fn is_refused() -> bool {
        GRANTED.load(SeqCst) != usize::MAX && !step(&GRANTED) && step(&REFUSED)
    }

    /// That of the C library.
    fn real() -> Create {
        static REAL: OnceLock<usize> = OnceLock::new();
        let found = *REAL.get_or_init(|| {
            // SAFETY: the name ends with a zero.
            let found = unsafe { libc::dlsym(libc::RTLD_NEXT, c"pthread_create".as_ptr()) };
            found.addr()
        });
        assert_ne!(found, 0, "the C library starts threads");
        // SAFETY: it is the function of that name, which POSIX declares so.
        unsafe { mem::transmute::<usize, Create>(found) }
    }

    /// # Safety
    ///
    /// As for that of the C library.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        start: Start,
        argument: *mut c_void,
    ) -> c_int {
        if is_refused() {
            return libc::EAGAIN;
        }
        // SAFETY: the caller's promise.
        unsafe { real()(thread, attributes, start, argument) }
    }
}

/// Lets the system refuse threads to this process: so many, after it has granted so many. Whether it
/// can be done here.
pub(crate) fn refuse(granted: usize, refused: usize) -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    shim::refuse(granted, refused);
    let _ = (granted, refused);
    cfg!(all(target_os = "linux", target_env = "gnu"))
}

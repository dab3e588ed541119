//! Threads that the interpreter ends while frames of ours lie on their stack.
//!
//! Up to 3.13, a daemon thread that wants to go on with Python code while the interpreter exits is ended by
//! `pthread_exit`, wherever it is; from 3.14 on it hangs. In the C library of GNU that function unwinds the
//! stack. Native frames of Rust cannot be unwound by it, and the whole process would be aborted, whatever
//! it was about to exit with. So such a thread hangs here, as in newer interpreters, until the process is
//! gone.
//!
//! Before that library leaves a frame, it calls the functions in the thread's list of clean-ups whose
//! records lie in frames that have been left. A record on the heap lies in none, so its function is called
//! before anything is unwound.

/// The calling thread may come to run Python code above a frame of ours.
#[inline]
pub(crate) fn attend() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    gnu::attend();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod gnu {
    use crate::lifecycle;
    use std::{
        ffi::{c_int, c_void},
        ptr,
    };

    type Routine = extern "C" fn(*mut c_void);

    /// `struct _pthread_cleanup_buffer`.
    #[repr(C)]
    struct Record {
        routine: Option<Routine>,
        argument: *mut c_void,
        cancel_type: c_int,
        previous: *mut Record,
    }

    unsafe extern "C" {
        fn _pthread_cleanup_push(record: *mut Record, routine: Routine, argument: *mut c_void);
        fn _pthread_cleanup_pop(record: *mut Record, execute: c_int);
    }

    struct Attended(*mut Record);

    thread_local! {
        static ATTENDED: Attended = Attended::new();
    }

    #[inline]
    pub(super) fn attend() {
        // A thread whose locals are gone has ended its Python code.
        let _ = ATTENDED.try_with(|_| ());
    }

    extern "C" fn hang(_: *mut c_void) {
        // Who ends a thread otherwise has his reasons.
        while lifecycle::is_exiting() {
            std::thread::park();
        }
    }

    impl Attended {
        fn new() -> Self {
            let record = Box::into_raw(Box::new(Record {
                routine: None,
                argument: ptr::null_mut(),
                cancel_type: 0,
                previous: ptr::null_mut(),
            }));
            // SAFETY: the record is this thread's until it is popped, and has the library's layout.
            unsafe { _pthread_cleanup_push(record, hang, ptr::null_mut()) };
            Self(record)
        }
    }

    impl Drop for Attended {
        fn drop(&mut self) {
            // SAFETY: this thread pushed it and has left all frames in which others could have been
            // pushed; nobody knows it afterwards.
            unsafe {
                _pthread_cleanup_pop(self.0, 0);
                drop(Box::from_raw(self.0));
            }
        }
    }
}

//! Calls of the kernel's `futex`, the bill for putting threads to sleep and waking them.
//!
//! The kernel counts them itself, at its trace point. Nothing inside the process would see all:
//! the system's allocator makes such calls on its own when its locks are contended. Reading trace
//! points takes the rights of root; without them there is no figure.

#[cfg(target_os = "linux")]
pub(crate) use linux::{count, counted};

#[cfg(target_os = "linux")]
mod linux {
    use nix::{
        mount::{MsFlags, mount},
        sched::{CloneFlags, unshare},
    };
    use perf_event::{Builder, Counter, events::Tracepoint};
    use std::{
        fs, io,
        path::Path,
        sync::{Mutex, OnceLock},
    };

    const TRACING: &str = "/sys/kernel/tracing";
    const FUTEX: &str = "/sys/kernel/tracing/events/syscalls/sys_enter_futex/id";

    static COUNTER: OnceLock<Mutex<Counter>> = OnceLock::new();

    /// Counts from now on, in this thread and in those that are started from now on.
    pub(crate) fn count() {
        if let Ok(counter) = open() {
            COUNTER.get_or_init(|| Mutex::new(counter));
        }
    }

    /// The calls that were counted so far, none if they are not counted.
    pub(crate) fn counted() -> Option<u64> {
        let mut counter = COUNTER.get()?.lock().ok()?;
        counter.read().ok()
    }

    fn open() -> io::Result<Counter> {
        if !Path::new(FUTEX).exists() {
            mount_tracing()?;
        }
        let id = fs::read_to_string(FUTEX)?.trim().parse();
        let id = id.map_err(io::Error::other)?;
        let mut counter = Builder::new(Tracepoint::with_id(id))
            .include_kernel()
            .inherit(true)
            .build()?;
        counter.enable()?;
        Ok(counter)
    }

    /// For this process alone: the rest of the system stays as it was.
    fn mount_tracing() -> io::Result<()> {
        let none = None::<&str>;
        unshare(CloneFlags::CLONE_NEWNS)?;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
        mount(none, TRACING, Some("tracefs"), MsFlags::empty(), none)?;
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn count() {}

#[cfg(not(target_os = "linux"))]
pub(crate) fn counted() -> Option<u64> {
    None
}

//! What the system says of how a thread got on with the processors: on Linux, each thread has a file
//! that says for how long it ran, and for how long it wanted to.

use std::{fs, path::PathBuf};

/// The file of one thread.
#[derive(Clone, Debug)]
pub(crate) struct Schedstat(PathBuf);

/// Since the thread began, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// It had a processor. As of its last switch, or of the system's last tick.
    pub(crate) running: u64,
    /// It could have run, and no processor was free.
    pub(crate) waiting: u64,
}

impl Schedstat {
    /// That of the calling thread, for others to read.
    pub(crate) fn of_this_thread() -> Option<Self> {
        // Of the form `17/task/18`.
        let thread = fs::read_link("/proc/thread-self").ok()?;
        Some(Self(PathBuf::from("/proc").join(thread).join("schedstat")))
    }

    pub(crate) fn read(&self) -> Option<Used> {
        parse(&fs::read_to_string(&self.0).ok()?)
    }
}

/// How long the calling thread has waited for a processor until now. Costs some microseconds.
pub(crate) fn waited_by_thread() -> Option<u64> {
    if !cfg!(target_os = "linux") || cfg!(miri) {
        return None;
    }
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(parse(&text)?.waiting)
}

fn parse(text: &str) -> Option<Used> {
    let mut numbers = text.split_whitespace().map(str::parse);
    Some(Used {
        running: numbers.next()?.ok()?,
        waiting: numbers.next()?.ok()?,
    })
}

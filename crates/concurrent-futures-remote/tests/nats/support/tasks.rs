//! What the workers can do.

use super::files::{Flag, Log};
use concurrent_futures_remote::{Registry, Task};
use std::{process, thread, time::Duration};

pub(crate) static DOUBLE: Task<u64, u64> = Task::new("double@1");
pub(crate) static ECHO: Task<Vec<u8>, Vec<u8>> = Task::new("echo@1");
pub(crate) static PARSE: Task<String, i32> = Task::new("parse@1");
pub(crate) static PANIC: Task<String, ()> = Task::new("panic@1");
pub(crate) static BLOAT: Task<usize, Vec<u8>> = Task::new("bloat@1");
/// Not in the registry.
pub(crate) static UNKNOWN: Task<(), ()> = Task::new("unknown@1");
/// Its arguments are others than the worker thinks.
pub(crate) static MISTYPED: Task<String, u64> = Task::new("double@1");
/// Writes down that it runs, waits for the flag, and gives its number back.
pub(crate) static HOLD: Task<(Log, Flag, u64), u64> = Task::new("hold@1");
/// Writes down that it runs, waits for the flag, and writes down that it has run.
pub(crate) static LINGER: Task<(Log, Flag), ()> = Task::new("linger@1");
/// Writes down that it runs, and kills its worker.
pub(crate) static POISON: Task<Log, ()> = Task::new("poison@1");
/// Writes down that it runs, takes its time, and gives its number back.
pub(crate) static NAP: Task<(Log, u64, u64), u64> = Task::new("nap@1");
/// Its worker.
pub(crate) static WHO: Task<(), u32> = Task::new("who@1");

pub(crate) fn registry() -> Registry {
    Registry::new()
        .add(&DOUBLE, |n| 2 * n)
        .add(&ECHO, |bytes| bytes)
        .try_add(&PARSE, |text| text.parse::<i32>())
        .add(&PANIC, |text| panic!("{text}"))
        .add(&BLOAT, |size| vec![7; size])
        .add(&HOLD, |(log, flag, n)| {
            log.write(&n.to_string());
            flag.wait();
            n
        })
        .add(&LINGER, |(log, flag)| {
            log.write("begun");
            flag.wait();
            log.write("ended");
        })
        .add(&POISON, |log| {
            log.write("poison");
            process::abort()
        })
        .add(&NAP, |(log, n, millis)| {
            log.write(&n.to_string());
            thread::sleep(Duration::from_millis(millis));
            n
        })
        .add(&WHO, |()| process::id())
}

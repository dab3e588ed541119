//! Of std: what everybody uses.

pub(crate) use std::{
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize},
    },
    thread::{Thread, current, park, yield_now},
    thread_local,
};

//! The number of workers when none is asked for.

use std::{process::Command, thread};

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{alone, watchdog};

fn expected() -> usize {
    let cpus = thread::available_parallelism().map_or(1, usize::from);
    (cpus + 4).min(32)
}

#[test]
fn four_more_than_the_cpus_and_never_above_32() {
    watchdog(|| assert_eq!(ThreadPoolExecutor::new().max_workers(), expected()));
}

#[test]
fn builder_default_and_new_agree() {
    watchdog(|| {
        let built = ThreadPoolExecutor::builder().build().unwrap();
        assert_eq!(built.max_workers(), expected());
        assert_eq!(ThreadPoolExecutor::default().max_workers(), expected());
    });
}

#[test]
#[cfg(target_os = "linux")]
fn only_the_cpus_the_process_may_use_count() {
    if Command::new("taskset").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no taskset on this machine");
        return;
    }
    alone(&["taskset", "-c", "0"], || {
        assert_eq!(ThreadPoolExecutor::new().max_workers(), 5);
    });
}

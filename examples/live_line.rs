//! A live line: how far a pool is, how fast, how long it will take, and what has failed.
//!
//! ```text
//! $ cargo run --example live_line
//! to long-gone-street: moved away
//! to nowhere: no such place
//! ```
//!
//! On a terminal the line stands below that, and moves until all are sent:
//!
//! ```text
//! letters ━━━━━━━━━━━━━━━╸──────────── 31/60 (51%), 38/s, eta 1s, 2 failed, 4 running, 25 queued
//! ```

use std::{thread, time::Duration};

use concurrent_futures::{BuildError, TaskError, ThreadPoolExecutor};

fn main() -> Result<(), BuildError> {
    let pool = ThreadPoolExecutor::builder().max_workers(4).build()?;
    let progress = pool.progress().label("letters");

    let streets: Vec<_> = (0..60).map(street).collect();
    let mut failed: Vec<String> = Vec::new();
    for sent in pool.try_map_unordered(streets, send) {
        if let Err(error) = sent {
            failed.extend(error.into_task_error().and_then(TaskError::into_failure));
        }
    }
    failed.sort();
    progress.suspend(|| failed.iter().for_each(|failure| println!("{failure}")));
    Ok(())
}

fn street(number: u64) -> (u64, &'static str) {
    match number {
        7 => (number, "nowhere"),
        30 => (number, "long-gone-street"),
        _ => (number, "high-street"),
    }
}

fn send((number, street): (u64, &'static str)) -> Result<(), String> {
    thread::sleep(Duration::from_millis(number * 37 % 90));
    match street {
        "nowhere" => Err("to nowhere: no such place".to_owned()),
        "long-gone-street" => Err("to long-gone-street: moved away".to_owned()),
        _ => Ok(()),
    }
}

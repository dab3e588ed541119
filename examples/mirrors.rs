//! Groups: ask several mirrors and take the first answer; fetch all parts, and give up at the first
//! that fails. In both, the tasks that are not needed any more are stopped.
//!
//! ```text
//! $ cargo run --example mirrors
//! fastest: the answer of mirror 2
//! parts: task 3: no part 3 on the server
//! of 100 parts, fewer than 100 were asked for
//! ```

use std::{
    error::Error,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use concurrent_futures::{CancelToken, FailFast, FirstSuccess, ThreadPoolExecutor};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(4).build()?;

    let fastest = pool.group(FirstSuccess).scope(|group| {
        group.try_submit(|| ask("mirror 1", Duration::from_secs(3600)));
        group.try_submit(|| ask("mirror 2", Duration::from_millis(10)));
        group.try_submit(|| Err("mirror 3 is down".to_owned()));
    })?;
    println!("fastest: {fastest}");

    let asked = AtomicU32::new(0);
    let parts = pool
        .group(FailFast)
        .timeout(Duration::from_secs(60))
        .scope(|group| {
            for part in 0..100 {
                let asked = &asked;
                group.try_submit(move || {
                    asked.fetch_add(1, Ordering::Relaxed);
                    fetch(part)
                });
            }
        });
    match parts {
        Ok(parts) => println!("parts: {}", parts.len()),
        Err(error) => println!("parts: {error}"),
    }
    if asked.into_inner() < 100 {
        println!("of 100 parts, fewer than 100 were asked for");
    }
    Ok(())
}

/// Sleeps on the token of its task, so it wakes when another one has been faster.
fn ask(mirror: &str, pause: Duration) -> Result<String, String> {
    match CancelToken::current().sleep(pause) {
        Ok(()) => Ok(format!("the answer of {mirror}")),
        Err(stopped) => Err(format!("{mirror}: {stopped}")),
    }
}

fn fetch(part: u32) -> Result<u32, String> {
    let slow = CancelToken::current().sleep(Duration::from_millis(5));
    match slow {
        Ok(()) if part == 3 => Err(format!("no part {part} on the server")),
        Ok(()) => Ok(part),
        Err(stopped) => Err(stopped.to_string()),
    }
}

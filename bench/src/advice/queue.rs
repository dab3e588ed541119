//! Whether a queue of the advised length keeps the wait that was wished for.

use concurrent_futures::{ProfileOptions, ThreadPoolExecutor, WhenFull};
use std::{error::Error, fmt::Write as _, thread, time::Duration};

const WISHES: [u64; 3] = [20, 50, 200];
const WORKERS: usize = 4;

/// Sleeps of 1 to 9 ms, so that run times vary.
fn nap(n: u64) -> Duration {
    Duration::from_millis(1 + n * 7919 % 9)
}

pub(super) fn table() -> Result<String, Box<dyn Error>> {
    let mut text = "| 99 of 100 are to wait at most | queue bound | 99 of 100 waited at most |\n|---:|---:|---:|".to_owned();
    for wish in WISHES.map(Duration::from_millis) {
        let pool = ThreadPoolExecutor::builder().max_workers(WORKERS).profile();
        let pool = pool.build()?;
        for task in (0..400)
            .map(|n| pool.submit(move || thread::sleep(nap(n))))
            .collect::<Vec<_>>()
        {
            task.result()?;
        }
        let profile = pool.profile().ok_or("a profile was asked for")?;
        let bound = profile.queue_bound_for(wish).ok_or("no advice")?;
        let waited = waited(bound)?;
        let waited = waited.as_secs_f64() * 1e3;
        write!(text, "\n| {wish:?} | {bound} | {waited:.1} ms |")?;
    }
    Ok(text)
}

/// With a queue of this length that is kept full.
fn waited(bound: usize) -> Result<Duration, Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder()
        .max_workers(WORKERS)
        .queue_capacity(bound.max(1))
        .when_full(WhenFull::Reject)
        .profile_with(ProfileOptions::new().max_tasks(0))
        .build()?;
    let mut n = 0;
    while n < 1_000 {
        if pool.offer(move || thread::sleep(nap(n))).is_ok() {
            n += 1;
        } else {
            thread::sleep(Duration::from_micros(200));
        }
    }
    let profile = pool.profile().ok_or("a profile was asked for")?;
    Ok(profile.wait().quantile(0.99))
}

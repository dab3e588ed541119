//! A slow program, what its profile says, and how much better the advised size does.
//!
//! ```text
//! $ cargo run --release --example profile
//! ```

use concurrent_futures::{Profile, ThreadPoolExecutor};
use std::{
    error::Error,
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

fn main() -> Result<(), Box<dyn Error>> {
    let slow = read_pages(4)?;
    println!("{slow}\n");

    let advised = slow.advice().workers().ok_or("too few tasks")?;
    let better = read_pages(advised)?;
    println!(
        "\nWith {advised} workers: {:.0} pages a second instead of {:.0}.",
        better.throughput(),
        slow.throughput()
    );
    Ok(())
}

/// Pages come from a server that takes 9 ms, and each is read in about 1 ms.
fn read_pages(workers: usize) -> Result<Profile, Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder()
        .max_workers(workers)
        .thread_name_prefix("page")
        .profile()
        .build()?;
    let pages: Vec<_> = (0..400)
        .map(|n| {
            pool.task().name(format!("page {n}")).submit(|| {
                thread::sleep(Duration::from_millis(9));
                compute(Duration::from_millis(1));
            })
        })
        .collect();
    for page in pages {
        page.result()?;
    }
    Ok(pool.profile().ok_or("a profile was asked for")?)
}

fn compute(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        black_box((0..1_000).sum::<u64>());
    }
}

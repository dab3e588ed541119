//! A slow program, what its profile says, and how much better the advised size does.
//!
//! ```text
//! $ cargo run --release --example profile
//! page: 400 tasks in 1.36 s (295/s)
//! at most 4 workers on 2 processors; 400 completed
//!
//! of 280 s task time: 98.6 % wait, 0.1 % CPU, 1.3 % blocked
//! of the wait, 0.4 % was for a processor
//!
//!                    mean        p50        p90        p99        max
//! wait             688 ms     688 ms     1.23 s     1.33 s     1.34 s
//! run             12.7 ms    11.9 ms    16.1 ms    22.9 ms    26.8 ms
//!   CPU            992 us    1.02 ms    1.05 ms    1.11 ms    1.13 ms
//!   blocked       9.01 ms    9.11 ms    9.11 ms    9.18 ms    9.19 ms
//!
//! slowest                                              run        CPU       wait
//! page 9                                           26.8 ms     990 us    34.6 ms
//! page 5                                           23.9 ms    1.01 ms    13.5 ms
//! page 244                                         23.7 ms     406 us     829 ms
//! ...
//!
//! worker                                  tasks       busy        CPU   occupied
//! page_0                                    102     1.28 s     101 ms     94.2 %
//! page_1                                    100     1.26 s    99.5 ms     92.9 %
//! page_2                                     97     1.27 s    96.3 ms     93.6 %
//! page_3                                    101     1.27 s     100 ms     93.7 %
//!
//! load        The load is I/O-bound: its tasks use a processor for 9.9 % of the
//!             time they work.
//!             992 us CPU / (992 us CPU + 9.01 ms blocked) = 9.9 %
//! workers     20 workers would keep 2 processors busy; there may be 4.
//!             2 processors x (1 + 9.01 ms blocked / 992 us CPU) = 20.2
//! arrivals    All tasks came within 321 us of 1.36 s; 2.95 of them worked at a
//!             time.
//!             Little's law: 295/s x 10.0 ms = 2.95
//! queue       With a queue of at most 306 tasks, 99 of 100 wait less than 1.00 s.
//!             1.00 s x 4 workers / 12.7 ms a task = 315, less what the run times
//!             vary by (22.1 %)
//! speed-up    2.95 times as fast as one task after the other; with 20 workers, and
//!             tasks that come fast enough, 20.0 times is possible.
//!             4.00 s of work / 1.36 s = 2.95; at best it takes the longest of 198
//!             ms (processors), 200 ms (workers) and 26.8 ms (longest task): 20.0
//!
//! With 20 workers: 964 pages a second instead of 295.
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
        "With {advised} workers: {:.0} pages a second instead of {:.0}.",
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

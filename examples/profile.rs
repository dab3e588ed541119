//! A slow program, what its profile says, and how much better the advised size does.
//!
//! ```text
//! $ cargo run --release --example profile
//! page: 400 tasks in 1.15 s (349/s)
//! at most 4 workers on 2 processors; 400 completed
//!
//! of 232 s task time: 98.3 % wait, 0.2 % CPU, 1.5 % blocked
//! of the wait, 0.2 % was for a processor
//!
//!                    mean        p50        p90        p99        max
//! wait             570 ms     570 ms     1.02 s     1.12 s     1.12 s
//! run             11.0 ms    10.2 ms    13.7 ms    18.0 ms    21.7 ms
//!   CPU            999 us    1.02 ms    1.04 ms    1.06 ms    1.09 ms
//!   blocked       9.01 ms    9.11 ms    9.11 ms    9.11 ms    9.13 ms
//!
//! slowest                                              run        CPU       wait
//! page 243                                         21.7 ms    1.03 ms     689 ms
//! page 9                                           19.9 ms    1.02 ms    27.0 ms
//! page 13                                          19.0 ms     702 us    43.0 ms
//! ...
//!
//! worker                                  tasks       busy        CPU   occupied
//! page_0                                    102     1.10 s     104 ms     96.1 %
//! page_1                                     96     1.11 s    97.4 ms     96.7 %
//! page_2                                    101     1.09 s    97.9 ms     95.4 %
//! page_3                                    101     1.10 s     101 ms     95.5 %
//!
//! load        The load is I/O-bound: its tasks use a processor for 10.0 % of the
//!             time they work.
//!             999 us CPU / (999 us CPU + 9.01 ms blocked) = 10.0 %
//! workers     24 workers would keep 2 processors busy; there may be 4.
//!             2 processors x (1 + 9.01 ms blocked / 999 us CPU) = 20.0 if they
//!             took turns; 24 as chance has it
//! arrivals    All tasks came within 12.9 ms of 1.15 s; 3.49 of them worked at a
//!             time.
//!             Little's law: 349/s x 10.0 ms = 3.49
//! queue       With a queue of at most 356 tasks, 99 of 100 wait less than 1.00 s.
//!             1.00 s x 4 workers / 11.0 ms a task = 363, less what the run times
//!             vary by (15.0 %)
//! speed-up    3.49 times as fast as one task after the other; with 24 workers, and
//!             tasks that come fast enough, 20.0 times is possible.
//!             4.01 s of work / 1.15 s = 3.49; at best it takes the longest of 200
//!             ms (processors), 167 ms (workers) and 21.7 ms (longest task): 20.0
//!
//! With 24 workers: 551 pages a second instead of 349.
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

//! Bounds: producers that wait for room, counted in bytes; readings of which the latest count; an input without end.
//!
//! ```text
//! $ cargo run --example bounded
//! 4 producers, 2000 pages, 12950400 bytes checked
//! readings shown: [7, 8, 9]
//! refused 7 of 10, and the tasks came back
//! primes of the form n * n + 1: [2, 5, 17, 37, 101, 197]
//! ```

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
};

use concurrent_futures::{ThreadPoolExecutor, WhenFull};

fn main() -> Result<(), Box<dyn Error>> {
    check_pages()?;
    show_latest()?;
    offer()?;
    search_without_end()
}

/// However fast the producers are, no more than a megabyte waits: they wait instead.
fn check_pages() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder()
        .max_workers(2)
        .queue_capacity(1 << 20)
        .build()?;
    let checked = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..500 {
                    // A few large ones among many small ones.
                    let size = if number % 100 == 0 { 600_000 } else { 480 };
                    let (page, checked) = (vec![1_u8; size], Arc::clone(&checked));
                    pool.task().name("check").weight(size).submit(move || {
                        let ones: usize = page.iter().map(|&byte| usize::from(byte)).sum();
                        checked.fetch_add(ones, Relaxed);
                    });
                }
            });
        }
    });
    drop(pool);
    let bytes = checked.load(Relaxed);
    println!("4 producers, 2000 pages, {bytes} bytes checked");
    Ok(())
}

/// Where only the latest are of interest, older ones give way.
fn show_latest() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder()
        .max_workers(1)
        .queue_capacity(3)
        .when_full(WhenFull::DiscardOldest)
        .build()?;
    let release = occupy(&pool);
    let readings: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
    release.send(())?;
    let shown: Vec<i32> = readings
        .into_iter()
        .filter_map(|reading| reading.result().ok())
        .collect();
    println!("readings shown: {shown:?}");
    Ok(())
}

/// A task that finds no room can go elsewhere.
fn offer() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder()
        .max_workers(1)
        .queue_capacity(3)
        .build()?;
    let release = occupy(&pool);
    let mut back = Vec::new();
    for number in 0..10 {
        if let Err(full) = pool.offer(move || number) {
            back.push(full.into_task());
        }
    }
    release.send(())?;
    println!("refused {} of 10, and the tasks came back", back.len());
    Ok(())
}

/// Reads its input as the results are taken.
fn search_without_end() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::new();
    let candidates = (1_u64..).map(|n| n * n + 1);
    let mut primes = Vec::new();
    for found in pool.map_buffered(16, candidates, |n| is_prime(n).then_some(n)) {
        primes.extend(found?);
        if primes.len() == 6 {
            break;
        }
    }
    println!("primes of the form n * n + 1: {primes:?}");
    Ok(())
}

fn is_prime(n: u64) -> bool {
    (2..n).take_while(|d| d * d <= n).all(|d| n % d != 0)
}

/// Keeps the only worker busy until it is told.
fn occupy(pool: &ThreadPoolExecutor) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    let busy = pool.submit(move || released.recv());
    while !busy.running() {
        thread::yield_now();
    }
    release
}

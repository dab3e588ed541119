//! Stop early: what is queued is cancelled, what runs is asked to stop by a flag.
//!
//! ```text
//! $ cargo run --example stop
//! 50 long tasks, 5 at work
//! stopping
//! 5 stopped half-way, 45 cancelled, 0 ran to their end
//! ```

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use concurrent_futures::{Shutdown, ThreadPoolExecutor};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(5).build()?;
    let stop = Arc::new(AtomicBool::new(false));
    let (started, starts) = mpsc::channel();

    let futures: Vec<_> = (0..50)
        .map(|_| {
            let (stop, started) = (Arc::clone(&stop), started.clone());
            pool.submit(move || {
                let _ = started.send(());
                long_work(&stop)
            })
        })
        .collect();
    for _ in 0..5 {
        starts.recv()?;
    }
    println!("50 long tasks, 5 at work");

    println!("stopping");
    // First the queue, then the flag: a worker that stops must not find another task.
    pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())?;
    stop.store(true, Ordering::Relaxed);

    let (mut ended, mut stopped, mut cancelled) = (0, 0, 0);
    for future in futures {
        match future.result() {
            Ok(true) => ended += 1,
            Ok(false) => stopped += 1,
            Err(_) => cancelled += 1,
        }
    }
    println!("{stopped} stopped half-way, {cancelled} cancelled, {ended} ran to their end");
    Ok(())
}

/// A thousand steps with a look at the flag before each; true if it got through.
fn long_work(stop: &AtomicBool) -> bool {
    (0..1000).all(|_| {
        thread::sleep(Duration::from_millis(10));
        !stop.load(Ordering::Relaxed)
    })
}

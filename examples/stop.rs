//! Stop early: what is queued is cancelled, what runs is asked to stop, and asks itself.
//!
//! ```text
//! $ cargo run --example stop
//! 50 long tasks, 5 at work
//! stopping
//! 5 stopped half-way, 45 cancelled, 0 ran to their end
//! ```

use std::{error::Error, sync::mpsc, thread, time::Duration};

use concurrent_futures::{Cancelled, Shutdown, TaskError, ThreadPoolExecutor, check_cancelled};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(5).build()?;
    let (started, starts) = mpsc::channel();

    let futures: Vec<_> = (0..50)
        .map(|_| {
            let started = started.clone();
            pool.try_submit(move || {
                let _ = started.send(());
                long_work()
            })
        })
        .collect();
    for _ in 0..5 {
        starts.recv()?;
    }
    println!("50 long tasks, 5 at work");

    println!("stopping");
    // If a task did not ask, the error after a minute would name it.
    let how = Shutdown::new().cancel_futures().cancel_running();
    pool.shutdown_with(how.timeout(Duration::from_secs(60)))?;

    let (mut ended, mut stopped, mut cancelled) = (0, 0, 0);
    for future in futures {
        match future.result() {
            Ok(()) => ended += 1,
            Err(TaskError::Failed(_)) => stopped += 1,
            Err(_) => cancelled += 1,
        }
    }
    println!("{stopped} stopped half-way, {cancelled} cancelled, {ended} ran to their end");
    Ok(())
}

/// A thousand steps, each of which asks before it begins.
fn long_work() -> Result<(), Cancelled> {
    for _ in 0..1000 {
        step()?;
    }
    Ok(())
}

fn step() -> Result<(), Cancelled> {
    check_cancelled()?;
    thread::sleep(Duration::from_millis(10));
    Ok(())
}

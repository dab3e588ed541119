//! Leave a callback with a future: it is called once, whatever becomes of the task.
//!
//! It runs on the worker that finishes the task, or on the thread that cancels it.
//!
//! ```text
//! $ cargo run --example callbacks
//! 4: cancelled before it started
//! 1: weighs 10 g
//! 1: this was the second callback
//! 2: cannot be weighed: too heavy
//! 3: weighs 30 g
//! all callbacks have run
//! ```

use std::error::Error;

use concurrent_futures::{TaskError, ThreadPoolExecutor};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(1).build()?;
    // The worker is kept busy until the callbacks are in place and parcel 4 is cancelled.
    let (go, gate) = std::sync::mpsc::channel::<()>();
    pool.submit(move || gate.recv());

    let futures: Vec<_> = (1..=4)
        .map(|parcel| pool.try_submit(move || weigh(parcel)))
        .collect();
    for (parcel, future) in (1..).zip(&futures) {
        future.add_done_callback(move |outcome| match outcome {
            Ok(grams) => println!("{parcel}: weighs {grams} g"),
            Err(TaskError::Cancelled) => println!("{parcel}: cancelled before it started"),
            Err(error) => println!("{parcel}: cannot be weighed: {error}"),
        });
    }
    futures[0].add_done_callback(|_| println!("1: this was the second callback"));

    futures[3].cancel();
    go.send(())?;
    pool.shutdown();
    println!("all callbacks have run");
    Ok(())
}

fn weigh(parcel: u32) -> Result<u32, &'static str> {
    if parcel == 2 {
        Err("too heavy")
    } else {
        Ok(parcel * 10)
    }
}

//! Results as they come, each with the key of its task.
//!
//! A future may travel in a pair with whatever belongs to it.
//!
//! ```text
//! $ cargo run --example as_completed
//! Dora: 2 letters waiting
//! Boris: 4 letters waiting
//! Chen: no such mailbox
//! Anna: 7 letters waiting
//! ```

use std::{error::Error, thread, time::Duration};

use concurrent_futures::{ThreadPoolExecutor, as_completed};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(4).build()?;

    let names = ["Anna", "Boris", "Chen", "Dora"];
    let futures = names.map(|name| (name, pool.try_submit(move || letters(name))));

    for (name, future) in as_completed(futures) {
        match future.result() {
            Ok(count) => println!("{name}: {count} letters waiting"),
            Err(error) => println!("{name}: {error}"),
        }
    }
    Ok(())
}

/// Stands for a question to a mail server.
fn letters(name: &str) -> Result<u32, &'static str> {
    let (millis, answer) = match name {
        "Anna" => (400, Ok(7)),
        "Boris" => (200, Ok(4)),
        "Dora" => (100, Ok(2)),
        _ => (300, Err("no such mailbox")),
    };
    thread::sleep(Duration::from_millis(millis));
    answer
}

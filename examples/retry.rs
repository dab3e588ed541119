//! Try again: three attempts with a pause between them.
//!
//! ```text
//! $ cargo run --example retry
//! printer 0: succeeded at attempt 1
//! printer 1: succeeded at attempt 2
//! printer 2: succeeded at attempt 3
//! printer 3: exhausted: out of paper (attempt 3)
//! printer 4: succeeded at attempt 1
//! printer 5: succeeded at attempt 2
//! printer 6: succeeded at attempt 3
//! printer 7: exhausted: out of paper (attempt 3)
//! 6 succeeded, 2 exhausted
//! ```

use std::{error::Error, thread, time::Duration};

use concurrent_futures::ThreadPoolExecutor;

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(4).build()?;
    let pause = Duration::from_millis(100);

    let futures: Vec<_> = (0..8)
        .map(|printer| pool.try_submit(move || retry(3, pause, |attempt| print(printer, attempt))))
        .collect();

    let (mut succeeded, mut exhausted) = (0, 0);
    for (printer, future) in futures.into_iter().enumerate() {
        match future.result() {
            Ok(attempt) => {
                succeeded += 1;
                println!("printer {printer}: succeeded at attempt {attempt}");
            }
            Err(error) => {
                exhausted += 1;
                println!("printer {printer}: exhausted: {error}");
            }
        }
    }
    println!("{succeeded} succeeded, {exhausted} exhausted");
    Ok(())
}

/// Calls `attempt` with 1, 2, ... until it succeeds or has failed `attempts` times.
fn retry<T, E>(
    attempts: u32,
    pause: Duration,
    mut attempt: impl FnMut(u32) -> Result<T, E>,
) -> Result<T, E> {
    for number in 1..attempts {
        if let Ok(value) = attempt(number) {
            return Ok(value);
        }
        thread::sleep(pause);
    }
    attempt(attempts)
}

/// Stands for a device that works only at the first, second, third, or fourth attempt.
fn print(printer: u32, attempt: u32) -> Result<u32, String> {
    if attempt > printer % 4 {
        Ok(attempt)
    } else {
        Err(format!("out of paper (attempt {attempt})"))
    }
}

//! Submit a task, go on with something else, ask for the result.
//!
//! ```text
//! $ cargo run --example hello
//! submitted
//! 6 x 7 = 42
//! "forty" is no number: invalid digit found in string
//! ```

use std::{error::Error, thread, time::Duration};

use concurrent_futures::ThreadPoolExecutor;

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::new();

    let product = pool.submit(|| slow_product(6, 7));
    println!("submitted");
    println!("6 x 7 = {}", product.result()?);

    // A task that returns a Result: its Err is what `result` returns.
    let number = pool.try_submit(|| "forty".parse::<u32>());
    match number.result() {
        Ok(number) => println!("the number is {number}"),
        Err(error) => println!("\"forty\" is no number: {error}"),
    }
    Ok(())
}

fn slow_product(a: u32, b: u32) -> u32 {
    thread::sleep(Duration::from_millis(100));
    a * b
}

//! Follow-up tasks: what is to be done with a result as soon as it is there.
//!
//! ```text
//! $ cargo run --example follow_up
//! "12 apples" -> 12 apples, 3 boxes of 4
//! "x pears" -> no count: invalid digit found in string
//! "8 plums" -> 8 plums, 2 boxes of 4
//! 2 of 10 measurements were high enough for a second task
//! ```

use std::{error::Error, num::ParseIntError};

use concurrent_futures::{ThreadPoolExecutor, as_completed};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(5).build()?;

    // A chain for each input. An error skips the rest of its chain.
    let inputs = ["12 apples", "x pears", "8 plums"];
    let orders = inputs.map(|input| {
        let words = pool.try_submit(move || Ok(input.split_once(' ').unwrap_or((input, ""))));
        let order =
            words.try_then(|(count, fruit)| Ok::<_, ParseIntError>((count.parse()?, fruit)));
        (input, order.then(|(count, fruit)| pack(count, fruit)))
    });
    for (input, order) in orders {
        match order.result() {
            Ok(packed) => println!("{input:?} -> {packed}"),
            Err(error) => println!("{input:?} -> no count: {error}"),
        }
    }

    // A second task for some results only: submit it while the others are still on their way.
    let mut second = Vec::new();
    let first: Vec<_> = (0..10)
        .map(|number| pool.submit(move || measure(number)))
        .collect();
    for future in as_completed(first) {
        let value = future.result()?;
        if value > 75 {
            second.push(pool.submit(move || value - 75));
        }
    }
    println!(
        "{} of 10 measurements were high enough for a second task",
        second.len()
    );
    Ok(())
}

fn pack(count: u32, fruit: &str) -> String {
    format!("{count} {fruit}, {} boxes of 4", count / 4)
}

fn measure(number: u32) -> u32 {
    number * 37 % 100
}

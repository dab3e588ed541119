//! A map from futures to their inputs, for code that gets only the futures.
//!
//! A future has an id that can be the key of a map. Pairs, as in `as_completed`, are simpler where
//! they are possible.
//!
//! ```text
//! $ cargo run --example future_ids
//! 2 squared is 4
//! 1 squared is 1
//! 3 squared is 9
//! ```

use std::{collections::HashMap, error::Error, thread, time::Duration};

use concurrent_futures::{Future, ThreadPoolExecutor, as_completed};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::new();
    let mut inputs = HashMap::new();
    let mut futures: Vec<Future<u64>> = Vec::new();

    for (number, millis) in [(1, 200), (2, 100), (3, 300)] {
        let future = pool.submit(move || {
            thread::sleep(Duration::from_millis(millis));
            number * number
        });
        inputs.insert(future.id(), number);
        futures.push(future);
    }

    for future in as_completed(futures) {
        let number = inputs[&future.id()];
        println!("{number} squared is {}", future.result()?);
    }
    Ok(())
}

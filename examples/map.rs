//! One function for many inputs: the results come in the order of the inputs.
//!
//! ```text
//! $ cargo run --example map
//! CLOUD
//! RAIN
//! SUN
//! 2 to the 3 = 8
//! 3 to the 4 = 81
//! 4 to the 5 = 1024
//! item 0 is ready in time
//! item 1 is late
//! ```

use std::{
    error::Error,
    iter::zip,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use concurrent_futures::ThreadPoolExecutor;

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(5).build()?;

    for word in pool.map(["cloud", "rain", "sun"], slow_uppercase) {
        println!("{}", word?);
    }

    // Two inputs go in as pairs.
    let powers = pool.map(zip([2_u32, 3, 4], [3_u32, 4, 5]), |(base, exponent)| {
        format!("{base} to the {exponent} = {}", base.pow(exponent))
    });
    for power in powers {
        println!("{}", power?);
    }

    // One limit for all results, counted from the call of `map`. Item 1 is late: it waits for main.
    let meeting = Arc::new(Barrier::new(2));
    let place = Arc::clone(&meeting);
    let numbers = pool.map(0..2, move |number| {
        if number == 1 {
            place.wait();
        }
        number
    });
    for outcome in numbers.timeout(Duration::from_secs(1)) {
        match outcome {
            Ok(number) => println!("item {number} is ready in time"),
            Err(error) if error.is_timeout() => println!("item {} is late", error.index()),
            Err(error) => return Err(error.into()),
        }
    }
    // The pool waits for its tasks when it is dropped, also for the late one.
    meeting.wait();
    Ok(())
}

fn slow_uppercase(word: &str) -> String {
    thread::sleep(Duration::from_millis(100));
    word.to_uppercase()
}

//! A progress bar: `as_completed` knows how many are left.
//!
//! ```text
//! $ cargo run --example progress
//! 40 letters sent, 820 g in all
//! ```
//!
//! On a terminal a bar shows how far it is, until all are sent:
//!
//! ```text
//! ████████████████████████████████████████ 40/40
//! ```

use std::{error::Error, thread, time::Duration};

use concurrent_futures::{ThreadPoolExecutor, as_completed};
use indicatif::{ProgressIterator as _, ProgressStyle};

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ThreadPoolExecutor::builder().max_workers(4).build()?;
    let letters: Vec<_> = (1..=40)
        .map(|grams| pool.submit(move || send(grams)))
        .collect();

    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}")?;
    let (mut sent, mut weight) = (0, 0);
    for letter in as_completed(letters).progress_with_style(style) {
        weight += letter.result()?;
        sent += 1;
    }
    println!("{sent} letters sent, {weight} g in all");
    Ok(())
}

fn send(grams: u64) -> u64 {
    thread::sleep(Duration::from_millis(grams * 7 % 90));
    grams
}

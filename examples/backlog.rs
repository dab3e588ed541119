//! A task for each line of an input that may be longer than memory: the backlog is bounded.
//!
//! ```text
//! $ cargo run --example backlog
//! 10000 lines, 48795 digits, at most 16 tasks pending
//! ```
//!
//! With a file as argument, or `-` for standard input, it reads that.

use std::{
    env,
    error::Error,
    fs::File,
    io::{self, BufRead, BufReader},
};

use concurrent_futures::{Future, ThreadPoolExecutor, as_completed};

const BACKLOG: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let lines: Box<dyn Iterator<Item = io::Result<String>>> = match env::args_os().nth(1) {
        None => Box::new((0..10_000_u64).map(|number| Ok((number * number % 99_991).to_string()))),
        Some(path) if path == "-" => Box::new(io::stdin().lock().lines()),
        Some(path) => Box::new(BufReader::new(File::open(path)?).lines()),
    };
    let pool = ThreadPoolExecutor::new();
    let (mut read, mut digits, mut most) = (0, 0, 0);

    let mut pending = as_completed(Vec::<Future<usize>>::new());
    for line in lines {
        let line = line?;
        read += 1;
        // Take one result out before the next task goes in.
        if pending.len() == BACKLOG {
            if let Some(future) = pending.next() {
                digits += future.result()?;
            }
        }
        pending.push(pool.submit(move || count_digits(&line)));
        most = most.max(pending.len());
    }
    for future in pending {
        digits += future.result()?;
    }
    println!("{read} lines, {digits} digits, at most {most} tasks pending");
    Ok(())
}

fn count_digits(line: &str) -> usize {
    line.chars().filter(char::is_ascii_digit).count()
}

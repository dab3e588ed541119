//! A pipeline of two stages, each with a pool of the size it needs.
//!
//! ```text
//! $ cargo run --example pipeline
//! lock.txt: 53 words, the longest is "destructor"
//! map.txt: 56 words, the longest is "nevertheless"
//! task.txt: 60 words, the longest is "somewhere"
//! 3 documents went through both stages
//! ```

use std::{error::Error, fs, io, path::Path};

use concurrent_futures::{ThreadPoolExecutor, as_completed};

fn main() -> Result<(), Box<dyn Error>> {
    // Reading waits for the disk, counting occupies a processor.
    let readers = ThreadPoolExecutor::builder()
        .max_workers(8)
        .thread_name_prefix("read");
    let counters = ThreadPoolExecutor::builder()
        .max_workers(2)
        .thread_name_prefix("count");
    let (readers, counters) = (readers.build()?, counters.build()?);

    let names = ["lock.txt", "map.txt", "task.txt"];
    let texts = names.map(|name| (name, readers.try_submit(move || read(name))));

    // Each text moves on as soon as it is read, while others are still being read.
    let mut counts = Vec::new();
    for (name, text) in as_completed(texts) {
        let text = text.result()?;
        counts.push((name, counters.submit(move || count(&text))));
    }
    let mut through = 0;
    for (name, future) in as_completed(counts) {
        let (words, longest) = future.result()?;
        println!("{name}: {words} words, the longest is {longest:?}");
        through += 1;
    }
    println!("{through} documents went through both stages");
    Ok(())
}

fn read(name: &str) -> io::Result<String> {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("documents")
            .join(name),
    )
}

fn count(text: &str) -> (usize, String) {
    let longest = text
        .split(|c: char| !c.is_alphabetic())
        .max_by_key(|word| word.len());
    (
        text.split_whitespace().count(),
        longest.unwrap_or_default().to_owned(),
    )
}

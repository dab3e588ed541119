//! Read all files of a folder: one line for each, in the order of their names.
//!
//! ```text
//! $ cargo run --example read_files
//!    lines  characters  file
//!        8         296  await.txt
//!        9         366  callback.txt
//! ...
//!        8         325  worker.txt
//!      200        8187  24 files
//! ```
//!
//! With an argument it reads that folder. A file that is no text gets a line that says so.

use std::{env, error::Error, fs, io, path::PathBuf};

use concurrent_futures::ThreadPoolExecutor;

fn main() -> Result<(), Box<dyn Error>> {
    let documents = concat!(env!("CARGO_MANIFEST_DIR"), "/documents");
    let folder = env::args_os().nth(1).unwrap_or(documents.into());
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();

    let pool = ThreadPoolExecutor::builder().max_workers(10).build()?;
    let (mut files, mut all_lines, mut all_characters) = (0, 0, 0);
    println!("{:>8}  {:>10}  file", "lines", "characters");
    // The function returns the error as a value: one bad file must not end the whole iteration.
    for count in pool.map(paths, |path| (measure(&path), path)) {
        let (count, path) = count?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match count {
            Ok((lines, characters)) => {
                println!("{lines:8}  {characters:10}  {name}");
                files += 1;
                all_lines += lines;
                all_characters += characters;
            }
            Err(error) => println!("{:>20}  {name}: {error}", "-"),
        }
    }
    println!("{all_lines:8}  {all_characters:10}  {files} files");
    Ok(())
}

fn measure(path: &PathBuf) -> io::Result<(usize, usize)> {
    let text = fs::read_to_string(path)?;
    Ok((text.lines().count(), text.chars().count()))
}
